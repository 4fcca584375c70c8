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
 * What does the whole way cost without sockets: from the bytes of a submission of five times 1 KiB to the bytes on five
 * channels, the answer, five acknowledgements and theirs?
 *
 * <p>With the journal in memory it is the code alone. With files, each submission pays for two fdatasyncs by itself, its own
 * and that of its acknowledgements, which under load are shared.
 *
 * <p>Run: {@code ./quintet bench FanOut}. {@code benchmarks/README.md} has the last answer.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 2,
        jvmArgsPrepend = {LoopThreads.OPTION, LoopThreads.CLASS_OPTION})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FanOutBenchmark {
    private static final long HOT_TIER_BYTES = 32 << 20;

    /** Under the journal. */
    @Param({"MEMORY", "FILES"})
    public String place;

    private final BenchmarkDevice[] devices = BenchmarkDevice.all();
    private BenchmarkRooms rooms;
    private BenchmarkSender sender;

    /** Registers the account, and connects its devices. */
    @Setup
    public void open() {
        rooms = new BenchmarkRooms(Place.valueOf(place), HOT_TIER_BYTES);
        sender = new BenchmarkSender(rooms.account());
        rooms.subscribe(devices);
    }

    /** Frees the journal. */
    @Setup(Level.Iteration)
    public void checkpoint() {
        rooms.checkpointIfDue();
    }

    /** One submission. */
    @Benchmark
    public long submitDeliverAcknowledge() {
        rooms.submit(sender, sender.next());
        rooms.commit();
        for (BenchmarkDevice device : devices) {
            device.acknowledge();
        }
        rooms.commit();
        return devices[0].delivered();
    }

    /** Deletes everything; every device must have got everything. */
    @TearDown
    public void close() {
        for (BenchmarkDevice device : devices) {
            if (device.delivered() != sender.accepted()) {
                throw new IllegalStateException("not everything was delivered");
            }
        }
        rooms.close();
    }
}
