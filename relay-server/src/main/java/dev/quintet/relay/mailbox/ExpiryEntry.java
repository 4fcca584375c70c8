package dev.quintet.relay.mailbox;

import dev.quintet.protocol.AccountId;
import io.netty.buffer.ByteBuf;

/**
 * Layout of an {@code EXPIRY} entry: envelopes of one mailbox that turn into gaps.
 *
 * <pre>
 *   0  account     16
 *  16  device       4
 *  20  per envelope: sequence 8
 * </pre>
 */
final class ExpiryEntry {
    /** Most envelopes in one entry. */
    static final int MAX_SEQUENCES = 1024;

    static final int HEAD_BYTES = 20;

    private ExpiryEntry() {}

    static void writeHead(ByteBuf entry, AccountId account, int device) {
        account.writeTo(entry);
        entry.writeInt(device);
    }

    static AccountId account(ByteBuf entry) {
        return AccountId.at(entry, entry.readerIndex());
    }

    static int device(ByteBuf entry) {
        return entry.getInt(entry.readerIndex() + 16);
    }

    static int count(ByteBuf entry) {
        return (entry.readableBytes() - HEAD_BYTES) / Long.BYTES;
    }

    static long sequence(ByteBuf entry, int index) {
        return entry.getLong(entry.readerIndex() + HEAD_BYTES + index * Long.BYTES);
    }
}
