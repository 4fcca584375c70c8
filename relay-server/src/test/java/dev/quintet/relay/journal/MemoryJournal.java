package dev.quintet.relay.journal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * A journal in memory, for tests of the rooms above it: durable at once, or only when the test says so.
 *
 * <p><b>Thread:</b> any; listeners are called on the thread that makes entries durable, outside the lock.
 */
public final class MemoryJournal implements Journal {
    private static final int HEADER_BYTES = 16;

    private record Stored(int partition, EntryType type, byte[] body) {}

    private final boolean isHeld;
    private final NavigableMap<Long, Stored> entries = new TreeMap<>();
    private final List<LongConsumer> listeners = new ArrayList<>();
    private long next;
    private long durable;
    private long released;
    private long refusal;

    private MemoryJournal(boolean isHeld) {
        this.isHeld = isHeld;
    }

    /** A journal whose entries are durable when {@link #append} returns. */
    public static MemoryJournal durableAtOnce() {
        return new MemoryJournal(false);
    }

    /** A journal whose entries are durable after the next {@link #commit}. */
    public static MemoryJournal held() {
        return new MemoryJournal(true);
    }

    @Override
    public long append(int partition, EntryType type, ByteBuf body) {
        long position;
        synchronized (this) {
            if (refusal == OVERLOADED || refusal == NO_SPACE && type.isGrowing()) {
                return refusal;
            }
            byte[] bytes = ByteBufUtil.getBytes(body);
            position = next;
            entries.put(position, new Stored(partition, type, bytes));
            next += HEADER_BYTES + (bytes.length + 7 & -8);
        }
        if (!isHeld) {
            commit();
        }
        return position;
    }

    /** Makes all that was appended durable and tells the listeners. */
    public void commit() {
        List<LongConsumer> told;
        long position;
        synchronized (this) {
            if (durable == next) {
                return;
            }
            durable = next;
            position = durable;
            told = List.copyOf(listeners);
        }
        told.forEach(listener -> listener.accept(position));
    }

    /** Power is cut: what was not durable is gone, and so are the listeners. */
    public synchronized void crash() {
        entries.tailMap(durable, true).clear();
        listeners.clear();
        next = durable;
    }

    /** From now on appends get this answer, {@link #OVERLOADED} or {@link #NO_SPACE}; zero: they work again. */
    public synchronized void refuse(long answer) {
        refusal = answer;
    }

    /** The disk has lost the entry at this position: it is neither replayed nor read any more. */
    public synchronized void damage(long position) {
        entries.remove(position);
    }

    /** Everything below was released. */
    public synchronized long releasedPosition() {
        return released;
    }

    /** Where the next entry will stand. */
    public synchronized long nextPosition() {
        return next;
    }

    @Override
    public synchronized long firstPosition() {
        return released;
    }

    @Override
    public synchronized long durablePosition() {
        return durable;
    }

    @Override
    public synchronized void onDurable(LongConsumer listener) {
        listeners.add(listener);
    }

    @Override
    public void replay(long from, long to, Consumer<Entry> visitor) {
        for (var entry : between(from, to).entrySet()) {
            Stored stored = entry.getValue();
            visitor.accept(new Entry(
                    entry.getKey(), stored.partition(), stored.type(), Unpooled.wrappedBuffer(stored.body())));
        }
    }

    private synchronized NavigableMap<Long, Stored> between(long from, long to) {
        if (from < released || to > durable) {
            throw new IllegalArgumentException(
                    "replay [" + from + ", " + to + ") of [" + released + ", " + durable + ")");
        }
        return new TreeMap<>(entries.subMap(from, true, to, false));
    }

    @Override
    public synchronized byte[] read(long position, int offset, int length) {
        Stored stored = position < durable ? entries.get(position) : null;
        return stored == null ? null : Arrays.copyOfRange(stored.body(), offset, offset + length);
    }

    @Override
    public synchronized void release(long position) {
        released = Math.max(released, position);
        entries.headMap(position, false).clear();
    }

    @Override
    public void close() {
        commit();
    }
}
