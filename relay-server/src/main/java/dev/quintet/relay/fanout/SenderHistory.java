package dev.quintet.relay.fanout;

import dev.quintet.protocol.EnvelopeId;
import java.util.Arrays;

/**
 * The last {@link #CAPACITY} submissions of one device to one account, each in a slot; the oldest slot is used again.
 *
 * <p><b>Thread:</b> the recipient account's home loop. <b>Memory:</b> 42 bytes for each submission.
 */
final class SenderHistory {
    /** How many submissions are remembered. */
    static final int CAPACITY = 256;

    private static final int FIRST_CAPACITY = 4;
    private static final long EACH_BYTE = 0x0101010101010101L;
    private static final long EACH_TOP_BIT = 0x8080808080808080L;

    /** One byte of each id, eight in one number. */
    private long[] tags = new long[1];

    private long[] highs = new long[FIRST_CAPACITY];
    private long[] lows = new long[FIRST_CAPACITY];
    private long[] digests = new long[FIRST_CAPACITY];
    private long[] positions = new long[FIRST_CAPACITY];
    private long[] acceptedAts = new long[FIRST_CAPACITY];
    private byte[] fulls = new byte[FIRST_CAPACITY];
    private int size;
    private int next;

    /** The slot that remembers {@code id}, or a negative number. Nearly always it is none, found eight slots at a time. */
    int find(EnvelopeId id) {
        long wanted = (id.low() & 0xff) * EACH_BYTE;
        for (int first = 0; first < size; first += Long.BYTES) {
            long difference = tags[first / Long.BYTES] ^ wanted;
            boolean hasZeroByte = (difference - EACH_BYTE & ~difference & EACH_TOP_BIT) != 0;
            int slot = hasZeroByte ? find(id, first, Math.min(first + Long.BYTES, size)) : -1;
            if (slot >= 0) {
                return slot;
            }
        }
        return -1;
    }

    private int find(EnvelopeId id, int first, int end) {
        for (int slot = first; slot < end; slot++) {
            if (highs[slot] == id.high() && lows[slot] == id.low()) {
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
        int shift = slot % Long.BYTES * Byte.SIZE;
        tags[slot / Long.BYTES] &= ~(0xffL << shift);
        tags[slot / Long.BYTES] |= (id.low() & 0xff) << shift;
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
        tags = Arrays.copyOf(tags, capacity / Long.BYTES);
        highs = Arrays.copyOf(highs, capacity);
        lows = Arrays.copyOf(lows, capacity);
        digests = Arrays.copyOf(digests, capacity);
        positions = Arrays.copyOf(positions, capacity);
        acceptedAts = Arrays.copyOf(acceptedAts, capacity);
        fulls = Arrays.copyOf(fulls, capacity);
    }

    int weight() {
        return 136 + 42 * highs.length;
    }
}
