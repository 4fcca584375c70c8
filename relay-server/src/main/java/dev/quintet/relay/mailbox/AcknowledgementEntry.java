package dev.quintet.relay.mailbox;

import dev.quintet.protocol.AccountId;
import io.netty.buffer.ByteBuf;

/**
 * Layout of an {@code ACKNOWLEDGEMENT} entry.
 *
 * <pre>
 *   0  account     16
 *  16  device       4
 *  20  sequence     8   everything up to it is gone
 *  28  bytes        8   the ciphertexts that are gone
 * </pre>
 */
final class AcknowledgementEntry {
    static final int BYTES = 36;

    private AcknowledgementEntry() {}

    static void write(ByteBuf entry, AccountId account, int device, long sequence, long bytes) {
        account.writeTo(entry);
        entry.writeInt(device).writeLong(sequence).writeLong(bytes);
    }

    static AccountId account(ByteBuf entry) {
        return AccountId.at(entry, entry.readerIndex());
    }

    static int device(ByteBuf entry) {
        return entry.getInt(entry.readerIndex() + 16);
    }

    static long sequence(ByteBuf entry) {
        return entry.getLong(entry.readerIndex() + 20);
    }

    static long bytes(ByteBuf entry) {
        return entry.getLong(entry.readerIndex() + 28);
    }
}
