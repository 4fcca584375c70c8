package dev.quintet.load;

import dev.quintet.load.drive.DriveMeter;
import dev.quintet.load.report.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * A load's figures, taken about once a second: rates, latencies, and what server and driver cost.
 *
 * <p><b>Thread:</b> the one that watches the load.
 */
final class LoadSampling {
    private static final double SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final DriveMeter meter;
    private final ProcessWatch driver = new ProcessWatch(ProcessHandle.current().pid());
    private final List<Sample> samples = new ArrayList<>();
    private final LoadMeasure measured = new LoadMeasure();
    private final long startNanos = System.nanoTime();
    private ProcessWatch server;
    private Reading last;
    private LoadMeasure turn = new LoadMeasure();

    /** What all counters stood at. */
    private record Reading(long nanos, long accepted, long delivered, long serverCpu, long driverCpu) {}

    /** @param server null if it is not on this machine */
    LoadSampling(DriveMeter meter, ProcessWatch server) {
        this.meter = meter;
        this.server = server;
        last = read();
    }

    /** The server is another process from now on. */
    void watch(ProcessWatch restarted) {
        server = restarted;
        last = read();
    }

    private Reading read() {
        return new Reading(
                System.nanoTime(),
                meter.accepted(),
                meter.delivered(),
                server == null ? 0 : server.cpuMicros(),
                driver.cpuMicros());
    }

    /** Forgets what has happened since the last sample. */
    void skip() {
        meter.takeAnswers();
        meter.takeDeliveries();
        last = read();
    }

    /** What has happened since the last sample, per second. */
    Sample take(boolean isMeasured) {
        Reading now = read();
        double seconds = Math.max(1, now.nanos - last.nanos) / SECOND_NANOS;
        Histogram answered = meter.takeAnswers();
        Histogram delivered = meter.takeDeliveries();
        Sample sample = new Sample(
                (now.nanos - startNanos) / SECOND_NANOS,
                (now.accepted - last.accepted) / seconds,
                (now.delivered - last.delivered) / seconds,
                answered.getValueAtPercentile(50),
                answered.getValueAtPercentile(99),
                delivered.getValueAtPercentile(50),
                delivered.getValueAtPercentile(99),
                Math.max(0, now.serverCpu - last.serverCpu) / seconds,
                server == null ? 0 : server.residentBytes(),
                (now.driverCpu - last.driverCpu) / seconds);
        samples.add(sample);
        if (isMeasured) {
            measured.add(sample, seconds, answered, delivered);
            turn.add(sample, seconds, answered, delivered);
        }
        last = now;
        return sample;
    }

    List<Sample> samples() {
        return List.copyOf(samples);
    }

    /** What was measured in all, warm-up excluded. */
    LoadMeasure measured() {
        return measured;
    }

    /** From here on a turn is measured; answers what grows with each sample of it. */
    LoadMeasure beginTurn() {
        turn = new LoadMeasure();
        return turn;
    }
}
