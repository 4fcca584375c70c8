package dev.quintet.relay.store;

import dev.quintet.protocol.AccountId;
import dev.quintet.relay.journal.Entry;
import dev.quintet.relay.journal.Journal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * The fold of the journal up to a position, in rows.
 *
 * <p>A checkpoint folds the stretch of the journal between the image's position and the durable one, a page at a time. An
 * envelope that came and went in a page is never written: ciphertexts are taken only when the page ends, from those of its
 * entries that still have any, which are mostly the last, and go straight into what is being written. Every write carries the position it has come to, in the same
 * batch as the rows, so that whatever a crash leaves behind knows where to go on. When all is flushed, the journal may
 * forget the stretch.
 *
 * <p>A fold that a full disk has broken off leaves rows of half a stretch behind. Nobody reads them: every account with
 * an entry in the stretch is held in memory until {@link #position} has passed it.
 *
 * <p>Row of the table {@code image}, key {@code quintet.position}:
 *
 * <pre>
 *    0        1                                               9
 *   +--------+-----------------------------------------------+
 *   | format | position, big endian                          |
 *   +--------+-----------------------------------------------+
 * </pre>
 *
 * <p><b>Thread:</b> {@link #checkpoint} on the fold thread (at start the thread that starts); the others anywhere.
 * <b>Memory:</b> one page, as a batch of the rows of at most 16 MiB and one entry more, and what the chapters keep from page to page.
 * <b>Failure:</b> {@link StoreException} from a checkpoint; the image is not to be used after one.
 */
public final class Image {
    /** Where the position is kept; rows that hold this table and those of the chapters can be opened. */
    public static final Table TABLE = new Table("image");

    private static final byte[] POSITION = "quintet.position".getBytes(StandardCharsets.US_ASCII);
    private static final byte FORMAT = 1;
    private static final long PAGE_BYTES = 16 << 20;

    private final Journal journal;
    private final Rows rows;
    private final List<Chapter<?>> chapters;
    private final Consumer<Throwable> failure;
    private final long pageBytes;
    private final List<LongConsumer> listeners = new CopyOnWriteArrayList<>();
    private long writtenPosition;
    private boolean isFlushed = true;
    private volatile long position;

    /**
     * The image as it was last flushed; throws {@link StoreException} if it is of another format, or if there is no
     * journal from where it ends on.
     *
     * @param failure told of a load that failed, on the thread of the load; the process should stop
     */
    public Image(Journal journal, Rows rows, List<Chapter<?>> chapters, Consumer<Throwable> failure) {
        this(journal, rows, chapters, failure, PAGE_BYTES);
    }

    /** The same with pages of another size. */
    Image(Journal journal, Rows rows, List<Chapter<?>> chapters, Consumer<Throwable> failure, long pageBytes) {
        this.journal = journal;
        this.rows = rows;
        this.chapters = List.copyOf(chapters);
        this.failure = failure;
        this.pageBytes = pageBytes;
        writtenPosition = readPosition();
        position = writtenPosition;
        if (position < journal.firstPosition() || position > journal.durablePosition()) {
            throw new StoreException("the image is at position " + position + " but the journal goes from "
                    + journal.firstPosition() + " to " + journal.durablePosition() + ": part of the data is missing");
        }
    }

    /**
     * Every entry below this position is in the rows; never falls. An account whose last change lies below can be
     * loaded from them.
     */
    public long position() {
        return position;
    }

    /** Bytes of the journal that are durable and not in the image. */
    public long lagBytes() {
        return journal.durablePosition() - position;
    }

    /**
     * Calls {@code listener} on the fold thread each time the position has risen, with the new one. Soon after, the
     * journal no longer holds what lies below: a read there answers null, and the rows are to be asked.
     */
    public void onAdvance(LongConsumer listener) {
        listeners.add(listener);
    }

    /**
     * Folds everything durable, flushes it and releases the journal up to there.
     *
     * @return false if the disk is full: nothing was released, and it is to be tried again later
     */
    public boolean checkpoint() {
        // What a full disk left in memory goes first, so that no second stretch piles up on it.
        return flush() && fold(journal.durablePosition()) && flush();
    }

    /**
     * Folds everything durable, before the first account is loaded; throws {@link StoreException} if the disk has no room
     * for the rows. They are flushed by the first checkpoint.
     */
    public void recover() {
        if (!fold(journal.durablePosition())) {
            throw new StoreException("no space on the disk to bring the image up to date with the journal");
        }
    }

    /** Reads what the chapters keep of an account, in their order. On a read thread. */
    Object[] load(AccountId account) {
        return chapters.stream().map(chapter -> chapter.load(account, rows)).toArray();
    }

    List<Chapter<?>> chapters() {
        return chapters;
    }

    Consumer<Throwable> failure() {
        return failure;
    }

    private boolean fold(long to) {
        if (to == position) {
            return true;
        }
        boolean isComplete = new Stretch().fold(to);
        if (isComplete) {
            position = to;
            listeners.forEach(listener -> listener.accept(to));
        }
        return isComplete;
    }

    private boolean flush() {
        if (isFlushed) {
            return true;
        }
        if (!rows.flush()) {
            return false;
        }
        isFlushed = true;
        journal.release(writtenPosition);
        return true;
    }

    private long readPosition() {
        byte[] row = rows.get(TABLE, POSITION);
        if (row == null) {
            return 0;
        }
        if (row[0] != FORMAT) {
            throw new StoreException("the image has format " + row[0] + "; this version knows format " + FORMAT);
        }
        return ByteBuffer.wrap(row).getLong(1);
    }

    /** One pass of folding: the page, and whether the disk has room for it. */
    private final class Stretch {
        private final FoldPage page = new FoldPage(rows, pageBytes);
        private boolean isBrokenOff;

        boolean fold(long to) {
            journal.replay(writtenPosition, to, this::fold);
            return !isBrokenOff && finish(to);
        }

        private void fold(Entry entry) {
            if (page.isFull() && !isBrokenOff) {
                isBrokenOff = !finish(entry.position());
            }
            if (isBrokenOff) {
                return;
            }
            for (Chapter<?> chapter : chapters) {
                chapter.fold(entry, page);
            }
        }

        private boolean finish(long reached) {
            long from = reached;
            for (Chapter<?> chapter : chapters) {
                from = Math.min(from, chapter.settle(page));
            }
            boolean isWritten = write(from, reached);
            chapters.forEach(chapter -> chapter.turn(isWritten));
            return isWritten;
        }

        private boolean write(long from, long reached) {
            if (!rows.write(page.bytes(), batch -> fill(batch, from, reached))) {
                return false;
            }
            page.clear();
            writtenPosition = reached;
            isFlushed = false;
            return true;
        }

        private void fill(Consumer<RowChange> batch, long from, long reached) {
            page.open(batch);
            if (from < reached) {
                journal.replay(from, reached, this::collect);
            }
            byte[] row = ByteBuffer.allocate(1 + Long.BYTES)
                    .put(FORMAT)
                    .putLong(reached)
                    .array();
            batch.accept(new RowChange(TABLE, POSITION, row));
        }

        private void collect(Entry entry) {
            for (Chapter<?> chapter : chapters) {
                chapter.collect(entry, page);
            }
        }
    }
}
