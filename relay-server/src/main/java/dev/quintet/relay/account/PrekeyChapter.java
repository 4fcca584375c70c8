package dev.quintet.relay.account;

import dev.quintet.protocol.AccountId;
import dev.quintet.relay.journal.DeviceListEntry;
import dev.quintet.relay.journal.Entry;
import dev.quintet.relay.journal.LoggedOutEntry;
import dev.quintet.relay.store.Chapter;
import dev.quintet.relay.store.Page;
import dev.quintet.relay.store.Rows;
import dev.quintet.relay.store.Table;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * The keys' part of the image: a row for each device, which is loaded with the account, and one for each one-time prekey
 * that waits, which is not.
 *
 * <p><b>Thread:</b> fold thread; {@link #load} on read threads.
 */
public final class PrekeyChapter implements Chapter<AccountPrekeys> {
    @Override
    public List<Table> tables() {
        return List.of(PrekeyQueue.TABLE, PrekeyRow.TABLE);
    }

    @Override
    public void fold(Entry entry, Page page) {
        ByteBuf body = entry.body();
        switch (entry.type()) {
            case PREKEYS -> foldUpload(body, page);
            case PREKEYS_HANDED_OUT -> foldHandedOut(body, page);
            case DEVICE_LIST -> foldDeviceList(body, page);
            case LOGGED_OUT -> foldLoggedOut(body, page);
            default -> {}
        }
    }

    private static void foldUpload(ByteBuf body, Page page) {
        AccountId account = PrekeyEntry.account(body);
        int device = PrekeyEntry.device(body);
        byte[] key = PrekeyQueue.key(account, device);
        PrekeyQueue queue = PrekeyQueue.ofRow(device, page.get(PrekeyQueue.TABLE, key));
        long first = PrekeyEntry.firstIndex(body);
        int count = PrekeyEntry.count(body);
        queue.put(
                PrekeyEntry.signedPrekey(body),
                PrekeyEntry.lastResort(body),
                first,
                count,
                PrekeyEntry.highestId(body));
        page.put(PrekeyQueue.TABLE, key, queue.toRow());
        int[] offsets = PrekeyEntry.offsets(body);
        // What is gone already stays so when the entry is folded a second time.
        for (int index = (int) Math.max(0, queue.first() - first); index < count; index++) {
            byte[] prekey = PrekeyEntry.bytes(body, offsets[index], offsets[index + 1] - offsets[index]);
            page.put(PrekeyRow.TABLE, PrekeyRow.key(account, device, first + index), prekey);
        }
    }

    private static void foldHandedOut(ByteBuf body, Page page) {
        AccountId account = HandedOutEntry.account(body);
        for (int index = 0; index < HandedOutEntry.deviceCount(body); index++) {
            int device = HandedOutEntry.device(body, index);
            byte[] key = PrekeyQueue.key(account, device);
            PrekeyQueue queue = PrekeyQueue.ofRow(device, page.get(PrekeyQueue.TABLE, key));
            long next = HandedOutEntry.nextIndex(body, index);
            for (long gone = queue.first(); gone < next; gone++) {
                page.delete(PrekeyRow.TABLE, PrekeyRow.key(account, device, gone));
            }
            queue.handOut(next);
            queue.setTold(HandedOutEntry.isTold(body, index));
            page.put(PrekeyQueue.TABLE, key, queue.toRow());
        }
    }

    private static void foldDeviceList(ByteBuf body, Page page) {
        AccountId account = DeviceListEntry.account(body);
        for (int index = 0; index < DeviceListEntry.removedCount(body); index++) {
            end(account, DeviceListEntry.removed(body, index), page);
        }
    }

    private static void foldLoggedOut(ByteBuf body, Page page) {
        if (LoggedOutEntry.logOut(body).isSealed()) {
            return;
        }
        AccountId account = LoggedOutEntry.account(body);
        for (int index = 0; index < LoggedOutEntry.deviceCount(body); index++) {
            end(account, LoggedOutEntry.device(body, index), page);
        }
    }

    private static void end(AccountId account, int device, Page page) {
        byte[] key = PrekeyQueue.key(account, device);
        page.delete(PrekeyQueue.TABLE, key);
        page.deleteAll(PrekeyRow.TABLE, key);
    }

    @Override
    public AccountPrekeys load(AccountId account, Rows rows) {
        AccountPrekeys keys = new AccountPrekeys(account);
        rows.scanAll(
                PrekeyQueue.TABLE,
                account.toBytes(),
                (key, value) -> keys.add(PrekeyQueue.ofRow(PrekeyQueue.device(key), value)));
        return keys.isEmpty() ? null : keys;
    }

    @Override
    public int weigh(AccountPrekeys keys) {
        return keys.weight();
    }
}
