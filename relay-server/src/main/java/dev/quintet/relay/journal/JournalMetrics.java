package dev.quintet.relay.journal;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/** The meters of the journal. */
final class JournalMetrics {
    /** 0.5 ms to 60 s. */
    private static final Duration[] DURATION_BOUNDS = LongStream.of(
                    500,
                    1_000,
                    2_000,
                    5_000,
                    10_000,
                    20_000,
                    50_000,
                    100_000,
                    200_000,
                    500_000,
                    1_000_000,
                    2_000_000,
                    5_000_000,
                    10_000_000,
                    30_000_000,
                    60_000_000)
            .mapToObj(micros -> Duration.ofNanos(micros * 1_000))
            .toArray(Duration[]::new);

    private final Timer commits;
    private final Timer syncs;
    private final DistributionSummary entries;
    private final DistributionSummary batchBytes;
    private final Counter bytes;
    private final Counter damage;

    JournalMetrics(MeterRegistry meters, Supplier<Number> segmentCount) {
        commits = timer("quintet.journal.commit.duration", "A batch: write, sync, tell", meters);
        syncs = timer("quintet.journal.sync.duration", "fdatasync of a batch", meters);
        entries = DistributionSummary.builder("quintet.journal.commit.entries")
                .description("Entries in a batch")
                .serviceLevelObjectives(1, 4, 16, 64, 256, 1_024, 4_096)
                .register(meters);
        batchBytes = DistributionSummary.builder("quintet.journal.commit.bytes")
                .description("Bytes in a batch")
                .serviceLevelObjectives(1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22)
                .register(meters);
        bytes = Counter.builder("quintet.journal.bytes")
                .description("Bytes made durable")
                .register(meters);
        damage = Counter.builder("quintet.journal.damaged.entries")
                .description("Damaged stretches found, each of at least one entry")
                .register(meters);
        Gauge.builder("quintet.journal.segments", segmentCount)
                .description("Segment files, the prepared ones included")
                .strongReference(true)
                .register(meters);
    }

    private static Timer timer(String name, String description, MeterRegistry meters) {
        return Timer.builder(name)
                .description(description)
                .serviceLevelObjectives(DURATION_BOUNDS)
                .register(meters);
    }

    void committed(int entryCount, long byteCount, long nanos) {
        commits.record(nanos, TimeUnit.NANOSECONDS);
        entries.record(entryCount);
        batchBytes.record(byteCount);
        bytes.increment(byteCount);
    }

    void synced(long nanos) {
        syncs.record(nanos, TimeUnit.NANOSECONDS);
    }

    void damaged() {
        damage.increment();
    }
}
