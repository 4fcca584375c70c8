package dev.quintet.benchmarks;

import dev.quintet.benchmarks.BenchmarkJournal.Place;
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
 * How do storing, delivering and acknowledging share the cost of a submission to five devices, and what does it cost if an
 * envelope is not in memory any more?
 *
 * <p>The journal is in memory. With devices away only storing is paid; each later stage does what the one before does and
 * more. {@code MISS} is {@code DELIVER} with a hot tier that holds nothing, so that each envelope is read back.
 *
 * <p>Run: {@code ./quintet bench Mailbox}. {@code benchmarks/README.md} has the last answer.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 2,
        jvmArgsPrepend = {LoopThreads.OPTION, LoopThreads.CLASS_OPTION})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MailboxBenchmark {
    private static final long HOT_TIER_BYTES = 32 << 20;

    /** How far each submission comes. */
    public enum Stage {
        STORE,
        DELIVER,
        ACKNOWLEDGE,
        MISS
    }

    /** As above. */
    @Param
    public Stage stage;

    private final BenchmarkDevice[] devices = BenchmarkDevice.all();
    private BenchmarkRooms rooms;
    private BenchmarkSender sender;

    /** Registers the account. */
    @Setup
    public void open() {
        rooms = new BenchmarkRooms(Place.MEMORY, stage == Stage.MISS ? 1 : HOT_TIER_BYTES);
        sender = new BenchmarkSender(rooms.account());
    }

    /** Empties the mailboxes, and frees the journal. */
    @Setup(Level.Iteration)
    public void empty() {
        rooms.subscribe(devices);
        for (BenchmarkDevice device : devices) {
            device.acknowledge();
        }
        if (stage == Stage.STORE) {
            rooms.unsubscribe(devices);
        }
        rooms.checkpointIfDue();
    }

    /** One submission. */
    @Benchmark
    public long submit() {
        rooms.submit(sender, sender.next());
        rooms.commit();
        if (stage == Stage.ACKNOWLEDGE) {
            for (BenchmarkDevice device : devices) {
                device.acknowledge();
            }
            rooms.commit();
        }
        return sender.accepted();
    }

    /** Deletes everything. */
    @TearDown
    public void close() {
        rooms.close();
    }
}
