package dev.quintet.relay.journal;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A journal in segment files of one directory.
 *
 * <p>Appending threads put entries into a ring; the journal thread takes whatever is there, writes it with one write,
 * forces it with one fdatasync and says so. While it waits for the disk the next batch gathers, and under load a little
 * longer ({@link CommitPace}).
 *
 * <p>Life cycle: {@link #open} recovers; from then on entries are taken. Either {@link #start} runs the journal thread,
 * or one thread calls {@link #commit} by hand. {@link #close} after the appending threads have stopped.
 *
 * <p><b>Thread:</b> {@link #commit} on one thread at a time; it must never be interrupted, since that closes files.
 * <b>Memory:</b> the ring, and a buffer per read in progress.
 * <b>Limits:</b> {@link JournalConfig}; a full ring, or a disk that does not keep up, is {@link #OVERLOADED}.
 * <b>Failure:</b> the first write or sync that fails is reported once and never retried. From then on, and after
 * {@link #close}, nothing becomes durable and every append answers {@link #OVERLOADED}.
 */
public final class FileJournal implements Journal {
    private static final Logger LOG = LoggerFactory.getLogger(FileJournal.class);
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final JournalConfig config;
    private final JournalEnvironment environment;
    private final JournalMetrics metrics;
    private final DamageLog damage;
    private final long salt;
    private final Segments segments;
    private final AppendRing ring;
    private final ThreadNap nap;
    private final CommitPace pace;
    private final List<LongConsumer> listeners = new CopyOnWriteArrayList<>();

    private volatile long durable;
    private volatile boolean isStopped;
    private volatile Thread thread;

    /** Whether entries were made durable that no marker covers yet. */
    private boolean isUnmarked = true;

    private boolean isFailed;
    private long lastCommitNanos;

    private FileJournal(JournalConfig config, JournalEnvironment environment) throws IOException {
        this.config = config;
        this.environment = environment;
        this.metrics = new JournalMetrics(environment.meters(), this::segmentCount);
        this.nap = new ThreadNap(environment.nanoClock());
        this.pace = new CommitPace(nap);
        this.damage = new DamageLog(metrics::damaged);
        Recovery.Found found = Recovery.run(environment.disk(), config, damage, environment.random());
        this.salt = found.salt();
        this.durable = found.end();
        this.segments = new Segments(config, environment.disk(), environment.background(), found);
        segments.makeFirst();
        Segment open = segments.at(durable);
        this.ring = new AppendRing(config.ringBytes(), open == null ? durable : open.base(), salt, durable);
        this.lastCommitNanos = environment.nanoClock().getAsLong();
        segments.tend(durable, lastCommitNanos);
    }

    /**
     * Opens the journal on this disk, recovers what is there, or makes a new one.
     *
     * @throws IOException if the disk fails, or holds something that this version cannot go on with
     */
    public static FileJournal open(JournalConfig config, JournalEnvironment environment) throws IOException {
        return new FileJournal(config, environment);
    }

    /** Runs the journal thread until {@link #close} or a failure. */
    public void start(ThreadFactory threads) {
        thread = threads.newThread(this::run);
        thread.start();
    }

    @Override
    public long append(int partition, EntryType type, ByteBuf body) {
        if (partition < 0 || partition > EntryLayout.LARGEST_PARTITION) {
            throw new IllegalArgumentException("partition " + partition);
        }
        if (body.readableBytes() > config.largestBodyBytes()) {
            throw new IllegalArgumentException("a body of " + body.readableBytes() + " bytes");
        }
        if (isStopped) {
            return OVERLOADED;
        }
        boolean isGrowing = type.isGrowing();
        long position = ring.append(partition, type, body, isGrowing ? segments.growingLimit() : segments.limit());
        if (position == NO_SPACE && !(isGrowing && segments.isFull())) {
            return OVERLOADED;
        }
        pace.appended(type, position == OVERLOADED || position - durable > config.ringBytes() / 2);
        return position;
    }

    private void run() {
        nap.begin();
        while (!isStopped) {
            pace.await(() -> ring.isPublished(durable));
            pace.committing();
            long appended = ring.tail();
            commit();
            if (durable < appended) {
                pace.goOn();
            }
        }
    }

    /**
     * Makes durable what has been appended, as far as one write can, and tells the listeners.
     *
     * @return whether there was anything to do
     */
    public boolean commit() {
        if (isFailed) {
            return false;
        }
        try {
            return commitBatch();
        } catch (Throwable failure) {
            fail(failure);
            return false;
        }
    }

    private void fail(Throwable failure) {
        isFailed = true;
        isStopped = true;
        LOG.error("journal failed at position {}; nothing more becomes durable", durable, failure);
        environment.onFailure().accept(failure);
    }

    private boolean commitBatch() throws IOException {
        boolean hasEntries = ring.isPublished(durable);
        long startNanos = environment.nanoClock().getAsLong();
        segments.tend(durable, startNanos);
        if (hasEntries) {
            ring.mark(durable, segments.limit());
        } else if (isUnmarked && startNanos - lastCommitNanos >= IDLE_NANOS) {
            ring.mark(durable, segments.limit());
            isUnmarked = false;
        } else {
            return false;
        }
        AppendRing.Batch batch = ring.published(durable);
        if (batch.start() == batch.end()) {
            return false;
        }
        write(batch);
        isUnmarked |= batch.entryCount() > 0;
        lastCommitNanos = environment.nanoClock().getAsLong();
        metrics.committed(batch.entryCount(), batch.end() - batch.start(), lastCommitNanos - startNanos);
        durable = batch.end();
        pace.committed(batch.entryCount(), batch.awaitedCount());
        for (LongConsumer listener : listeners) {
            listener.accept(batch.end());
        }
        return true;
    }

    private void write(AppendRing.Batch batch) throws IOException {
        Segment segment = segments.at(batch.start());
        segment.write(batch.bytes(), batch.start());
        ring.reclaim(batch);
        long syncNanos = environment.nanoClock().getAsLong();
        segment.file().force();
        metrics.synced(environment.nanoClock().getAsLong() - syncNanos);
    }

    @Override
    public long durablePosition() {
        return durable;
    }

    @Override
    public void onDurable(LongConsumer listener) {
        listeners.add(listener);
    }

    @Override
    public long firstPosition() {
        return segments.firstPosition();
    }

    @Override
    public void replay(long from, long to, Consumer<Entry> visitor) {
        long first = segments.firstPosition();
        if (to > durable || from < first && from < to) {
            throw new IllegalArgumentException(
                    "replay of [" + from + ", " + to + ") where [" + first + ", " + durable + ") is kept");
        }
        new EntryScan(segments.byBase(), salt).run(from, to, new EntryScan.Visitor() {
            @Override
            public void entry(Entry entry, long end) {
                if (entry.type() != EntryType.PADDING && entry.type() != EntryType.MARKER) {
                    visitor.accept(entry);
                }
            }

            @Override
            public void gap(long gapFrom, long gapTo) {
                damage.name(gapFrom, gapTo, segments.byBase());
            }
        });
    }

    @Override
    public byte[] read(long position, int offset, int length) {
        if (position >= durable) {
            throw new IllegalArgumentException("read at " + position + " above " + durable);
        }
        Segment segment = segments.at(position);
        if (segment == null) {
            return null;
        }
        int wanted = EntryLayout.occupied(EntryLayout.HEADER_BYTES + offset + length);
        try (EntryWindow window = new EntryWindow(salt, wanted)) {
            int found = window.lengthAt(segment, position);
            if (found == 0) {
                damage.name(position, position + EntryLayout.ALIGNMENT, segments.byBase());
                return null;
            }
            byte[] bytes = new byte[length];
            window.entryAt(position, found).body().getBytes(offset, bytes);
            return bytes;
        }
    }

    @Override
    public void release(long position) {
        if (position > durable) {
            throw new IllegalArgumentException("release of " + position + " above " + durable);
        }
        segments.release(position);
    }

    private int segmentCount() {
        return segments == null ? 0 : segments.count();
    }

    @Override
    public void close() {
        isStopped = true;
        pace.end();
        joinThread();
        while (!isFailed && ring.tail() > durable) {
            commit();
        }
        if (!isFailed) {
            ring.mark(durable, segments.limit());
            commit();
        }
        isFailed = true;
        try {
            segments.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private void joinThread() {
        Thread running = thread;
        if (running == null || running == Thread.currentThread()) {
            return;
        }
        boolean isInterrupted = false;
        while (running.isAlive()) {
            try {
                running.join();
            } catch (InterruptedException interrupt) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
