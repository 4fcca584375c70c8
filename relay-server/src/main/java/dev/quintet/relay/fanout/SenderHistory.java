package dev.quintet.relay.fanout;

import dev.quintet.protocol.EnvelopeId;
import java.util.Arrays;

/**
 * The last {@link #CAPACITY} submissions of one device to one account, each in a slot; the oldest slot is used again.
 *
 * <p><b>Thread:</b> the recipient account's home loop. <b>Memory:</b> 41 bytes for each submission.
 */
final class SenderHistory {
    /** How many submissions are remembered. */
    static final int CAPACITY = 256;

    private static final int FIRST_CAPACITY = 4;

    private long[] highs = new long[FIRST_CAPACITY];
    private long[] lows = new long[FIRST_CAPACITY];
    private long[] digests = new long[FIRST_CAPACITY];
    private long[] positions = new long[FIRST_CAPACITY];
    private long[] acceptedAts = new long[FIRST_CAPACITY];
    private byte[] fulls = new byte[FIRST_CAPACITY];
    private int size;
    private int next;

    /** The slot that remembers {@code id}, or a negative number. */
    int find(EnvelopeId id) {
        long high = id.high();
        for (int slot = 0; slot < size; slot++) {
            if (highs[slot] == high && lows[slot] == id.low()) {
                return slot;
            }
        }
        return -1;
    }

    /** The slot that the next submission takes. */
    int nextSlot() {
        return next;
    }

    /** Remembers a submission in {@code slot}, which is to be the newest one. */
    void put(int slot, EnvelopeId id, Remembered remembered) {
        while (slot >= highs.length) {
            grow();
        }
        highs[slot] = id.high();
        lows[slot] = id.low();
        digests[slot] = remembered.digest();
        positions[slot] = remembered.position();
        acceptedAts[slot] = remembered.acceptedAtMillis();
        fulls[slot] = (byte) remembered.fullDevices();
        size = Math.max(size, slot + 1);
        next = (slot + 1) % CAPACITY;
    }

    /** When the newest was accepted; there is one. */
    long newestAcceptedAtMillis() {
        return acceptedAts[(next + CAPACITY - 1) % CAPACITY];
    }

    /** What was remembered in {@code slot}. */
    Remembered get(int slot) {
        return new Remembered(digests[slot], positions[slot], acceptedAts[slot], fulls[slot]);
    }

    /**
     * An accepted submission.
     *
     * @param digest of its content
     * @param position of its journal entry; negative if it was read from the image
     * @param acceptedAtMillis since 1970
     * @param fullDevices a bit for each of its envelopes, in order: set if that device's mailbox was full
     */
    record Remembered(long digest, long position, long acceptedAtMillis, int fullDevices) {}

    private void grow() {
        int capacity = Math.min(CAPACITY, highs.length * 4);
        highs = Arrays.copyOf(highs, capacity);
        lows = Arrays.copyOf(lows, capacity);
        digests = Arrays.copyOf(digests, capacity);
        positions = Arrays.copyOf(positions, capacity);
        acceptedAts = Arrays.copyOf(acceptedAts, capacity);
        fulls = Arrays.copyOf(fulls, capacity);
    }

    int weight() {
        return 128 + 41 * highs.length;
    }
}
