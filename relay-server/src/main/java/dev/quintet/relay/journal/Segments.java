package dev.quintet.relay.journal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of the log, from the oldest that is still needed to those prepared for what comes.
 *
 * <pre>
 *   released        kept                 open            prepared
 *   ┄┄┄┄┄┄┄┄┬───────────┬───────────┬───────────┬───────────┬───────────┐
 *           │  segment  │  segment  │▓▓▓▓▓      │   spare   │ (recycled)│
 *   ┄┄┄┄┄┄┄┄┴───────────┴───────────┴───────────┴───────────┴───────────┘
 *                                                     ▲                 ▲
 *                                                     growingLimit      limit
 * </pre>
 *
 * <p>A prepared segment has its final name and header, so going over to it costs nothing. The next one is made as soon as
 * less than one and a half segments are free: to fill a file takes long on a disk that is busy, which is when it is
 * needed soonest. Segments that are released become further ones, up to three, and are deleted beyond that. The last half
 * segment is kept for entries that do not grow the state: when the disk is full and no spare can be made, these still go
 * on. They go on as well when as much is kept as {@link JournalConfig#keptBytes} says, because the image does not keep up.
 *
 * <p><b>Thread:</b> lookups and limits from any thread, {@link #tend} from the journal thread; files are made, recycled
 * and deleted on the background executor, under this object's lock, which nobody else waits for.
 * <b>Failure:</b> a spare that cannot be made is tried again every second; no failure here loses what is durable.
 */
final class Segments {
    private static final Logger LOG = LoggerFactory.getLogger(Segments.class);
    private static final String UNFINISHED = "unfinished";
    private static final int MOST_PREPARED = 3;
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final JournalConfig config;
    private final Disk disk;
    private final Executor background;
    private final long salt;
    private final NavigableMap<Long, Segment> byBase;

    private volatile long limit;
    private volatile long growingLimit;
    private volatile long keptLimit;
    private volatile long durablePosition;
    private volatile boolean isFull;
    private volatile boolean isPreparing;
    private boolean isBehind;
    private boolean isClosed;
    private long retryNanos;

    /** Takes over what recovery has found. */
    Segments(JournalConfig config, Disk disk, Executor background, Recovery.Found found) {
        this.config = config;
        this.disk = disk;
        this.background = background;
        this.salt = found.salt();
        this.byBase = new ConcurrentSkipListMap<>(found.segments());
        this.durablePosition = found.end();
        this.limit = Math.max(
                found.end(),
                byBase.isEmpty() ? 0 : byBase.lastEntry().getValue().end());
        setGrowingLimit();
    }

    /** Makes the first segment of a journal that has none, so that a disk that takes nothing is known at start. */
    void makeFirst() throws IOException {
        if (byBase.isEmpty()) {
            make(limit);
        }
    }

    /** The segment that holds this position, or null. */
    Segment at(long position) {
        Map.Entry<Long, Segment> floor = byBase.floorEntry(position);
        return floor != null && floor.getValue().contains(position) ? floor.getValue() : null;
    }

    /** All segments by base, for scans; changes while it is looked at. */
    NavigableMap<Long, Segment> byBase() {
        return byBase;
    }

    /** Where the oldest segment that is kept starts. */
    long firstPosition() {
        Map.Entry<Long, Segment> first = byBase.firstEntry();
        return first == null ? limit : first.getKey();
    }

    /** No entry may end above. */
    long limit() {
        return limit;
    }

    /** No entry that grows the state may end above. */
    long growingLimit() {
        return growingLimit;
    }

    private void setGrowingLimit() {
        keptLimit = firstPosition() + Math.min(config.keptBytes(), Long.MAX_VALUE / 2);
        growingLimit = Math.min(limit - config.segmentBytes() / 2, keptLimit);
    }

    /** Whether the last try to make a spare has failed. */
    boolean isFull() {
        return isFull;
    }

    /** Sees to it that a spare is made in time. */
    void tend(long durable, long nowNanos) {
        durablePosition = durable;
        sayWhetherBehind();
        if (!isPreparing && isShort() && (!isFull || nowNanos - retryNanos >= 0)) {
            isPreparing = true;
            retryNanos = nowNanos + RETRY_NANOS;
            background.execute(this::prepare);
        }
    }

    /** Behind when there is hardly room, and again in order when half is free: a line for each time, not for each segment. */
    private void sayWhetherBehind() {
        long room = keptLimit - durablePosition;
        boolean wasBehind = isBehind;
        isBehind = room < (wasBehind ? config.keptBytes() / 2 : config.ringBytes());
        if (isBehind == wasBehind) {
            return;
        }
        if (isBehind) {
            LOG.warn(
                    "the image is {} bytes behind the journal: what grows the state is refused until it has caught up",
                    durablePosition - firstPosition());
        } else {
            LOG.info("the image has caught up with the journal to {} bytes", durablePosition - firstPosition());
        }
    }

    private boolean isShort() {
        return limit - durablePosition < config.segmentBytes() * 3L / 2;
    }

    /** Whole segments ahead of the one that holds the durable position. */
    private int preparedCount() {
        return byBase.tailMap(durablePosition, false).size();
    }

    private synchronized void prepare() {
        try {
            if (!isClosed && isShort()) {
                make(limit);
                hasRoom();
            }
        } catch (IOException failure) {
            lacksRoom(failure);
        } finally {
            isPreparing = false;
        }
    }

    private void make(long base) throws IOException {
        if (disk.names().contains(UNFINISHED)) {
            disk.delete(UNFINISHED);
        }
        DiskFile file = disk.create(UNFINISHED, SegmentHeader.BYTES + config.segmentBytes());
        try {
            header(base).write(file);
            disk.rename(UNFINISHED, Segment.name(base));
            disk.sync();
        } catch (IOException failure) {
            file.close();
            throw failure;
        }
        add(new Segment(base, config.segmentBytes(), file));
    }

    private SegmentHeader header(long base) {
        return new SegmentHeader(base, config.segmentBytes(), salt, durablePosition);
    }

    private void add(Segment segment) {
        byBase.put(segment.base(), segment);
        limit = segment.end();
        setGrowingLimit();
    }

    /** Gives back the segments that lie wholly below {@code position}; soon, not at once. */
    void release(long position) {
        if (!byBase.isEmpty() && byBase.firstEntry().getValue().end() <= position) {
            background.execute(() -> giveBack(position));
        }
    }

    private synchronized void giveBack(long position) {
        try {
            while (!isClosed
                    && !byBase.isEmpty()
                    && byBase.firstEntry().getValue().end() <= position) {
                // The oldest first, each made durable by itself, so that a crash never leaves a hole.
                giveBack(byBase.pollFirstEntry().getValue());
            }
        } catch (IOException failure) {
            LOG.warn("a released segment could not be recycled or deleted; its space is free after a restart", failure);
        } finally {
            setGrowingLimit();
        }
    }

    private void giveBack(Segment segment) throws IOException {
        if (segment.bytes() == config.segmentBytes() && preparedCount() < MOST_PREPARED) {
            recycle(segment);
        } else {
            segment.file().close();
            disk.delete(segment.name());
            disk.sync();
        }
    }

    private void recycle(Segment segment) throws IOException {
        long base = limit;
        disk.rename(segment.name(), Segment.name(base));
        disk.sync();
        header(base).write(segment.file());
        add(new Segment(base, segment.bytes(), segment.file()));
        hasRoom();
    }

    private void hasRoom() {
        if (isFull) {
            isFull = false;
            LOG.info("journal has room again up to position {}", limit);
        }
    }

    private void lacksRoom(IOException failure) {
        if (!isFull) {
            isFull = true;
            LOG.error(
                    "journal cannot make a segment; entries that grow the state are refused from position {} on",
                    growingLimit(),
                    failure);
        }
    }

    int count() {
        return byBase.size();
    }

    /** Closes all files; the background executor does nothing more. */
    synchronized void close() throws IOException {
        isClosed = true;
        List<IOException> failures = new ArrayList<>();
        for (Segment segment : byBase.values()) {
            try {
                segment.file().close();
            } catch (IOException failure) {
                failures.add(failure);
            }
        }
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
    }
}
