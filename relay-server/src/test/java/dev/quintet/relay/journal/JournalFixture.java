package dev.quintet.relay.journal;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** A journal on one thread, on a clock that stands still until it is told to go on. */
final class JournalFixture {
    static final JournalConfig SMALL = new JournalConfig(8 << 10, 4 << 10);

    final Disk disk;
    final JournalConfig config;
    final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    final List<Throwable> failures = new ArrayList<>();
    final FileJournal journal;
    private long nanos;

    JournalFixture(Disk disk) throws IOException {
        this(disk, SMALL, new SplittableRandom(1));
    }

    JournalFixture(Disk disk, JournalConfig config, RandomGenerator random) throws IOException {
        this.disk = disk;
        this.config = config;
        // Histograms cost more than the journals of these tests.
        meters.config().meterFilter(MeterFilter.denyUnless(meter -> meter.getType() == Meter.Type.COUNTER));
        this.journal = FileJournal.open(
                config, new JournalEnvironment(disk, Runnable::run, () -> nanos, random, meters, failures::add));
    }

    void pass(long seconds) {
        nanos += TimeUnit.SECONDS.toNanos(seconds);
    }

    /** Appends a body of this size that starts with a number and goes on as that number says. */
    long append(int number, int bytes) {
        return append(EntryType.SUBMISSION, number, bytes);
    }

    long append(EntryType type, int number, int bytes) {
        ByteBuf body = Unpooled.wrappedBuffer(body(number, bytes));
        return journal.append(number & 7, type, body);
    }

    void commitAll() {
        while (journal.commit()) {
            // until there is nothing left
        }
    }

    List<Read> replay() {
        List<Read> found = new ArrayList<>();
        journal.replay(
                firstPosition(),
                journal.durablePosition(),
                entry -> found.add(new Read(entry.position(), number(entry))));
        return found;
    }

    List<Integer> numbers() {
        return replay().stream().map(Read::number).toList();
    }

    private long firstPosition() {
        try {
            return disk.names().stream()
                    .mapToLong(Segment::base)
                    .filter(base -> base >= 0)
                    .min()
                    .orElse(0);
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    double damaged() {
        return meters.counter("quintet.journal.damaged.entries").count();
    }

    /** What was read back: where, and which. */
    record Read(long position, int number) {}

    static byte[] body(int number, int bytes) {
        byte[] body = new byte[Math.max(bytes, Integer.BYTES)];
        new SplittableRandom(number).nextBytes(body);
        ByteBuffer.wrap(body).putInt(number);
        return body;
    }

    /** The number of an entry, after checking that every byte of it is as that number says. */
    private static int number(Entry entry) {
        byte[] body = ByteBufUtil.getBytes(entry.body());
        int number = ByteBuffer.wrap(body).getInt();
        if (!Arrays.equals(body, body(number, body.length)) || entry.partition() != (number & 7)) {
            throw new AssertionError("the entry at " + entry.position() + " was never appended");
        }
        return number;
    }
}
