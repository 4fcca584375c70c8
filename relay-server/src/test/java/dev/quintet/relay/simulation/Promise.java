package dev.quintet.relay.simulation;

/** What the relay promises. */
enum Promise {
    /** What was accepted is on disk and arrives, whatever happens. */
    ACCEPTED_IS_ON_DISK,
    /** A repeated submission makes no second copy and gets the first answer. */
    ONCE_BY_ID,
    /** Deliveries come in the order of acceptance, and prove that nothing is missing. */
    ORDER,
    /** A submission is stored for exactly the devices of the account, or not at all. */
    ALL_OR_NOTHING,
    /** What was acknowledged never comes again and leaves the disk. */
    ACKNOWLEDGED_IS_GONE,
    /** Five devices at most, one live connection each. */
    FIVE_AT_MOST,
    /** A removed device gets nothing and does not get in. */
    REMOVED_IS_OUT,
    /** No version of a device list is replaced by an older or another one. */
    LISTS_ONLY_ADVANCE,
    /** A one-time prekey is handed out at most once. */
    KEYS_GO_ONCE,
    /** Nothing crashes, hangs or leaks. */
    BOUNDED
}
