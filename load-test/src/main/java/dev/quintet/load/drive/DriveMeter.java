package dev.quintet.load.drive;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * Counts and latencies, written by the driver's event loop and read by another thread. Latencies are in microseconds
 * from the moment when a submission was to leave.
 */
public final class DriveMeter {
    /** Longer ones count as this. */
    static final long LARGEST_MICROS = TimeUnit.MINUTES.toMicros(10);

    private static final int DIGITS = 3;

    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong delivered = new AtomicLong();
    private final AtomicLong ephemeral = new AtomicLong();
    private final AtomicLong opened = new AtomicLong();
    private final AtomicLong closed = new AtomicLong();
    private final SingleWriterRecorder answers = new SingleWriterRecorder(LARGEST_MICROS, DIGITS);
    private final SingleWriterRecorder deliveries = new SingleWriterRecorder(LARGEST_MICROS, DIGITS);

    void countAccepted(long nanos) {
        add(accepted);
        answers.recordValue(micros(nanos));
    }

    void countRefused() {
        add(refused);
    }

    void countDelivered(long nanos) {
        add(delivered);
        deliveries.recordValue(micros(nanos));
    }

    void countEphemeral() {
        add(ephemeral);
    }

    void countOpened() {
        add(opened);
    }

    void countClosed() {
        add(closed);
    }

    /** One thread writes, so that no atomic addition is needed. */
    private static void add(AtomicLong counter) {
        counter.lazySet(counter.getPlain() + 1);
    }

    private static long micros(long nanos) {
        return Math.min(Math.max(0, TimeUnit.NANOSECONDS.toMicros(nanos)), LARGEST_MICROS);
    }

    /** Submissions that were accepted so far. */
    public long accepted() {
        return accepted.get();
    }

    /** Submissions that were refused so far. */
    public long refused() {
        return refused.get();
    }

    /** Envelopes that came so far, repetitions not counted. */
    public long delivered() {
        return delivered.get();
    }

    /** Ephemeral envelopes that came so far. */
    public long ephemeral() {
        return ephemeral.get();
    }

    /** Devices that are connected. */
    public long connected() {
        return opened.get() - closed.get();
    }

    /** Latencies of the answers since the last call. */
    public Histogram takeAnswers() {
        return answers.getIntervalHistogram();
    }

    /** Latencies of the deliveries since the last call. */
    public Histogram takeDeliveries() {
        return deliveries.getIntervalHistogram();
    }
}
