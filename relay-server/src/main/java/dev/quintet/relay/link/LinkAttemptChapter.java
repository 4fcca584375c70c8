package dev.quintet.relay.link;

import dev.quintet.protocol.AccountId;
import dev.quintet.relay.journal.Entry;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.store.Chapter;
import dev.quintet.relay.store.Page;
import dev.quintet.relay.store.Rows;
import dev.quintet.relay.store.Table;
import java.util.List;

/**
 * The link attempts' part of the image: for each account the times of the newest, 8 bytes each.
 *
 * <p><b>Thread:</b> fold thread; {@link #load} on read threads.
 */
public final class LinkAttemptChapter implements Chapter<AttemptTimes> {
    private static final Table TABLE = new Table("link_attempts");

    @Override
    public List<Table> tables() {
        return List.of(TABLE);
    }

    @Override
    public void fold(Entry entry, Page page) {
        if (entry.type() != EntryType.LINK_ATTEMPT) {
            return;
        }
        byte[] key = LinkAttemptEntry.account(entry.body()).toBytes();
        long atMillis = LinkAttemptEntry.atMillis(entry.body());
        byte[] before = page.get(TABLE, key);
        AttemptTimes times = before == null ? new AttemptTimes() : AttemptTimes.ofRow(before);
        page.put(TABLE, key, times.plus(atMillis).toRow());
    }

    @Override
    public AttemptTimes load(AccountId account, Rows rows) {
        byte[] row = rows.get(TABLE, account.toBytes());
        return row == null ? null : AttemptTimes.ofRow(row);
    }

    @Override
    public int weigh(AttemptTimes times) {
        return 64;
    }
}
