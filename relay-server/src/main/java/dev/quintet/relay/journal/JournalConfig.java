package dev.quintet.relay.journal;

/**
 * How the journal divides memory and disk.
 *
 * @param segmentBytes room for entries in one file; a multiple of {@code ringBytes}, at most 1 GiB
 * @param ringBytes memory between the appending threads and the disk; a power of two from 4 KiB on. No entry may be
 *     larger than half of it, so below 8 MiB it lowers the largest body
 * @param keptBytes most that is kept because the image does not hold it yet, and so most that a start has to fold; beyond it
 *     the state does not grow. At least four segments
 */
public record JournalConfig(int segmentBytes, int ringBytes, long keptBytes) {
    private static final int SMALLEST_RING_BYTES = 4 << 10;
    private static final int FEWEST_SEGMENTS = 4;
    static final int LARGEST_SEGMENT_BYTES = 1 << 30;

    public JournalConfig {
        if (ringBytes < SMALLEST_RING_BYTES || Integer.bitCount(ringBytes) != 1) {
            throw new IllegalArgumentException("ringBytes is " + ringBytes + "; a power of two from 4096 on is needed");
        }
        if (segmentBytes <= 0 || segmentBytes > LARGEST_SEGMENT_BYTES || segmentBytes % ringBytes != 0) {
            throw new IllegalArgumentException("segmentBytes is " + segmentBytes + "; a multiple of ringBytes ("
                    + ringBytes + ") up to 1 GiB is needed");
        }
        if (keptBytes < (long) FEWEST_SEGMENTS * segmentBytes) {
            throw new IllegalArgumentException("keptBytes is " + keptBytes + "; at least four times segmentBytes ("
                    + segmentBytes + ") is needed");
        }
    }

    /** Keeps as much as the disk takes. */
    public JournalConfig(int segmentBytes, int ringBytes) {
        this(segmentBytes, ringBytes, Long.MAX_VALUE);
    }

    /** 64 MiB segments behind a ring of 8 MiB, of which 1 GiB is kept. */
    public static JournalConfig defaults() {
        return new JournalConfig(64 << 20, 8 << 20, 1 << 30);
    }

    /** The defaults, but that everything is kept: for a journal that nobody folds meanwhile. */
    public static JournalConfig keepingAll() {
        return new JournalConfig(64 << 20, 8 << 20);
    }

    /** The largest body that {@link Journal#append} takes with this configuration. */
    public int largestBodyBytes() {
        return Math.min(Journal.MAX_BODY_BYTES, ringBytes / 2 - EntryLayout.HEADER_BYTES);
    }
}
