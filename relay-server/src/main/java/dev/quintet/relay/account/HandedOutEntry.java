package dev.quintet.relay.account;

import dev.quintet.protocol.AccountId;
import io.netty.buffer.ByteBuf;

/**
 * Layout of a {@code PREKEYS_HANDED_OUT} entry: how far the queues of an account's devices have come.
 *
 * <pre>
 *   0  account                            16
 *  16  per device: number                  4
 *                  index of the next one   8   all before it are gone
 *                  owner was told          1   1 if it knows that the queue is empty
 * </pre>
 */
final class HandedOutEntry {
    private static final int DEVICES = 16;
    private static final int DEVICE_BYTES = 13;

    private HandedOutEntry() {}

    static void writeHead(ByteBuf entry, AccountId account) {
        account.writeTo(entry);
    }

    static void writeDevice(ByteBuf entry, int device, long nextIndex, boolean isTold) {
        entry.writeInt(device).writeLong(nextIndex).writeBoolean(isTold);
    }

    static AccountId account(ByteBuf entry) {
        return AccountId.at(entry, entry.readerIndex());
    }

    static int deviceCount(ByteBuf entry) {
        return (entry.readableBytes() - DEVICES) / DEVICE_BYTES;
    }

    static int device(ByteBuf entry, int index) {
        return entry.getInt(at(entry, index));
    }

    static long nextIndex(ByteBuf entry, int index) {
        return entry.getLong(at(entry, index) + 4);
    }

    static boolean isTold(ByteBuf entry, int index) {
        return entry.getBoolean(at(entry, index) + 12);
    }

    private static int at(ByteBuf entry, int index) {
        return entry.readerIndex() + DEVICES + index * DEVICE_BYTES;
    }
}
