package dev.quintet.relay.mailbox;

/**
 * What a subscriber has been given and has not acknowledged, oldest first.
 *
 * <p><b>Thread:</b> the account's home loop. <b>Memory:</b> 12 bytes for each delivery, bounded by the window.
 */
final class InFlight {
    private static final int FIRST_CAPACITY = 8;
    private static final long[] NO_SEQUENCES = {};
    private static final int[] NO_LENGTHS = {};

    private long[] sequences = NO_SEQUENCES;
    private int[] lengths = NO_LENGTHS;
    private int head;
    private int count;
    private long bytes;

    int count() {
        return count;
    }

    long bytes() {
        return bytes;
    }

    void add(long sequence, int length) {
        if (count == sequences.length) {
            grow();
        }
        int slot = head + count & sequences.length - 1;
        sequences[slot] = sequence;
        lengths[slot] = length;
        count++;
        bytes += length;
    }

    /** The bytes in flight up to {@code sequence}. */
    long bytesUpTo(long sequence) {
        long sum = 0;
        for (int index = 0; index < count; index++) {
            int slot = head + index & sequences.length - 1;
            if (sequences[slot] > sequence) {
                break;
            }
            sum += lengths[slot];
        }
        return sum;
    }

    /** Drops everything up to {@code sequence}. */
    void removeUpTo(long sequence) {
        while (count > 0 && sequences[head] <= sequence) {
            bytes -= lengths[head];
            head = head + 1 & sequences.length - 1;
            count--;
        }
    }

    void clear() {
        count = 0;
        bytes = 0;
    }

    private void grow() {
        int capacity = Math.max(FIRST_CAPACITY, count * 2);
        long[] newSequences = new long[capacity];
        int[] newLengths = new int[capacity];
        for (int index = 0; index < count; index++) {
            int slot = head + index & sequences.length - 1;
            newSequences[index] = sequences[slot];
            newLengths[index] = lengths[slot];
        }
        sequences = newSequences;
        lengths = newLengths;
        head = 0;
    }
}
