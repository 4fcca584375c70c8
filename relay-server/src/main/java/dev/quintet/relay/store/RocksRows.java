package dev.quintet.relay.store;

import dev.quintet.protocol.AccountId;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiPredicate;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.FlushOptions;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Rows in RocksDB: one column family per table, no write-ahead log, one atomic flush for all of them.
 *
 * <p><b>Thread:</b> as {@link Rows} says; {@link #close} from any thread, waits for reads that are under way.
 * <b>Memory:</b> native, within {@link StoreConfig#cacheBytes} and {@link StoreConfig#memtableBytes} together; see the
 * gauge {@code quintet_store_native_memory_bytes}. Opening reads no rows.
 * <b>Failure:</b> {@link StoreException}; a full disk is an answer of {@link #write} and {@link #flush}.
 */
public final class RocksRows implements Rows {
    private final RocksTuning tuning;
    private final RocksDB db;
    private final Map<Table, ColumnFamilyHandle> families = new HashMap<>();
    private final List<ColumnFamilyHandle> handles;
    private final WriteOptions writeOptions = new WriteOptions().setDisableWAL(true);
    private final FlushOptions flushOptions = new FlushOptions().setWaitForFlush(true);

    /** Held for reading while native objects are used, for writing while they are closed. */
    private final ReadWriteLock life = new ReentrantReadWriteLock();

    private final List<Runnable> unbind = new ArrayList<>();
    private boolean isClosed;

    /** Whether the last write or flush found the disk full; the fold thread's. */
    private boolean isFull;

    /** Empty between two writes, and null after a flush; the fold thread's. */
    private RocksBatch batch;

    private RocksRows(RocksTuning tuning, RocksDB db, List<Table> tables, List<ColumnFamilyHandle> handles) {
        this.tuning = tuning;
        this.db = db;
        this.handles = handles;
        for (int i = 0; i < tables.size(); i++) {
            // The first handle is RocksDB's own family, which stays empty.
            families.put(tables.get(i), handles.get(i + 1));
        }
    }

    /**
     * Opens the rows in {@code directory}, or makes new ones there.
     *
     * @param tables of all chapters
     */
    public static RocksRows open(Path directory, Collection<Table> tables, StoreConfig config, MeterRegistry meters) {
        loadLibrary(directory);
        Set<Table> distinct = new LinkedHashSet<>(tables);
        distinct.add(Image.TABLE);
        refuseUnknownTables(directory, distinct);
        RocksRows rows = open(directory, List.copyOf(distinct), new RocksTuning(config));
        rows.bindTo(meters);
        return rows;
    }

    private static RocksRows open(Path directory, List<Table> tables, RocksTuning tuning) {
        var handles = new ArrayList<ColumnFamilyHandle>();
        try {
            RocksDB db = RocksDB.open(tuning.options(), directory.toString(), tuning.families(tables), handles);
            return new RocksRows(tuning, db, tables, handles);
        } catch (RocksDBException e) {
            tuning.close();
            throw new StoreException("cannot open the image in " + directory, e);
        }
    }

    /**
     * Unpacks the native library into {@code directory}, as the temporary folder may be small, and removes it at once,
     * as a killed process could not. Comes before any other use of RocksDB, which would unpack it elsewhere; {@link #open}
     * does it if nobody has.
     */
    public static synchronized void loadLibrary(Path directory) {
        try {
            Files.createDirectories(directory);
            NativeLibraryLoader.getInstance().loadLibrary(directory.toString());
            try (var unpacked = Files.newDirectoryStream(directory, "librocksdbjni*")) {
                for (Path library : unpacked) {
                    Files.delete(library);
                }
            }
        } catch (IOException | UnsatisfiedLinkError e) {
            throw new StoreException("cannot load the RocksDB library in " + directory, e);
        }
    }

    private static void refuseUnknownTables(Path directory, Set<Table> tables) {
        for (String name : tableNames(directory)) {
            if (!tables.contains(new Table(name)) && !name.equals("default")) {
                throw new StoreException("the image in " + directory + " has a table \"" + name
                        + "\" that this version does not know: it was written by a newer one");
            }
        }
    }

    private static List<String> tableNames(Path directory) {
        if (!Files.exists(directory.resolve("CURRENT"))) {
            return List.of();
        }
        try (var options = new Options()) {
            return RocksDB.listColumnFamilies(options, directory.toString()).stream()
                    .map(name -> new String(name, StandardCharsets.US_ASCII))
                    .toList();
        } catch (RocksDBException e) {
            throw new StoreException("cannot open the image in " + directory, e);
        }
    }

    @Override
    public byte[] get(Table table, byte[] key) {
        return whileOpen("read", () -> db.get(family(table), key));
    }

    @Override
    public boolean mayContain(Table table, byte[] key) {
        return whileOpen("read", () -> db.keyMayExist(family(table), key, null));
    }

    @Override
    public void scan(Table table, byte[] from, byte[] to, BiPredicate<byte[], byte[]> visitor) {
        whileOpen("read", () -> {
            try (var options = new ReadOptions();
                    var bound = to == null ? null : new Slice(to)) {
                if (isWithinAccount(from, to)) {
                    // Asks the filter, so that accounts of which the table has nothing cost no read.
                    options.setPrefixSameAsStart(true);
                } else {
                    options.setTotalOrderSeek(true);
                }
                if (bound != null) {
                    options.setIterateUpperBound(bound);
                }
                scan(table, from, options, visitor);
            }
            return null;
        });
    }

    private static boolean isWithinAccount(byte[] from, byte[] to) {
        if (from.length < AccountId.BYTES || to == null) {
            return false;
        }
        byte[] next = Rows.after(Arrays.copyOf(from, AccountId.BYTES));
        return next == null || Arrays.compareUnsigned(to, next) <= 0;
    }

    private void scan(Table table, byte[] from, ReadOptions options, BiPredicate<byte[], byte[]> visitor)
            throws RocksDBException {
        try (RocksIterator rows = db.newIterator(family(table), options)) {
            rows.seek(from);
            while (rows.isValid() && visitor.test(rows.key(), rows.value())) {
                rows.next();
            }
            rows.status();
        }
    }

    @Override
    public boolean write(long bytes, Changes changes) {
        return unlessFull(() -> {
            RocksBatch cleared = batchFor(bytes);
            try {
                changes.handTo(cleared);
                cleared.writeTo(db, writeOptions);
            } finally {
                cleared.clear();
            }
        });
    }

    /** The same from page to page of a fold: memory that is new costs more than what is copied into it. */
    private RocksBatch batchFor(long bytes) {
        if (batch != null && !batch.holds(bytes)) {
            dropBatch();
        }
        if (batch == null) {
            batch = new RocksBatch(bytes, this::family);
        }
        return batch;
    }

    private void dropBatch() {
        if (batch != null) {
            batch.close();
            batch = null;
        }
    }

    @Override
    public boolean flush() {
        return unlessFull(() -> {
            dropBatch();
            db.flush(flushOptions, handles);
        });
    }

    @Override
    public void close() {
        life.writeLock().lock();
        try {
            if (!isClosed) {
                isClosed = true;
                unbind.forEach(Runnable::run);
                dropBatch();
                handles.forEach(ColumnFamilyHandle::close);
                db.close();
                writeOptions.close();
                flushOptions.close();
                tuning.close();
            }
        } finally {
            life.writeLock().unlock();
        }
    }

    private boolean unlessFull(Change change) {
        return whileOpen("write", () -> {
            try {
                if (isFull) {
                    probe();
                }
                change.run();
                isFull = false;
                return true;
            } catch (RocksDBException e) {
                isFull = isNoSpace(e);
                if (isFull) {
                    return false;
                }
                throw e;
            }
        });
    }

    /**
     * Throws as long as RocksDB has not recovered, which it tries each five seconds. A flush must not be asked for
     * meanwhile: each request that fails puts the recovery off, for as long as they keep coming.
     */
    private void probe() throws RocksDBException {
        try (var nothing = new WriteBatch()) {
            db.write(writeOptions, nothing);
        }
    }

    private static boolean isNoSpace(RocksDBException e) {
        Status status = e.getStatus();
        return status != null && status.getSubCode() == Status.SubCode.NoSpace;
    }

    private <T> T whileOpen(String verb, Native<T> call) {
        life.readLock().lock();
        try {
            if (isClosed) {
                throw new StoreException("the image is closed");
            }
            return call.run();
        } catch (RocksDBException e) {
            throw new StoreException("cannot " + verb + " the image", e);
        } finally {
            life.readLock().unlock();
        }
    }

    private ColumnFamilyHandle family(Table table) {
        ColumnFamilyHandle family = families.get(table);
        if (family == null) {
            throw new IllegalArgumentException("not opened with table " + table.name());
        }
        return family;
    }

    private void bindTo(MeterRegistry meters) {
        gauge(meters, "cache", () -> tuning.cache().getUsage());
        gauge(meters, "readers", () -> db.getAggregatedLongProperty("rocksdb.estimate-table-readers-mem"));
    }

    private void gauge(MeterRegistry meters, String kind, Native<Long> bytes) {
        Gauge registered = Gauge.builder("quintet.store.native.memory", this, rows -> rows.measure(bytes))
                .description("Native memory of RocksDB: blocks, indexes, filters and memtables; open files")
                .tag("kind", kind)
                .baseUnit("bytes")
                .register(meters);
        unbind.add(() -> meters.remove(registered));
    }

    private double measure(Native<Long> bytes) {
        life.readLock().lock();
        try {
            return isClosed ? 0 : bytes.run();
        } catch (RocksDBException e) {
            return Double.NaN;
        } finally {
            life.readLock().unlock();
        }
    }

    private interface Native<T> {
        T run() throws RocksDBException;
    }

    private interface Change {
        void run() throws RocksDBException;
    }
}
