package dev.quintet.relay.store;

import dev.quintet.protocol.AccountId;
import dev.quintet.relay.journal.Entry;
import java.util.List;

/**
 * One room's part of the image: how journal entries change its rows, and how an account's state is read back.
 *
 * <p>An entry may change rows of one account only: the one whose {@link Resident} was told of the change; and rows of names
 * that nobody reads while an entry about them may be in the fold. The rows
 * after a fold must not depend on how the journal was cut into stretches, nor on entries being folded a second time
 * from any point on: after a crash the fold begins again where the last flush had come to.
 *
 * @param <T> the room's state of one account
 */
public interface Chapter<T> {
    /** The tables that only this chapter writes. */
    List<Table> tables();

    /**
     * Changes rows as the entry says; entries of other rooms' types are ignored. A chapter may gather changes itself as
     * long as the page is not written, and put rows only in {@link #settle} and {@link #collect}. On the fold thread.
     */
    void fold(Entry entry, Page page);

    /**
     * The page is to be written: puts the rows that were gathered for it. On the fold thread.
     *
     * @return the position from which on the entries of the page are to be shown to {@link #collect}; {@link
     *     Long#MAX_VALUE} for none
     */
    default long settle(Page page) {
        return Long.MAX_VALUE;
    }

    /** Shown an entry of the page a second time, after {@link #settle}. On the fold thread. */
    default void collect(Entry entry, Page page) {}

    /**
     * The page has come to its end.
     *
     * @param isWritten false if the disk was full, so that the entries of the page will be folded once more
     */
    default void turn(boolean isWritten) {}

    /** Reads one account's state; null if this room keeps nothing of it. On a read thread. */
    T load(AccountId account, Rows rows);

    /** Roughly how many bytes of heap the state takes. On the account's home loop. */
    default int weigh(T state) {
        return 1024;
    }
}
