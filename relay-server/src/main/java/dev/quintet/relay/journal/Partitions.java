package dev.quintet.relay.journal;

import dev.quintet.protocol.AccountId;

/** How accounts are spread over the partitions of the journal. Part of the format on disk. */
public final class Partitions {
    /** How many there are; never changes for a data directory. */
    public static final int COUNT = 64;

    private Partitions() {}

    /** The partition of {@code account}, 0 to {@link #COUNT} - 1. Account ids are random, so their bits spread evenly. */
    public static int of(AccountId account) {
        return (int) account.low() & (COUNT - 1);
    }
}
