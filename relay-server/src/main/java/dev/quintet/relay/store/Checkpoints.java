package dev.quintet.relay.store;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When the image is brought up to date: after so many bytes of journal, or so much time with anything new in it.
 *
 * <p>A full disk is waited for: nothing is lost, since the journal keeps what the image cannot take, and the checkpoint
 * is tried again after a while.
 *
 * <p><b>Thread:</b> {@link #isDue} anywhere; {@link #run} on the fold thread.
 * <b>Failure:</b> {@link StoreException}, or what a chapter throws, passes through: the process should stop.
 */
public final class Checkpoints {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(5),
        Duration.ofMillis(25),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(15),
        Duration.ofSeconds(60)
    };

    private final Image image;
    private final LongSupplier nanoTime;
    private final long bytes;
    private final long nanos;
    private final Timer duration;
    private volatile boolean isFull;
    private volatile long lastNanos;

    /**
     * The first checkpoint by time is due {@code checkpointMillis} from now.
     *
     * @param nanoTime a clock that never steps back, in nanoseconds from any origin
     */
    public Checkpoints(Image image, StoreConfig config, LongSupplier nanoTime, MeterRegistry meters) {
        this.image = image;
        this.nanoTime = nanoTime;
        bytes = config.checkpointBytes();
        nanos = TimeUnit.MILLISECONDS.toNanos(config.checkpointMillis());
        lastNanos = nanoTime.getAsLong();
        duration = Timer.builder("quintet.checkpoint.duration")
                .description("Time to fold the journal into the image and flush it")
                .serviceLevelObjectives(BUCKETS)
                .register(meters);
        Gauge.builder("quintet.checkpoint.position.lag", image, Image::lagBytes)
                .description("Journal that is durable and not in the image")
                .baseUnit("bytes")
                .register(meters);
        Gauge.builder("quintet.checkpoint.disk.full", this, checkpoints -> checkpoints.isFull ? 1 : 0)
                .description("1 while checkpoints wait for disk space")
                .register(meters);
    }

    /** Whether {@link #run} should be called. */
    public boolean isDue() {
        long sinceNanos = nanoTime.getAsLong() - lastNanos;
        if (isFull) {
            return sinceNanos >= RETRY_NANOS;
        }
        long lagBytes = image.lagBytes();
        return lagBytes >= bytes || lagBytes > 0 && sinceNanos >= nanos;
    }

    /** Takes a checkpoint, whether due or not. */
    public void run() {
        long startNanos = nanoTime.getAsLong();
        boolean isDone = image.checkpoint();
        lastNanos = nanoTime.getAsLong();
        if (isDone) {
            duration.record(lastNanos - startNanos, TimeUnit.NANOSECONDS);
        }
        setFull(!isDone);
    }

    private void setFull(boolean full) {
        if (full && !isFull) {
            LOG.warn("no space for a checkpoint at position {}: the journal keeps what is newer", image.position());
        }
        if (!full && isFull) {
            LOG.info("space for checkpoints again, at position {}", image.position());
        }
        isFull = full;
    }
}
