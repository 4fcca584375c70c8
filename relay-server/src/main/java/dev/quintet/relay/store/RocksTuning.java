package dev.quintet.relay.store;

import dev.quintet.protocol.AccountId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.TablePropertiesCollectorFactory;
import org.rocksdb.WriteBufferManager;

/**
 * How RocksDB is set up: little memory whatever the number of rows, one flush for all tables, no log of its own.
 *
 * <p>Blocks, indexes, filters and memtables all count against one cache. Indexes and filters are cut in pieces, so that
 * those of sleeping accounts leave it. Ciphertext does not compress, so nothing is compressed. A file with many deletions is merged
 * into those below at once, however small it is: what was acknowledged is to leave the disk soon. The other files of flushes
 * wait until there are 16: each merge writes the whole table of recent submissions anew.
 *
 * <p><b>Thread:</b> the one that opens and closes the rows. <b>Memory:</b> owns the native objects until {@link #close}.
 */
final class RocksTuning implements AutoCloseable {
    private static final int BLOCK_BYTES = 16 << 10;
    private static final int INDEX_PIECE_BYTES = 4 << 10;
    private static final int FILTER_BITS_PER_KEY = 10;
    private static final long DELETION_WINDOW_ROWS = 1024;
    private static final long DELETIONS_IN_WINDOW = 256;
    private static final double DELETIONS_IN_FILE = 0.25;
    private static final int FLUSHES_BEFORE_MERGE = 16;
    private static final int FLUSHES_BEFORE_SLOWING = 32;
    private static final int FLUSHES_BEFORE_STOPPING = 48;

    /** One takes rows, one waits and one is being flushed; with fewer a fold mostly waits for the disk. */
    private static final int MEMTABLES = 3;

    private static final int ARENA_BLOCK_BYTES = 256 << 10;
    private static final int MANIFEST_BYTES = 4 << 20;
    private static final int LOG_BYTES = 1 << 20;

    private final Deque<AbstractNativeReference> natives = new ArrayDeque<>();
    private final Cache cache;
    private final DBOptions options;
    private final ColumnFamilyOptions tableOptions;

    RocksTuning(StoreConfig config) {
        cache = own(new LRUCache(config.cacheBytes() + config.memtableBytes()));
        options = options(config);
        tableOptions = tableOptions(config);
    }

    Cache cache() {
        return cache;
    }

    DBOptions options() {
        return options;
    }

    /** The families to open: RocksDB's own and one for each table. */
    List<ColumnFamilyDescriptor> families(Collection<Table> tables) {
        var names = new ArrayList<byte[]>();
        names.add(RocksDB.DEFAULT_COLUMN_FAMILY);
        tables.forEach(table -> names.add(table.name().getBytes(StandardCharsets.US_ASCII)));
        return names.stream()
                .map(name -> new ColumnFamilyDescriptor(name, tableOptions))
                .toList();
    }

    /** Closes the native objects, the newest first. */
    @Override
    public void close() {
        while (!natives.isEmpty()) {
            natives.pop().close();
        }
    }

    private DBOptions options(StoreConfig config) {
        var memtables = own(new WriteBufferManager(config.memtableBytes(), cache));
        return own(new DBOptions())
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setAtomicFlush(true)
                // What was written and not flushed is folded from the journal again: closing need not write it.
                .setAvoidFlushDuringShutdown(true)
                .setWriteBufferManager(memtables)
                .setMaxOpenFiles(config.openFiles())
                .setMaxBackgroundJobs(2)
                .setBytesPerSync(1 << 20)
                .setMaxManifestFileSize(MANIFEST_BYTES)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(LOG_BYTES)
                .setKeepLogFileNum(2);
    }

    private ColumnFamilyOptions tableOptions(StoreConfig config) {
        var filter = own(new BloomFilter(FILTER_BITS_PER_KEY));
        var blocks = new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setBlockSize(BLOCK_BYTES)
                .setCacheIndexAndFilterBlocks(true)
                .setCacheIndexAndFilterBlocksWithHighPriority(true)
                .setPinTopLevelIndexAndFilter(true)
                .setIndexType(IndexType.kTwoLevelIndexSearch)
                .setPartitionFilters(true)
                .setMetadataBlockSize(INDEX_PIECE_BYTES)
                .setFilterPolicy(filter)
                .setWholeKeyFiltering(true);
        return mergingDeletions(own(new ColumnFamilyOptions())
                .setTableFormatConfig(blocks)
                .useFixedLengthPrefixExtractor(AccountId.BYTES)
                .setWriteBufferSize(config.memtableBytes())
                .setMaxWriteBufferNumber(MEMTABLES)
                .setLevel0FileNumCompactionTrigger(FLUSHES_BEFORE_MERGE)
                .setLevel0SlowdownWritesTrigger(FLUSHES_BEFORE_SLOWING)
                .setLevel0StopWritesTrigger(FLUSHES_BEFORE_STOPPING)
                .setArenaBlockSize(ARENA_BLOCK_BYTES)
                .setCompressionType(CompressionType.NO_COMPRESSION)
                .setLevelCompactionDynamicLevelBytes(true));
    }

    /** RocksDB's Java takes this option in the class for everything only. */
    private ColumnFamilyOptions mergingDeletions(ColumnFamilyOptions without) {
        var deletions = own(TablePropertiesCollectorFactory.NewCompactOnDeletionCollectorFactory(
                DELETION_WINDOW_ROWS, DELETIONS_IN_WINDOW, DELETIONS_IN_FILE));
        var all = own(new Options(options, without));
        all.setTablePropertiesCollectorFactory(List.of(deletions));
        return own(new ColumnFamilyOptions(all));
    }

    private <T extends AbstractNativeReference> T own(T made) {
        natives.push(made);
        return made;
    }
}
