package dev.quintet.relay.store;

import dev.quintet.protocol.AccountId;
import dev.quintet.relay.journal.Entry;
import java.util.List;

/**
 * One room's part of the image: how journal entries change its rows, and how an account's state is read back.
 *
 * @param <T> the room's state of one account
 */
public interface Chapter<T> {
    /** The tables that only this chapter writes. */
    List<Table> tables();

    /**
     * Shown every entry of a stretch before the first of them is folded, so that rows which the stretch itself deletes
     * again need not be written. On the fold thread.
     */
    default void foresee(Entry entry) {}

    /** Changes rows as the entry says; entries of other rooms' types are ignored. On the fold thread. */
    void fold(Entry entry, Page page);

    /** The stretch is folded: forget what was foreseen. On the fold thread. */
    default void folded() {}

    /** Reads one account's state; null if this room keeps nothing of it. On a read thread. */
    T load(AccountId account, Rows rows);
}
