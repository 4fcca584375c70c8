package dev.quintet.relay.store;

import java.util.Collection;
import java.util.function.BiPredicate;

/**
 * The rows of the image, ordered by key within each table.
 *
 * <p>RocksDB in the relay; a map that forgets what was not flushed in tests.
 *
 * <p><b>Thread:</b> reads from any thread, {@link #write} and {@link #flush} from the fold thread. All methods block;
 * not for event loops.
 */
public interface Rows extends AutoCloseable {
    /** The value at {@code key}, or null. */
    byte[] get(Table table, byte[] key);

    /** Hands the rows in {@code [from, to)} to {@code visitor}, in order of key, until it answers false. */
    void scan(Table table, byte[] from, byte[] to, BiPredicate<byte[], byte[]> visitor);

    /** Makes all changes visible at once; durable only after {@link #flush}. */
    void write(Collection<RowChange> changes);

    /**
     * Makes everything written durable: after a crash either all of it is there or the state of an earlier flush.
     *
     * @return false if the disk is full: nothing lost, to be tried again later
     */
    boolean flush();

    @Override
    void close();
}
