package dev.quintet.relay.account;

import dev.quintet.protocol.AccountId;
import io.netty.buffer.ByteBuf;

/**
 * Layout of a {@code LAST_SEEN} entry: a device was connected; or, with an account of zeros, the relay itself was there.
 *
 * <pre>
 *   0  account   16
 *  16  device     4
 *  20  when       8   milliseconds since 1970
 * </pre>
 */
final class LastSeenEntry {
    static final int BYTES = 28;
    /** Stands for the relay itself, in place of an account. */
    static final AccountId RELAY = new AccountId(0, 0);

    private static final int DEVICE = 16;
    private static final int WHEN = 20;

    private LastSeenEntry() {}

    static void write(ByteBuf entry, AccountId account, int device, long atMillis) {
        account.writeTo(entry);
        entry.writeInt(device).writeLong(atMillis);
    }

    static AccountId account(ByteBuf entry) {
        return AccountId.at(entry, entry.readerIndex());
    }

    static int device(ByteBuf entry) {
        return entry.getInt(entry.readerIndex() + DEVICE);
    }

    static long atMillis(ByteBuf entry) {
        return entry.getLong(entry.readerIndex() + WHEN);
    }
}
