package dev.quintet.relay.store;

/**
 * What the image may use, and when it is brought up to date.
 *
 * @param cacheBytes native memory for blocks, indexes and filters that were read
 * @param memtableBytes native memory for rows that were written and not yet flushed
 * @param openFiles most files that RocksDB keeps open
 * @param warmBytes heap for the state of accounts that are neither connected nor changed lately, over all home loops
 * @param waitingActions most actions of one home loop that may wait for accounts to be read
 * @param readThreads threads that read accounts and envelopes
 * @param queuedReads most reads that may wait for such a thread
 * @param checkpointBytes a checkpoint is due when so much of the journal is not in the image
 * @param checkpointMillis a checkpoint is due after this time, if the journal has anything new
 */
public record StoreConfig(
        long cacheBytes,
        long memtableBytes,
        int openFiles,
        long warmBytes,
        int waitingActions,
        int readThreads,
        int queuedReads,
        long checkpointBytes,
        long checkpointMillis) {

    /** Throws {@link IllegalArgumentException} that names the key if a value is out of range. */
    public StoreConfig {
        require("cacheBytes", cacheBytes, 1 << 20);
        require("memtableBytes", memtableBytes, 1 << 20);
        require("openFiles", openFiles, 32);
        require("warmBytes", warmBytes, 1);
        require("waitingActions", waitingActions, 1);
        require("readThreads", readThreads, 1);
        require("queuedReads", queuedReads, 1);
        require("checkpointBytes", checkpointBytes, 1);
        require("checkpointMillis", checkpointMillis, 1);
    }

    /** The defaults: about 48 MiB of native memory, 32 MiB of heap, a checkpoint each 64 MiB or 60 seconds. */
    public static StoreConfig defaults() {
        return new StoreConfig(32 << 20, 16 << 20, 256, 32 << 20, 65_536, 2, 8_192, 64 << 20, 60_000);
    }

    private static void require(String key, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException("store." + key + " must be at least " + least + ", not " + value);
        }
    }
}
