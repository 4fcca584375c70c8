package dev.quintet.relay.account;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.relay.journal.DeviceListEntry;
import dev.quintet.relay.journal.Entry;
import dev.quintet.relay.journal.LoggedOutEntry;
import dev.quintet.relay.store.Chapter;
import dev.quintet.relay.store.Page;
import dev.quintet.relay.store.Rows;
import dev.quintet.relay.store.Table;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The accounts' part of the image: a row for each, by account id; by identity key the account that has it, see {@link
 * NameRows}; and one row of no account, the newest time that {@link
 * GuardedClock} has noted, for the next start.
 *
 * <p><b>Thread:</b> fold thread; {@link #load} on read threads.
 */
public final class AccountChapter implements Chapter<Account> {
    private static final Table TABLE = new Table("accounts");
    private static final NameRows BY_IDENTITY_KEY = new NameRows(new Table("accounts_by_identity_key"));
    private static final Table CLOCK = new Table("clock");
    private static final byte[] NEWEST = "newest.time.seen".getBytes(StandardCharsets.US_ASCII);

    @Override
    public List<Table> tables() {
        return List.of(TABLE, BY_IDENTITY_KEY.table(), CLOCK);
    }

    /** The rows by identity key. */
    public NameRows identityKeys() {
        return BY_IDENTITY_KEY;
    }

    /** The newest time that was noted, or 0 if none was. */
    public static long newestMillis(Rows rows) {
        byte[] row = rows.get(CLOCK, NEWEST);
        return row == null ? 0 : ByteBuffer.wrap(row).getLong();
    }

    @Override
    public void fold(Entry entry, Page page) {
        ByteBuf body = entry.body();
        switch (entry.type()) {
            case DEVICE_LIST -> foldDeviceList(body, entry.position(), page);
            case LAST_SEEN -> foldLastSeen(body, page);
            case LOGGED_OUT -> foldLoggedOut(body, entry.position(), page);
            default -> {}
        }
    }

    private static void foldDeviceList(ByteBuf body, long position, Page page) {
        byte[] key = DeviceListEntry.account(body).toBytes();
        long atMillis = DeviceListEntry.atMillis(body);
        DeviceList list = Account.listOf(DeviceListEntry.signedList(body));
        LinkAlerts added = LinkAlerts.readFrom(ByteBuffer.wrap(DeviceListEntry.alerts(body)));
        Account account = account(page, key);
        if (account == null) {
            foldIdentityKeys(null, list, page);
            account = new Account(list, position, atMillis);
        } else if (list.version() > account.list().version()) {
            foldIdentityKeys(account.list(), list, page);
            account.replaceList(list, position, atMillis, added);
        }
        page.put(TABLE, key, account.toRow());
    }

    private static void foldIdentityKeys(DeviceList before, DeviceList list, Page page) {
        AccountId account = list.account();
        if (before != null) {
            IdentityKeys.onlyIn(before, list).forEach(key -> BY_IDENTITY_KEY.remove(page, key.toBytes(), account));
        }
        IdentityKeys.onlyIn(list, before).forEach(key -> BY_IDENTITY_KEY.put(page, key.toBytes(), account));
    }

    private static void foldLastSeen(ByteBuf body, Page page) {
        long atMillis = LastSeenEntry.atMillis(body);
        if (LastSeenEntry.account(body).equals(LastSeenEntry.RELAY)) {
            page.put(
                    CLOCK,
                    NEWEST,
                    ByteBuffer.allocate(Long.BYTES).putLong(atMillis).array());
            return;
        }
        byte[] key = LastSeenEntry.account(body).toBytes();
        Account account = account(page, key);
        if (account != null) {
            account.seenJournaled(LastSeenEntry.device(body), atMillis);
            page.put(TABLE, key, account.toRow());
        }
    }

    private static void foldLoggedOut(ByteBuf body, long position, Page page) {
        byte[] key = LoggedOutEntry.account(body).toBytes();
        Account account = account(page, key);
        if (account != null && account.list().version() == LoggedOutEntry.version(body)) {
            List<Integer> devices = IntStream.range(0, LoggedOutEntry.deviceCount(body))
                    .mapToObj(index -> LoggedOutEntry.device(body, index))
                    .toList();
            account.logOut(devices, LoggedOutEntry.logOut(body), position);
            page.put(TABLE, key, account.toRow());
        }
    }

    private static Account account(Page page, byte[] key) {
        byte[] row = page.get(TABLE, key);
        return row == null ? null : Account.ofRow(row);
    }

    @Override
    public Account load(AccountId account, Rows rows) {
        byte[] row = rows.get(TABLE, account.toBytes());
        return row == null ? null : Account.ofRow(row);
    }
}
