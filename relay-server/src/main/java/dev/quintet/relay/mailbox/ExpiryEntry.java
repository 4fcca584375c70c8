package dev.quintet.relay.mailbox;

import dev.quintet.protocol.AccountId;
import io.netty.buffer.ByteBuf;

/**
 * Layout of an {@code EXPIRY} entry: envelopes of one mailbox that turn into gaps.
 *
 * <pre>
 *   0  account     16
 *  16  device       4
 *  20  next expiry  8   nothing else that waits expires before, in milliseconds since 1970
 *  28  per envelope: sequence 8
 * </pre>
 */
final class ExpiryEntry {
    /** Most envelopes in one entry. */
    static final int MAX_SEQUENCES = 1024;

    static final int HEAD_BYTES = 28;

    private ExpiryEntry() {}

    static void write(ByteBuf entry, AccountId account, int device, long nextExpiryMillis, long[] sequences) {
        account.writeTo(entry);
        entry.writeInt(device).writeLong(nextExpiryMillis);
        for (long sequence : sequences) {
            entry.writeLong(sequence);
        }
    }

    static AccountId account(ByteBuf entry) {
        return AccountId.at(entry, entry.readerIndex());
    }

    static int device(ByteBuf entry) {
        return entry.getInt(entry.readerIndex() + 16);
    }

    static long nextExpiryMillis(ByteBuf entry) {
        return entry.getLong(entry.readerIndex() + 20);
    }

    static int count(ByteBuf entry) {
        return (entry.readableBytes() - HEAD_BYTES) / Long.BYTES;
    }

    static long sequence(ByteBuf entry, int index) {
        return entry.getLong(entry.readerIndex() + HEAD_BYTES + index * Long.BYTES);
    }
}
