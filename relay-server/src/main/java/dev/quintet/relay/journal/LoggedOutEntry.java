package dev.quintet.relay.journal;

import dev.quintet.protocol.AccountId;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * Layout of a {@code LOGGED_OUT} entry, which more than one room folds: the account leaves the devices out; unless they are
 * sealed, their mailboxes and keys end.
 *
 * <p>It may come a second time for the same devices, to end what was sealed.
 *
 * <pre>
 *   0  account                 16
 *  16  version of the list      8   which has the devices
 *  24  when                     8   milliseconds since 1970
 *  32  reason                   1   {@link LogOutReason}
 *  33  sealed                   1   1: mailboxes and keys stay for now
 *  34  per device: number       4   rising
 * </pre>
 */
public final class LoggedOutEntry {
    private static final int VERSION = 16;
    private static final int AT = 24;
    private static final int REASON = 32;
    private static final int SEALED = 33;
    private static final int DEVICES = 34;

    private LoggedOutEntry() {}

    /**
     * What an entry says of its devices.
     *
     * @param reason why they are out
     * @param atMillis since when, by the relay's clock
     * @param isSealed whether their mailboxes and keys stay
     */
    public record LogOut(LogOutReason reason, long atMillis, boolean isSealed) {}

    /** Appends the entry. */
    public static void write(ByteBuf entry, AccountId account, long version, LogOut logOut, List<Integer> devices) {
        account.writeTo(entry);
        entry.writeLong(version).writeLong(logOut.atMillis());
        entry.writeByte(logOut.reason().number()).writeBoolean(logOut.isSealed());
        devices.forEach(entry::writeInt);
    }

    /** Whose devices they are. */
    public static AccountId account(ByteBuf entry) {
        return AccountId.at(entry, entry.readerIndex());
    }

    /** Version of the list of which they are logged out. */
    public static long version(ByteBuf entry) {
        return entry.getLong(entry.readerIndex() + VERSION);
    }

    /** What it says of each. */
    public static LogOut logOut(ByteBuf entry) {
        int start = entry.readerIndex();
        return new LogOut(
                LogOutReason.of(entry.getByte(start + REASON)),
                entry.getLong(start + AT),
                entry.getBoolean(start + SEALED));
    }

    /** How many devices. */
    public static int deviceCount(ByteBuf entry) {
        return (entry.readableBytes() - DEVICES) / Integer.BYTES;
    }

    /** Number of the device at {@code index}. */
    public static int device(ByteBuf entry, int index) {
        return entry.getInt(entry.readerIndex() + DEVICES + index * Integer.BYTES);
    }
}
