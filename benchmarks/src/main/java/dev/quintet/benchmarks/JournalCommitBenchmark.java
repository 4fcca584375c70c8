package dev.quintet.benchmarks;

import dev.quintet.benchmarks.BenchmarkJournal.Place;
import dev.quintet.relay.journal.EntryType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does a commit cost, by the number of entries in it, and how much of that is the disk?
 *
 * <p>An entry is what a submission of five times 1 KiB becomes. One operation is a whole batch: append all, write, force.
 *
 * <p>Run: {@code ./quintet bench JournalCommit}. {@code benchmarks/README.md} has the last answer.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 2,
        jvmArgsPrepend = {LoopThreads.OPTION, LoopThreads.CLASS_OPTION})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class JournalCommitBenchmark {
    private static final int ENTRY_BYTES = 5_400;

    /** Entries in a batch. */
    @Param({"1", "16", "256"})
    public int entries;

    /** Under the journal. */
    @Param({"MEMORY", "FILES"})
    public String place;

    private BenchmarkJournal journal;
    private ByteBuf body;

    /** Opens the journal. */
    @Setup
    public void open() {
        journal = new BenchmarkJournal(Place.valueOf(place), new SimpleMeterRegistry());
        body = PooledByteBufAllocator.DEFAULT.directBuffer(ENTRY_BYTES).writeZero(ENTRY_BYTES);
    }

    /** Frees the segments that are full. */
    @Setup(Level.Iteration)
    public void release() {
        journal.journal().release(journal.journal().durablePosition());
    }

    /** A batch. */
    @Benchmark
    public long commit() {
        for (int entry = 0; entry < entries; entry++) {
            if (journal.journal().append(0, EntryType.SUBMISSION, body) < 0) {
                throw new IllegalStateException("the ring is full");
            }
        }
        journal.commit();
        return journal.journal().durablePosition();
    }

    /** Deletes everything. */
    @TearDown
    public void close() {
        body.release();
        journal.close();
    }
}
