package dev.quintet.relay.account;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.Handle;
import dev.quintet.relay.journal.Entry;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.store.Chapter;
import dev.quintet.relay.store.Page;
import dev.quintet.relay.store.Rows;
import dev.quintet.relay.store.Table;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The handles' part of the image: by account the handle that it has, and by handle the account, see {@link NameRows}.
 *
 * <p><b>Thread:</b> fold thread; {@link #load} on read threads.
 */
public final class HandleChapter implements Chapter<HandleChapter.Held> {
    private static final Table BY_ACCOUNT = new Table("handles");
    private static final NameRows BY_HANDLE = new NameRows(new Table("accounts_by_handle"));

    /**
     * The handle of an account.
     *
     * @param handle null if it has given it up
     * @param position of the newest entry; negative if it was read from the image
     */
    record Held(Handle handle, long position) {}

    /** The rows by handle. */
    public NameRows names() {
        return BY_HANDLE;
    }

    @Override
    public List<Table> tables() {
        return List.of(BY_ACCOUNT, BY_HANDLE.table());
    }

    @Override
    public void fold(Entry entry, Page page) {
        if (entry.type() != EntryType.HANDLE) {
            return;
        }
        AccountId account = HandleEntry.account(entry.body());
        Handle next = HandleEntry.handle(entry.body());
        byte[] key = account.toBytes();
        byte[] before = page.get(BY_ACCOUNT, key);
        if (before != null) {
            BY_HANDLE.remove(page, before, account);
        }
        if (next == null) {
            page.delete(BY_ACCOUNT, key);
        } else {
            page.put(BY_ACCOUNT, key, next.toBytes());
            BY_HANDLE.put(page, next.toBytes(), account);
        }
    }

    @Override
    public Held load(AccountId account, Rows rows) {
        byte[] handle = rows.get(BY_ACCOUNT, account.toBytes());
        return handle == null ? null : new Held(Handle.of(new String(handle, StandardCharsets.UTF_8)), -1);
    }

    @Override
    public int weigh(Held held) {
        return 128;
    }
}
