package dev.quintet.relay.store;

import java.util.Arrays;
import java.util.Collection;
import java.util.function.BiPredicate;
import java.util.function.Consumer;

/**
 * The rows of the image, ordered by key within each table.
 *
 * <p>RocksDB in the relay; a map that forgets what was not flushed in tests.
 *
 * <p><b>Thread:</b> reads from any thread, {@link #write} and {@link #flush} from the fold thread. All methods block;
 * not for event loops. <b>Failure:</b> a disk that cannot be read or written is a {@link StoreException}; a full one is
 * an answer.
 */
public interface Rows extends AutoCloseable {
    /** The value at {@code key}, or null. */
    byte[] get(Table table, byte[] key);

    /** False if there is certainly no row at {@code key}; true if there is one or it is dear to find out. */
    default boolean mayContain(Table table, byte[] key) {
        return get(table, key) != null;
    }

    /**
     * Hands the rows in {@code [from, to)} to {@code visitor}, in order of key, until it answers false.
     *
     * @param to null for the end of the table
     */
    void scan(Table table, byte[] from, byte[] to, BiPredicate<byte[], byte[]> visitor);

    /** Hands the rows whose key starts with {@code prefix} to {@code visitor}, in order, until it answers false. */
    default void scanAll(Table table, byte[] prefix, BiPredicate<byte[], byte[]> visitor) {
        scan(table, prefix, after(prefix), visitor);
    }

    /**
     * Makes all changes visible at once; durable only after {@link #flush}.
     *
     * @param bytes what their keys and values take together, roughly
     * @return false if the disk is full: nothing of it was written
     */
    boolean write(long bytes, Changes changes);

    /** The same with a few changes that are there already. */
    default boolean write(Collection<RowChange> changes) {
        long bytes = changes.stream().mapToLong(RowChange::bytes).sum();
        return write(bytes, changes::forEach);
    }

    /** Changes that are made one after the other, while they are being written. */
    @FunctionalInterface
    interface Changes {
        /** Hands all of them to {@code batch}, which is not to be kept. Of two changes of one row the later one counts. */
        void handTo(Consumer<RowChange> batch);
    }

    /**
     * Makes everything written durable: after a crash all of it is there. Without it, the rows after a crash are those
     * of this flush or of some later {@link #write}, never half a write.
     *
     * @return false if the disk is full: nothing lost, to be tried again later
     */
    boolean flush();

    @Override
    void close();

    /** The smallest key above all keys that start with {@code prefix}; null if there is none. */
    static byte[] after(byte[] prefix) {
        int last = prefix.length - 1;
        while (last >= 0 && prefix[last] == -1) {
            last--;
        }
        if (last < 0) {
            return null;
        }
        byte[] after = Arrays.copyOf(prefix, last + 1);
        after[last]++;
        return after;
    }
}
