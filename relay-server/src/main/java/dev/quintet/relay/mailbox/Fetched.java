package dev.quintet.relay.mailbox;

import dev.quintet.protocol.wire.GapReason;

/**
 * One item of a mailbox that was read back from disk, to be delivered next.
 *
 * @param sequence its number; of a gap over several numbers, the last
 * @param row the item as in the image, or null for what is nowhere on the disk
 * @param gapCount envelopes lost in the gap; zero for an envelope
 * @param gapReason why, or null for an envelope
 */
record Fetched(long sequence, byte[] row, long gapCount, GapReason gapReason) {
    static Fetched of(long sequence, byte[] row) {
        return EnvelopeRow.isGap(row)
                ? new Fetched(sequence, row, EnvelopeRow.gapCount(row), EnvelopeRow.gapReason(row))
                : new Fetched(sequence, row, 0, null);
    }

    static Fetched damaged(long sequence, long count) {
        return new Fetched(sequence, null, count, GapReason.DAMAGED);
    }

    boolean isGap() {
        return gapReason != null;
    }

    /** Ciphertext that the mailbox counts for it, in bytes; zero if that is not known. */
    int length() {
        return row == null ? 0 : EnvelopeRow.ciphertextLength(row);
    }
}
