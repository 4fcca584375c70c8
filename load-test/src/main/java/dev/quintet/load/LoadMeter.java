package dev.quintet.load;

import dev.quintet.protocol.EnvelopeId;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Counts and latencies of a load, in microseconds from submission to answer and to delivery. */
final class LoadMeter implements FleetObserver {
    private static final long LARGEST_MICROS = TimeUnit.MINUTES.toMicros(10);
    private static final int DIGITS = 3;

    private final LongAdder accepted = new LongAdder();
    private final LongAdder delivered = new LongAdder();
    private final Histogram answerMicros = new ConcurrentHistogram(LARGEST_MICROS, DIGITS);
    private final Histogram deliveryMicros = new ConcurrentHistogram(LARGEST_MICROS, DIGITS);

    @Override
    public void accepted(EnvelopeId envelopeId, long nanos) {
        accepted.increment();
        answerMicros.recordValue(micros(nanos));
    }

    @Override
    public void delivered(FleetDevice device, EnvelopeId envelopeId, long nanos) {
        delivered.increment();
        deliveryMicros.recordValue(micros(nanos));
    }

    private static long micros(long nanos) {
        return Math.min(TimeUnit.NANOSECONDS.toMicros(nanos), LARGEST_MICROS);
    }

    long accepted() {
        return accepted.sum();
    }

    long delivered() {
        return delivered.sum();
    }

    /** The percentiles of both latencies, a line each. */
    void print(Screen screen) {
        screen.line(String.format("  %-10s %9s %9s %9s %9s %9s", "latency", "p50", "p90", "p99", "p99.9", "max"));
        screen.line(percentiles("answer", answerMicros));
        screen.line(percentiles("delivery", deliveryMicros));
    }

    private static String percentiles(String name, Histogram micros) {
        return String.format(
                "  %-10s %9s %9s %9s %9s %9s",
                name,
                Words.micros(micros.getValueAtPercentile(50)),
                Words.micros(micros.getValueAtPercentile(90)),
                Words.micros(micros.getValueAtPercentile(99)),
                Words.micros(micros.getValueAtPercentile(99.9)),
                Words.micros(micros.getMaxValue()));
    }
}
