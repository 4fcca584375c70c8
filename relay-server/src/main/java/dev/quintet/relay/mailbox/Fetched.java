package dev.quintet.relay.mailbox;

import dev.quintet.protocol.wire.GapReason;

/**
 * One item of a mailbox that was read back from disk, to be delivered next.
 *
 * @param sequence its number; of a gap over several numbers, the last
 * @param row the envelope as in the image, or null for a gap
 * @param position the journal position that must be durable before it may leave; negative if it may at once
 * @param gapCount envelopes lost in the gap
 * @param gapReason why, or null for an envelope
 */
record Fetched(long sequence, byte[] row, long position, long gapCount, GapReason gapReason) {
    static final long AT_ONCE = -1;

    static Fetched envelope(long sequence, byte[] row) {
        return new Fetched(sequence, row, AT_ONCE, 0, null);
    }

    static Fetched gap(long sequence, long position, long count, GapReason reason) {
        return new Fetched(sequence, null, position, count, reason);
    }

    boolean isGap() {
        return row == null;
    }
}
