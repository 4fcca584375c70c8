package dev.quintet.relay.mailbox;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.wire.GapReason;
import dev.quintet.relay.store.Table;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/**
 * Layout of the rows that hold what waits in mailboxes.
 *
 * <pre>
 * key    account 16, device 4, sequence 8
 * value  kind 1: 0 envelope, else the number of a gap's reason
 *        envelope: head of the submission entry 80, ciphertext
 *        gap: count 8, bytes that the mailbox still counts for it 4
 * </pre>
 */
final class EnvelopeRow {
    static final Table TABLE = new Table("envelopes");

    private static final int KEY_BYTES = AccountId.BYTES + Integer.BYTES + Long.BYTES;
    private static final int KIND_BYTES = 1;
    private static final int HEAD_END = KIND_BYTES + SubmissionEntry.HEAD_BYTES;

    /** Key and value of an envelope, without the ciphertext. */
    static final int ENVELOPE_BYTES = KEY_BYTES + HEAD_END;

    private EnvelopeRow() {}

    static byte[] key(AccountId account, int device, long sequence) {
        return ByteBuffer.allocate(KEY_BYTES)
                .putLong(account.high())
                .putLong(account.low())
                .putInt(device)
                .putLong(sequence)
                .array();
    }

    static long sequence(byte[] key) {
        return ByteBuffer.wrap(key).getLong(KEY_BYTES - Long.BYTES);
    }

    static byte[] envelope(ByteBuf entry, int offset, int length) {
        byte[] row = new byte[HEAD_END + length];
        entry.getBytes(entry.readerIndex(), row, KIND_BYTES, SubmissionEntry.HEAD_BYTES);
        entry.getBytes(entry.readerIndex() + offset, row, HEAD_END, length);
        return row;
    }

    static byte[] envelope(byte[] head, byte[] ciphertext) {
        byte[] row = new byte[HEAD_END + ciphertext.length];
        System.arraycopy(head, 0, row, KIND_BYTES, SubmissionEntry.HEAD_BYTES);
        System.arraycopy(ciphertext, 0, row, HEAD_END, ciphertext.length);
        return row;
    }

    static byte[] gap(GapReason reason, long count, int bytes) {
        return ByteBuffer.allocate(KIND_BYTES + Long.BYTES + Integer.BYTES)
                .put((byte) reason.getNumber())
                .putLong(count)
                .putInt(bytes)
                .array();
    }

    static boolean isGap(byte[] row) {
        return row[0] != Tail.ENVELOPE;
    }

    static GapReason gapReason(byte[] row) {
        return GapReason.forNumber(row[0]);
    }

    static long gapCount(byte[] row) {
        return ByteBuffer.wrap(row).getLong(KIND_BYTES);
    }

    /** The row as a submission entry with its ciphertext right behind the head. */
    static ByteBuf entry(byte[] row) {
        return Unpooled.wrappedBuffer(row, KIND_BYTES, row.length - KIND_BYTES);
    }

    /** Size of the ciphertext; of a gap, of the one that stood in its place. */
    static int ciphertextLength(byte[] row) {
        return isGap(row) ? ByteBuffer.wrap(row).getInt(KIND_BYTES + Long.BYTES) : row.length - HEAD_END;
    }
}
