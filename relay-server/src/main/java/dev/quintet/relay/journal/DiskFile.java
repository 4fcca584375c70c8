package dev.quintet.relay.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/** An open file of a {@link Disk}, read and written at explicit offsets, from any thread. */
public interface DiskFile extends AutoCloseable {
    /** Its size in bytes. */
    long size() throws IOException;

    /** Writes all remaining bytes of {@code source} at {@code offset}; durable only after {@link #force}. */
    void write(ByteBuffer source, long offset) throws IOException;

    /** Reads into {@code target} from {@code offset} on, until it is full or the file ends. */
    void read(ByteBuffer target, long offset) throws IOException;

    /** Makes all written bytes durable. After a failure nothing can be said about any of them, ever. */
    void force() throws IOException;

    @Override
    void close() throws IOException;
}
