package dev.quintet.relay.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out, at start, what the log holds, and where it ends.
 *
 * <p>The markers say how far the log was durable. What is no whole entry below that is damage: it is named and left as
 * it is, and the entries behind it stay. The first such gap above it is the torn tail of a batch that nobody was told
 * of: the log is cut there. Whole entries behind the cut are overwritten with zeros before anything new is appended,
 * since otherwise, after another crash, they could join on to it.
 *
 * <p>A crash during recovery is harmless: each step leaves a disk from which the same is found again.
 */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
    private static final int ZERO_BYTES = 1 << 20;

    private final Disk disk;
    private final JournalConfig config;
    private final DamageLog damage;
    private final TreeMap<Long, Segment> segments = new TreeMap<>();
    private final TreeMap<Long, SegmentHeader> headers = new TreeMap<>();

    private long salt;
    private long durable;
    private long cut;
    private long lastEntryEnd;

    /**
     * What was found.
     *
     * @param segments by base; those from the one that holds {@code end} on follow each other without a hole
     * @param salt mixed into every checksum
     * @param end where the log goes on
     */
    record Found(NavigableMap<Long, Segment> segments, long salt, long end) {}

    private Recovery(Disk disk, JournalConfig config, DamageLog damage) {
        this.disk = disk;
        this.config = config;
        this.damage = damage;
    }

    /**
     * Recovers.
     *
     * @throws IOException if the disk fails; or if the journal is of a newer format or no header is readable, in which
     *     case nothing has been changed
     */
    static Found run(Disk disk, JournalConfig config, DamageLog damage, RandomGenerator random) throws IOException {
        Recovery recovery = new Recovery(disk, config, damage);
        try {
            return recovery.recover(random);
        } catch (UncheckedIOException failure) {
            recovery.closeFiles();
            throw failure.getCause();
        } catch (IOException | RuntimeException failure) {
            recovery.closeFiles();
            throw failure;
        }
    }

    private void closeFiles() throws IOException {
        for (Segment segment : segments.values()) {
            segment.file().close();
        }
    }

    private Found recover(RandomGenerator random) throws IOException {
        openSegments();
        if (headers.isEmpty()) {
            deleteBlankSegments();
            return new Found(segments, random.nextLong(), 0);
        }
        salt = headers.firstEntry().getValue().salt();
        for (Segment segment : segments.values()) {
            // A process that was killed has left bytes that are readable now and not yet on disk.
            segment.file().force();
        }
        findEnd();
        eraseBehindCut();
        settleTail();
        LOG.info("journal recovered: positions {} to {}, {} segments", segments.firstKey(), cut, segments.size());
        return new Found(segments, salt, cut);
    }

    private void openSegments() throws IOException {
        List<String> names = disk.names().stream()
                .filter(name -> Segment.base(name) >= 0)
                .sorted()
                .toList();
        for (int index = names.size() - 1; index >= 0; index--) {
            long base = Segment.base(names.get(index));
            DiskFile file = disk.open(names.get(index));
            Segment guess = new Segment(base, guessBytes(base), file);
            segments.put(base, guess);
            SegmentHeader header = SegmentHeader.read(file);
            if (header != null) {
                headers.put(base, header);
                segments.put(base, new Segment(base, bytes(base, header), file));
            }
        }
    }

    private int bytes(long base, SegmentHeader header) {
        Long next = segments.higherKey(base);
        return next == null ? header.segmentBytes() : (int) Math.min(next - base, header.segmentBytes());
    }

    /** What counts if the header cannot be read: up to the next segment; they are opened from the last to the first. */
    private int guessBytes(long base) {
        Long next = segments.higherKey(base);
        return next == null ? config.segmentBytes() : (int) Math.min(next - base, JournalConfig.LARGEST_SEGMENT_BYTES);
    }

    private void deleteBlankSegments() throws IOException {
        for (Segment segment : segments.values()) {
            if (!isBlank(segment.file())) {
                throw new IOException(
                        "no segment of the journal has a readable header; the first is " + segment.name());
            }
        }
        for (Segment segment : segments.values()) {
            remove(segment);
        }
        segments.clear();
    }

    /** Whether it was never written to: no entry fits into it, or its header is still zero. */
    private static boolean isBlank(DiskFile file) throws IOException {
        if (file.size() < SegmentHeader.BYTES + EntryLayout.ALIGNMENT) {
            return true;
        }
        ByteBuffer header = ByteBuffer.allocate(SegmentHeader.BYTES);
        file.read(header, 0);
        return header.flip().mismatch(ByteBuffer.allocate(SegmentHeader.BYTES)) < 0;
    }

    private void findEnd() throws IOException {
        Tally tally = new Tally();
        headers.forEach((base, header) -> tally.durable = Math.max(tally.durable, header.durablePosition()));
        long scanEnd = segments.lastEntry().getValue().end();
        new EntryScan(segments, salt).run(segments.firstKey(), scanEnd, tally);
        durable = Math.min(tally.durable, scanEnd);
        lastEntryEnd = tally.lastEntryEnd;
        cut = scanEnd;
        boolean isDamaged = false;
        for (Gap gap : tally.gaps) {
            if (gap.from < durable) {
                damage.name(gap.from, Math.min(gap.to, durable), segments);
                isDamaged = true;
            }
            if (gap.to > durable) {
                cut = Math.max(gap.from, durable);
                break;
            }
        }
        if (isDamaged) {
            rememberDurable();
        }
    }

    private record Gap(long from, long to) {}

    private static final class Tally implements EntryScan.Visitor {
        private final List<Gap> gaps = new ArrayList<>();
        private long durable;
        private long lastEntryEnd;

        @Override
        public void entry(Entry entry, long end) {
            if (entry.type() == EntryType.MARKER) {
                durable = Math.max(durable, entry.position() - entry.body().getInt(0));
            }
            lastEntryEnd = end;
        }

        @Override
        public void gap(long from, long to) {
            gaps.add(new Gap(from, to));
        }
    }

    /** The marker that tells this damage from a torn tail may lie behind the cut, where it is about to go. */
    private void rememberDurable() throws IOException {
        Segment segment = segments.floorEntry(cut).getValue();
        new SegmentHeader(segment.base(), segment.bytes(), salt, durable).write(segment.file());
    }

    private void eraseBehindCut() throws IOException {
        if (lastEntryEnd > cut) {
            LOG.info("journal cut at {}: {} bytes behind it were never durable", cut, lastEntryEnd - cut);
        }
        for (Segment segment : segments.values()) {
            long from = Math.max(cut, segment.base());
            long to = Math.min(lastEntryEnd, segment.end());
            if (from < to) {
                writeZeros(segment, from, to);
            }
        }
    }

    private static void writeZeros(Segment segment, long from, long to) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(ZERO_BYTES, to - from));
        for (long position = from; position < to; position += zeros.limit()) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), to - position));
            segment.write(zeros, position);
        }
        segment.file().force();
    }

    /** Keeps, from the cut on, only segments that new entries can go into. */
    private void settleTail() throws IOException {
        long end = cut;
        for (Segment segment : List.copyOf(segments.tailMap(openBase(), true).values())) {
            boolean isOpen = segment.contains(cut);
            if (isOpen && segment.bytes() % config.ringBytes() != 0) {
                throw new IOException("segment " + segment.name() + " has " + segment.bytes()
                        + " bytes, no multiple of ringBytes (" + config.ringBytes() + ")");
            }
            if (isOpen || segment.base() == end && segment.bytes() == config.segmentBytes()) {
                complete(segment);
                end = segment.end();
            } else {
                segments.remove(segment.base());
                remove(segment);
            }
        }
        disk.sync();
    }

    private long openBase() {
        Segment last = segments.floorEntry(cut).getValue();
        return last.contains(cut) ? last.base() : cut;
    }

    private void complete(Segment segment) throws IOException {
        SegmentHeader header = headers.get(segment.base());
        if (header == null || header.base() != segment.base()) {
            new SegmentHeader(segment.base(), segment.bytes(), salt, durable).write(segment.file());
        }
        long end = segment.base() + segment.file().size() - SegmentHeader.BYTES;
        if (end < segment.end()) {
            writeZeros(segment, Math.max(segment.base(), end), segment.end());
        }
    }

    private void remove(Segment segment) throws IOException {
        segment.file().close();
        disk.delete(segment.name());
    }
}
