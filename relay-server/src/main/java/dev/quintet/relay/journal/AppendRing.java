package dev.quintet.relay.journal;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;

/**
 * The stretch of the log between the threads that append and the thread that writes.
 *
 * <pre>
 *          reclaimed                written up to here      tail
 *   ───────────┼───────────────────────────┼─────────────────┼─────────────►  positions
 *      zeroed  │  being written and forced │ claimed; those  │  free until reclaimed + capacity
 *              │                           │ published have  │
 *              │                           │ a length        │
 * </pre>
 *
 * <p>A producer claims a range by moving the tail, copies its entry in and publishes it by writing the length last; the
 * checksum is added by the thread that commits. No
 * entry crosses the end of a lap: a {@link EntryType#PADDING} fills what is left. Laps are counted from
 * {@code origin}, the base of a segment, and segments are whole laps; so no entry crosses the end of a segment either.
 *
 * <p><b>Thread:</b> {@link #append} and {@link #mark} from any thread, {@link #isPublished} too; the rest from the
 * thread that commits.
 * <b>Memory:</b> one direct buffer.
 * <b>Limits:</b> an entry takes at most half of the ring; a full ring is an answer.
 */
final class AppendRing {
    private static final VarHandle INTS = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final byte[] ZEROS = new byte[64 << 10];
    private static final int MARKER_LENGTH = EntryLayout.HEADER_BYTES + Integer.BYTES;

    private final ByteBuffer ring;
    /** The same bytes, for the thread that commits. */
    private final ByteBuffer checked;

    private final CRC32C crc = new CRC32C();
    private final int capacity;
    private final long origin;
    private final long salt;
    private final AtomicLong tail;
    private volatile long reclaimed;

    AppendRing(int capacity, long origin, long salt, long position) {
        this.ring = ByteBuffer.allocateDirect(capacity + EntryLayout.ALIGNMENT)
                .alignedSlice(EntryLayout.ALIGNMENT)
                .slice(0, capacity);
        this.checked = ring.duplicate();
        this.capacity = capacity;
        this.origin = origin;
        this.salt = salt;
        this.tail = new AtomicLong(position);
        this.reclaimed = position;
    }

    /** Where the next entry will stand, unless it needs padding before it. */
    long tail() {
        return tail.get();
    }

    /**
     * Appends an entry that ends at or below {@code limit}.
     *
     * @return its position, {@link Journal#OVERLOADED} if the ring is full, {@link Journal#NO_SPACE} if the limit is
     *     reached
     */
    long append(int partition, EntryType type, ByteBuf body, long limit) {
        int length = EntryLayout.HEADER_BYTES + body.readableBytes();
        long position = claim(EntryLayout.occupied(length), limit);
        if (position >= 0) {
            boolean isCopied = false;
            try {
                copy(body, index(position) + EntryLayout.HEADER_BYTES);
                isCopied = true;
            } finally {
                // A claim that is never published would stop the log for ever.
                publish(position, length, isCopied ? type : EntryType.PADDING, partition);
            }
        }
        return position;
    }

    private void copy(ByteBuf body, int index) {
        int length = body.readableBytes();
        ByteBuffer source = body.internalNioBuffer(body.readerIndex(), length);
        ring.put(index, source, source.position(), length);
    }

    /** Appends a marker that names {@code durablePosition}, if there is room for it. */
    void mark(long durablePosition, long limit) {
        long position = claim(EntryLayout.ALIGNMENT, limit);
        if (position >= 0) {
            ring.putInt(index(position) + EntryLayout.HEADER_BYTES, (int) (position - durablePosition));
            publish(position, MARKER_LENGTH, EntryType.MARKER, 0);
        }
    }

    private long claim(int bytes, long limit) {
        while (true) {
            long start = tail.get();
            int left = capacity - index(start);
            int gap = left < bytes ? left : 0;
            long end = start + gap + bytes;
            if (end > reclaimed + capacity) {
                return Journal.OVERLOADED;
            }
            if (end > limit) {
                return Journal.NO_SPACE;
            }
            if (tail.compareAndSet(start, end)) {
                if (gap > 0) {
                    publish(start, gap, EntryType.PADDING, 0);
                }
                return start + gap;
            }
        }
    }

    private void publish(long position, int length, EntryType type, int partition) {
        int index = index(position);
        ring.put(index + EntryLayout.TYPE, type.number());
        ring.putShort(index + EntryLayout.PARTITION, (short) partition);
        // Volatile, not just release: the producer goes on to read whether the journal thread is parked.
        INTS.setVolatile(ring, index, length);
    }

    /** Whether the entry at this position is complete. */
    boolean isPublished(long position) {
        return length(position) != 0;
    }

    private int length(long position) {
        return (int) INTS.getVolatile(ring, index(position));
    }

    /** Finds what is complete from {@code start} on, without a hole, up to the end of the lap, and completes it. */
    Batch published(long start) {
        long lapEnd = start + capacity - index(start);
        long end = start;
        int count = 0;
        int awaited = 0;
        for (int length; end < lapEnd && (length = length(end)) != 0; end += EntryLayout.occupied(length)) {
            byte type = ring.get(index(end) + EntryLayout.TYPE);
            writeChecksum(end, type, length);
            count += type == EntryType.PADDING.number() || type == EntryType.MARKER.number() ? 0 : 1;
            awaited += EntryType.of(type).isPatient() ? 0 : 1;
        }
        return new Batch(start, end, count, awaited, ring.slice(index(start), (int) (end - start)));
    }

    private void writeChecksum(long position, byte type, int length) {
        int from = index(position) + EntryLayout.TYPE;
        checked.limit(from + EntryLayout.checkedBytes(type, length)).position(from);
        int checksum = EntryLayout.checksum(crc, position ^ salt, length, checked);
        ring.putInt(index(position) + EntryLayout.CHECKSUM, checksum);
    }

    /** Gives the room of a batch that has been written back to the producers. */
    void reclaim(Batch batch) {
        int index = index(batch.start());
        for (int left = (int) (batch.end() - batch.start()); left > 0; ) {
            int count = Math.min(left, ZEROS.length);
            ring.put(index, ZEROS, 0, count);
            index += count;
            left -= count;
        }
        reclaimed = batch.end();
    }

    private int index(long position) {
        return (int) (position - origin) & capacity - 1;
    }

    /**
     * A stretch of complete entries.
     *
     * @param start position of its first byte
     * @param end position after its last byte
     * @param entryCount padding and markers not counted
     * @param awaitedCount those of them that are not {@linkplain EntryType#isPatient patient}
     * @param bytes as they go to disk
     */
    record Batch(long start, long end, int entryCount, int awaitedCount, ByteBuffer bytes) {}
}
