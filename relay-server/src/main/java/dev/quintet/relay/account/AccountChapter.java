package dev.quintet.relay.account;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.SignedDeviceList;
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
 * The accounts' part of the image.
 *
 * <pre>
 * key    account 16
 * value  highest device number ever used 4, serialized SignedDeviceList
 * </pre>
 *
 * <p><b>Thread:</b> fold thread; {@link #load} on read threads.
 */
public final class AccountChapter implements Chapter<Account> {
    private static final Table TABLE = new Table("accounts");
    private static final long IN_IMAGE = -1;

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
        byte[] before = page.get(TABLE, key);
        byte[] signedList = DeviceListEntry.signedList(entry.body());
        int highest = Math.max(
                before == null ? 0 : highestDevice(before), read(signedList).highestNumber());
        byte[] row = ByteBuffer.allocate(Integer.BYTES + signedList.length)
                .putInt(highest)
                .put(signedList)
                .array();
        page.put(TABLE, key, row);
    }

    @Override
    public Account load(AccountId account, Rows rows) {
        byte[] row = rows.get(TABLE, account.toBytes());
        if (row == null) {
            return null;
        }
        byte[] signedList = new byte[row.length - Integer.BYTES];
        System.arraycopy(row, Integer.BYTES, signedList, 0, signedList.length);
        return new Account(read(signedList), highestDevice(row), IN_IMAGE);
    }

    private static int highestDevice(byte[] row) {
        return ByteBuffer.wrap(row).getInt();
    }

    private static DeviceList read(byte[] signedList) {
        try {
            return DeviceList.parseKnown(SignedDeviceList.parseFrom(signedList));
        } catch (InvalidProtocolBufferException broken) {
            throw new IllegalStateException("a device list on disk is not what was stored", broken);
        }
    }
}
