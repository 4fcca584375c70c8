package dev.quintet.relay.account;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.relay.journal.DeviceListEntry;
import dev.quintet.relay.journal.Entry;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.store.Chapter;
import dev.quintet.relay.store.Page;
import dev.quintet.relay.store.Rows;
import dev.quintet.relay.store.Table;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The accounts' part of the image: a row for each, by account id.
 *
 * <p><b>Thread:</b> fold thread; {@link #load} on read threads.
 */
public final class AccountChapter implements Chapter<Account> {
    private static final Table TABLE = new Table("accounts");

    @Override
    public List<Table> tables() {
        return List.of(TABLE);
    }

    @Override
    public void fold(Entry entry, Page page) {
        if (entry.type() != EntryType.DEVICE_LIST) {
            return;
        }
        byte[] key = DeviceListEntry.account(entry.body()).toBytes();
        DeviceList list = Account.listOf(DeviceListEntry.signedList(entry.body()));
        LinkAlerts added = LinkAlerts.readFrom(ByteBuffer.wrap(DeviceListEntry.alerts(entry.body())));
        page.put(
                TABLE,
                key,
                folded(page.get(TABLE, key), list, entry.position(), added).toRow());
    }

    private static Account folded(byte[] before, DeviceList list, long position, LinkAlerts added) {
        if (before == null) {
            return new Account(list, position);
        }
        Account account = Account.ofRow(before);
        account.replaceList(list, position, added);
        return account;
    }

    @Override
    public Account load(AccountId account, Rows rows) {
        byte[] row = rows.get(TABLE, account.toBytes());
        return row == null ? null : Account.ofRow(row);
    }
}
