package dev.quintet.relay.mailbox;

/**
 * The newest items of a mailbox, by sequence without holes: where their bytes are, and what they are.
 *
 * <p>A ring of parallel arrays, so that an item costs no object. Older items are known to the image alone.
 *
 * <p><b>Thread:</b> the account's home loop. <b>Memory:</b> 40 bytes for each item; nothing while empty from the start.
 */
final class Tail {
    /** Kind of an item that is an envelope; a gap's kind is the number of its reason. */
    static final byte ENVELOPE = 0;

    private static final int FIRST_CAPACITY = 8;
    private static final long[] NO_LONGS = {};
    private static final HotEntry[] NO_HOTS = {};
    private static final byte[] NO_KINDS = {};

    private long first;
    private int size;
    private long[] positions = NO_LONGS;
    private long[] extents = NO_LONGS;
    private long[] expiries = NO_LONGS;
    private HotEntry[] hots = NO_HOTS;
    private byte[] kinds = NO_KINDS;

    /** An empty tail whose next item has the sequence {@code first}. */
    Tail(long first) {
        this.first = first;
    }

    /** Sequence of the oldest item, or of the next one if there is none. */
    long first() {
        return first;
    }

    /** Sequence behind the newest item. */
    long end() {
        return first + size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Appends an envelope. */
    void add(long position, int offset, int length, long expiresAtMillis, HotEntry hot) {
        int slot = claim();
        positions[slot] = position;
        extents[slot] = (long) offset << Integer.SIZE | length;
        expiries[slot] = expiresAtMillis;
        hots[slot] = hot;
        kinds[slot] = ENVELOPE;
    }

    /** Appends a gap of {@code count} envelopes. */
    void addGap(long position, byte reason, long count) {
        int slot = claim();
        positions[slot] = position;
        extents[slot] = count;
        hots[slot] = null;
        kinds[slot] = reason;
    }

    /** The gap at {@code sequence} grows by one envelope. */
    void widenGap(long sequence, long position) {
        int slot = slot(sequence);
        positions[slot] = position;
        extents[slot]++;
    }

    /** Drops the oldest item; the caller has let go of its bytes. */
    void removeFirst() {
        hots[slot(first)] = null;
        first++;
        size--;
        if (size == 0 && positions.length > FIRST_CAPACITY) {
            forget();
        }
    }

    /** A mailbox that is empty, as most are, keeps no arrays. */
    private void forget() {
        positions = NO_LONGS;
        extents = NO_LONGS;
        expiries = NO_LONGS;
        hots = NO_HOTS;
        kinds = NO_KINDS;
    }

    long position(long sequence) {
        return positions[slot(sequence)];
    }

    byte kind(long sequence) {
        return kinds[slot(sequence)];
    }

    HotEntry hot(long sequence) {
        return hots[slot(sequence)];
    }

    /** Offset of the ciphertext in its entry. */
    int offset(long sequence) {
        return (int) (extents[slot(sequence)] >>> Integer.SIZE);
    }

    /** Length of the ciphertext; zero for a gap. */
    int length(long sequence) {
        int slot = slot(sequence);
        return kinds[slot] == ENVELOPE ? (int) extents[slot] : 0;
    }

    /** How many envelopes are lost in the gap at {@code sequence}. */
    long gapCount(long sequence) {
        return extents[slot(sequence)];
    }

    long expiresAtMillis(long sequence) {
        return expiries[slot(sequence)];
    }

    /**
     * Nothing from {@code from} on expires before, in milliseconds since 1970; zero if that is not known, because some of
     * it is no longer here.
     */
    long earliestExpiryMillis(long from) {
        if (from < first) {
            return 0;
        }
        long earliest = Long.MAX_VALUE;
        for (long sequence = from; sequence < end(); sequence++) {
            if (kind(sequence) == ENVELOPE) {
                earliest = Math.min(earliest, expiresAtMillis(sequence));
            }
        }
        return earliest;
    }

    private int slot(long sequence) {
        assert sequence >= first && sequence < end() : sequence + " is not in " + first + ".." + end();
        return (int) sequence & (positions.length - 1);
    }

    private int claim() {
        if (size == positions.length) {
            resize(Math.max(FIRST_CAPACITY, size * 2));
        }
        size++;
        return slot(first + size - 1);
    }

    private void resize(int capacity) {
        long[] newPositions = new long[capacity];
        long[] newExtents = new long[capacity];
        long[] newExpiries = new long[capacity];
        HotEntry[] newHots = new HotEntry[capacity];
        byte[] newKinds = new byte[capacity];
        for (long sequence = first; sequence < first + size; sequence++) {
            int from = (int) sequence & (positions.length - 1);
            int to = (int) sequence & (capacity - 1);
            newPositions[to] = positions[from];
            newExtents[to] = extents[from];
            newExpiries[to] = expiries[from];
            newHots[to] = hots[from];
            newKinds[to] = kinds[from];
        }
        positions = newPositions;
        extents = newExtents;
        expiries = newExpiries;
        hots = newHots;
        kinds = newKinds;
    }
}
