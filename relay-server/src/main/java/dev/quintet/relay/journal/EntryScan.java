package dev.quintet.relay.journal;

import java.util.Map;
import java.util.NavigableMap;

/**
 * Goes through a stretch of the log from entry to entry. Where an entry is no good it looks for the next good one at
 * every position where one can start, so that damage costs only what is damaged.
 */
final class EntryScan {
    private static final int WINDOW_BYTES = 512 << 10;

    private final NavigableMap<Long, Segment> segments;
    private final long salt;

    EntryScan(NavigableMap<Long, Segment> segments, long salt) {
        this.segments = segments;
        this.salt = salt;
    }

    /** What a scan meets, in order of position. */
    interface Visitor {
        /** A whole entry, padding and markers included; its body is valid during the call. */
        void entry(Entry entry, long end);

        /** No whole entry starts in {@code [from, to)}. */
        void gap(long from, long to);
    }

    /** Scans {@code [from, to)}. */
    void run(long from, long to, Visitor visitor) {
        int largest = segments.values().stream().mapToInt(Segment::bytes).max().orElse(EntryLayout.ALIGNMENT);
        try (EntryWindow window = new EntryWindow(salt, Math.min(WINDOW_BYTES, largest))) {
            long position = from;
            long gapStart = from;
            Segment segment = null;
            while (position < to) {
                if (segment == null || !segment.contains(position)) {
                    segment = segmentAt(position);
                }
                int length = segment == null ? 0 : window.lengthAt(segment, position);
                if (length == 0) {
                    position = segment == null ? nextBase(position, to) : position + EntryLayout.ALIGNMENT;
                } else {
                    if (gapStart < position) {
                        visitor.gap(gapStart, position);
                    }
                    gapStart = position + EntryLayout.occupied(length);
                    visitor.entry(window.entryAt(position, length), gapStart);
                    position = gapStart;
                }
            }
            if (gapStart < to) {
                visitor.gap(gapStart, to);
            }
        }
    }

    private Segment segmentAt(long position) {
        Map.Entry<Long, Segment> floor = segments.floorEntry(position);
        return floor != null && floor.getValue().contains(position) ? floor.getValue() : null;
    }

    private long nextBase(long position, long to) {
        Long base = segments.higherKey(position);
        return base == null ? to : Math.min(base, to);
    }
}
