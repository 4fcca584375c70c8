package dev.quintet.relay.mailbox;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.wire.GapReason;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.store.Rows;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

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
    private final Queue<Runnable> waiting = new ArrayDeque<>();
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

    /** Reads from {@code from} on, up to but without {@code end}, all of which is in the image; at least one item. */
    void fetchFromImage(AccountId account, int device, long from, long end, Consumer<List<Fetched>> then) {
        submit(() -> readImage(account, device, from, end), then);
    }

    /** Reads the items of a tail whose bytes are no longer in memory. */
    void fetchFromJournal(AccountId account, int device, List<Wanted> wanted, Consumer<List<Fetched>> then) {
        submit(() -> readJournal(account, device, wanted), then);
    }

    private interface Reading {
        List<Fetched> read();
    }

    private void submit(Reading reading, Consumer<List<Fetched>> then) {
        if (underWay == CONCURRENT) {
            waiting.add(() -> start(reading, then));
        } else {
            start(reading, then);
        }
    }

    private void start(Reading reading, Consumer<List<Fetched>> then) {
        underWay++;
        readers.execute(() -> {
            try {
                List<Fetched> page = reading.read();
                home.execute(() -> finish(page, then));
            } catch (RuntimeException failed) {
                failure.accept(failed);
            }
        });
    }

    private void finish(List<Fetched> page, Consumer<List<Fetched>> then) {
        underWay--;
        Runnable next = waiting.poll();
        if (next != null) {
            next.run();
        }
        then.accept(page);
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
            items.add(
                    EnvelopeRow.isGap(row)
                            ? Fetched.gap(
                                    sequence, Fetched.AT_ONCE, EnvelopeRow.gapCount(row), EnvelopeRow.gapReason(row))
                            : Fetched.envelope(sequence, row));
            bytes += row.length;
            next = sequence + 1;
            return !isFull();
        }

        void addMissing(long end) {
            if (next < end) {
                items.add(Fetched.gap(end - 1, Fetched.AT_ONCE, end - next, GapReason.DAMAGED));
                next = end;
            }
        }
    }
}
