package dev.quintet.relay.store;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Changes on their way to RocksDB, which become visible together.
 *
 * <p>Each is copied through two buffers outside the heap: RocksDB's Java would otherwise allocate memory for each array, and
 * free it, to look at it.
 *
 * <p><b>Thread:</b> one at a time. <b>Memory:</b> native, as large as was said when it was made: one that grew by doubling
 * would leave holes in the native heap; freed by {@link #close}.
 */
final class RocksBatch implements Consumer<RowChange>, AutoCloseable {
    private static final int KEY_BYTES = 256;
    private static final int VALUE_BYTES = 4 << 10;

    private final WriteBatch batch;
    private final long bytes;
    private final Function<Table, ColumnFamilyHandle> families;
    private ByteBuffer key = ByteBuffer.allocateDirect(KEY_BYTES);
    private ByteBuffer value = ByteBuffer.allocateDirect(VALUE_BYTES);

    /**
     * An empty batch.
     *
     * @param bytes of keys and values, roughly and not too few
     */
    RocksBatch(long bytes, Function<Table, ColumnFamilyHandle> families) {
        batch = new WriteBatch((int) Math.min(bytes, Integer.MAX_VALUE));
        this.bytes = bytes;
        this.families = families;
    }

    /** Whether so many bytes have room without growing. */
    boolean holds(long wanted) {
        return wanted <= bytes;
    }

    @Override
    public void accept(RowChange change) {
        ColumnFamilyHandle family = families.apply(change.table());
        key = filled(key, change.key());
        try {
            if (change.value() == null) {
                batch.delete(family, key);
            } else {
                value = filled(value, change.value());
                batch.put(family, key, value);
            }
        } catch (RocksDBException e) {
            throw new StoreException("cannot write the image", e);
        }
    }

    private static ByteBuffer filled(ByteBuffer buffer, byte[] bytes) {
        ByteBuffer target = buffer.capacity() < bytes.length ? ByteBuffer.allocateDirect(2 * bytes.length) : buffer;
        return target.clear().put(bytes).flip();
    }

    /** Makes the changes visible. */
    void writeTo(RocksDB db, WriteOptions options) throws RocksDBException {
        db.write(options, batch);
    }

    /** Forgets the changes and keeps the memory. */
    void clear() {
        batch.clear();
    }

    @Override
    public void close() {
        batch.close();
    }
}
