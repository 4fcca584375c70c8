package dev.quintet.relay.mailbox;

import dev.quintet.protocol.AccountId;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.store.Rows;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Reads items of mailboxes back from disk, a few mailboxes at a time.
 *
 * <p><b>Thread:</b> the home loop asks and is answered; the reading happens on {@code readers}. <b>Memory:</b> at most
 * {@link #CONCURRENT} pages of {@link #PAGE_BYTES} (or one larger envelope) under way, and as much again for each
 * subscriber that has not taken its page yet. <b>Failure:</b> what cannot be read becomes a gap with the reason
 * DAMAGED; a disk that fails to answer stops the process by the handler given.
 */
final class Fetcher {
    /** Pages under way at the same time for one home loop. */
    static final int CONCURRENT = 8;

    /** Items in a page at most. */
    static final int PAGE_ITEMS = 64;

    /** Ciphertext after which a page ends. */
    static final int PAGE_BYTES = 128 << 10;

    private final Rows rows;
    private final Journal journal;
    private final Executor readers;
    private final Executor home;
    private final Consumer<Throwable> failure;
    private final Deque<Reading> waiting = new ArrayDeque<>();
    private int underWay;

    Fetcher(Rows rows, Journal journal, Executor readers, Executor home, Consumer<Throwable> failure) {
        this.rows = rows;
        this.journal = journal;
        this.readers = readers;
        this.home = home;
        this.failure = failure;
    }

    /**
     * Where to look for one item of a tail.
     *
     * @param sequence its number
     * @param position of its journal entry
     * @param offset of the ciphertext in the entry
     * @param length of the ciphertext
     */
    record Wanted(long sequence, long position, int offset, int length) {}

    /**
     * A page that somebody waits for.
     *
     * @param isWanted asked before it is read and before it is handed over
     * @param then takes it
     */
    record Request(BooleanSupplier isWanted, Consumer<List<Fetched>> then) {}

    /** Reads from {@code from} on, up to but without {@code end}, all of which is in the image; at least one item. */
    void fetchFromImage(AccountId account, int device, long from, long end, Request request) {
        submit(new Reading(() -> readImage(account, device, from, end), request));
    }

    /** Reads the items of a tail whose bytes are no longer in memory. */
    void fetchFromJournal(AccountId account, int device, List<Wanted> wanted, Request request) {
        submit(new Reading(() -> readJournal(account, device, wanted), request));
    }

    private record Reading(Supplier<List<Fetched>> read, Request request) {}

    private void submit(Reading reading) {
        waiting.add(reading);
        startWaiting();
    }

    private void startWaiting() {
        while (underWay < CONCURRENT && !waiting.isEmpty()) {
            Reading next = waiting.remove();
            if (next.request().isWanted().getAsBoolean() && !start(next)) {
                return;
            }
        }
    }

    private boolean start(Reading reading) {
        underWay++;
        try {
            readers.execute(() -> read(reading));
            return true;
        } catch (RejectedExecutionException full) {
            underWay--;
            waiting.addFirst(reading);
            if (underWay == 0) {
                home.execute(this::startWaiting);
            }
            return false;
        }
    }

    /** On a read thread. */
    private void read(Reading reading) {
        List<Fetched> page;
        try {
            page = reading.read().get();
        } catch (RuntimeException | Error failed) {
            failure.accept(failed);
            return;
        }
        try {
            home.execute(() -> finish(page, reading.request()));
        } catch (RejectedExecutionException closed) {
            // The home loop has ended, and with it everybody who waits.
        }
    }

    private void finish(List<Fetched> page, Request request) {
        underWay--;
        startWaiting();
        if (request.isWanted().getAsBoolean()) {
            request.then().accept(page);
        }
    }

    private List<Fetched> readImage(AccountId account, int device, long from, long end) {
        Page page = new Page(from);
        rows.scan(
                EnvelopeRow.TABLE,
                EnvelopeRow.key(account, device, from),
                EnvelopeRow.key(account, device, end),
                (key, row) -> page.add(EnvelopeRow.sequence(key), row));
        if (!page.isFull()) {
            page.addMissing(end);
        }
        return page.items;
    }

    private List<Fetched> readJournal(AccountId account, int device, List<Wanted> wanted) {
        Page page = new Page(wanted.get(0).sequence());
        for (Wanted item : wanted) {
            byte[] row = readEntry(item);
            if (row == null) {
                row = rows.get(EnvelopeRow.TABLE, EnvelopeRow.key(account, device, item.sequence()));
            }
            if (row != null) {
                page.add(item.sequence(), row);
            }
        }
        page.addMissing(wanted.get(wanted.size() - 1).sequence() + 1);
        return page.items;
    }

    private byte[] readEntry(Wanted item) {
        byte[] head = journal.read(item.position(), 0, SubmissionEntry.HEAD_BYTES);
        byte[] ciphertext = journal.read(item.position(), item.offset(), item.length());
        return head == null || ciphertext == null ? null : EnvelopeRow.envelope(head, ciphertext);
    }

    /** Collects items in order; numbers that are nowhere on the disk become one gap. */
    private static final class Page {
        private final List<Fetched> items = new ArrayList<>();
        private long next;
        private int bytes;

        Page(long next) {
            this.next = next;
        }

        boolean isFull() {
            return items.size() >= PAGE_ITEMS || bytes >= PAGE_BYTES;
        }

        boolean add(long sequence, byte[] row) {
            addMissing(sequence);
            items.add(Fetched.of(sequence, row));
            bytes += row.length;
            next = sequence + 1;
            return !isFull();
        }

        void addMissing(long end) {
            if (next < end) {
                items.add(Fetched.damaged(end - 1, end - next));
                next = end;
            }
        }
    }
}
