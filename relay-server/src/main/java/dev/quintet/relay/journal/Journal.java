package dev.quintet.relay.journal;

import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * The log of every durable change. All other state is a fold over it.
 *
 * <p>The seam for another log underneath: whoever can append to a partition, say when that is durable, and replay it,
 * can carry the relay.
 *
 * <p><b>Thread:</b> {@link #append} and {@link #read} from any thread; the entries of one partition are appended by
 * one thread only. <b>Failure:</b> a write or sync that fails stops the process (by the handler given at construction);
 * nothing after it is ever reported durable.
 */
public interface Journal extends AutoCloseable {
    /**
     * Answer of {@link #append}: the buffer is full because the disk does not keep up, or the journal has failed or been
     * closed. Nothing was appended.
     */
    long OVERLOADED = -1;

    /** Answer of {@link #append}: the disk is full and the entry is a growing one. Nothing was appended. */
    long NO_SPACE = -2;

    /** Largest body, in bytes. */
    int MAX_BODY_BYTES = 2 << 20;

    /**
     * Appends an entry; never blocks.
     *
     * @param body its readable bytes are copied; neither its indexes nor its ownership change
     * @return the entry's position, or {@link #OVERLOADED} or {@link #NO_SPACE}
     */
    long append(int partition, EntryType type, ByteBuf body);

    /** What lies below this position was released, or lost: it cannot be replayed. */
    long firstPosition();

    /** Everything below this position is on disk. */
    long durablePosition();

    /** Calls {@code listener} on the journal thread each time the durable position has risen, with the new one. */
    void onDurable(LongConsumer listener);

    /**
     * Hands every entry in {@code [from, to)} to {@code visitor}, in order, padding and markers left out. Damaged
     * ranges below the durable position are skipped; they were named and reported at recovery. Blocks; not for event
     * loops.
     *
     * @param from a position at which an entry starts and that has not been released, or zero if nothing has been
     * @param to at most {@link #durablePosition}
     */
    void replay(long from, long to, Consumer<Entry> visitor);

    /**
     * Reads {@code length} bytes of the body of the durable entry at {@code position}, from {@code offset} on. Blocks;
     * not for event loops.
     *
     * @return the bytes, or null if the entry is damaged or has been released
     */
    byte[] read(long position, int offset, int length);

    /** Nothing below {@code position} will be read again; its disk space may be used anew. */
    void release(long position);

    /** Makes all that was appended durable, then closes. */
    @Override
    void close();
}
