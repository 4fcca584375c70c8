package dev.quintet.relay.journal;

import dev.quintet.protocol.AccountId;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * Layout of a {@code DEVICE_LIST} entry, the one entry that more than one room folds: the account takes the list, the
 * mailboxes of the removed devices end.
 *
 * <pre>
 *   0  account            16
 *  16  when                8   milliseconds since 1970
 *  24  removed devices     1
 *  25  per removed device: number 4
 *      length of the alerts    2
 *      alerts of the devices that it adds, the account's
 *      the signed list, a serialized SignedDeviceList
 * </pre>
 */
public final class DeviceListEntry {
    private static final int AT = 16;
    private static final int REMOVED = 24;
    private static final int FIRST_REMOVED = 25;

    private DeviceListEntry() {}

    /** Appends the entry; {@code atMillis} is when the relay took the list, by its own clock. */
    public static void write(
            ByteBuf entry, AccountId account, long atMillis, List<Integer> removed, byte[] alerts, byte[] signedList) {
        account.writeTo(entry);
        entry.writeLong(atMillis);
        entry.writeByte(removed.size());
        removed.forEach(entry::writeInt);
        entry.writeShort(alerts.length);
        entry.writeBytes(alerts);
        entry.writeBytes(signedList);
    }

    /** Whose list it is. */
    public static AccountId account(ByteBuf entry) {
        return AccountId.at(entry, entry.readerIndex());
    }

    /** When the relay took it. */
    public static long atMillis(ByteBuf entry) {
        return entry.getLong(entry.readerIndex() + AT);
    }

    /** How many devices this list removes. */
    public static int removedCount(ByteBuf entry) {
        return entry.getUnsignedByte(entry.readerIndex() + REMOVED);
    }

    /** Number of the removed device at {@code index}. */
    public static int removed(ByteBuf entry, int index) {
        return entry.getInt(entry.readerIndex() + FIRST_REMOVED + index * Integer.BYTES);
    }

    /** The serialized SignedDeviceList. */
    public static byte[] signedList(ByteBuf entry) {
        int alerts = alertsStart(entry);
        int start = alerts + Short.BYTES + alertsLength(entry, alerts);
        return bytes(entry, start, entry.readableBytes() - start);
    }

    /** What the account's devices are to be told of those that this list adds. */
    public static byte[] alerts(ByteBuf entry) {
        int start = alertsStart(entry);
        return bytes(entry, start + Short.BYTES, alertsLength(entry, start));
    }

    private static int alertsStart(ByteBuf entry) {
        return FIRST_REMOVED + removedCount(entry) * Integer.BYTES;
    }

    private static int alertsLength(ByteBuf entry, int start) {
        return entry.getUnsignedShort(entry.readerIndex() + start);
    }

    private static byte[] bytes(ByteBuf entry, int start, int length) {
        byte[] bytes = new byte[length];
        entry.getBytes(entry.readerIndex() + start, bytes);
        return bytes;
    }
}
