package dev.quintet.relay.account;

import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.journal.Partitions;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has surely passed: the clock by which envelopes expire and devices are logged out.
 *
 * <p>It is the system's clock as long as that goes as fast as the monotonic one. After a step, far forward or back, it
 * stands still, at the earlier of what the system says and what was sure before; so nothing is ended by a clock that
 * jumps. Once the two have gone together for long enough the system's clock is believed again, whatever it says.
 *
 * <pre>
 *   trusted ──forward by more than jumpSeconds, or back──▶ standing still ──no step for agreementSeconds──▶ trusted
 * </pre>
 *
 * <p>A process that starts compares the system's clock with the newest time that was noted on disk; and only a time that is
 * believed is noted, so that starting twice does not help a wrong clock.
 *
 * <p><b>Thread:</b> any. <b>Limits:</b> it has to be read once in a while, or it notices a step late.
 */
public final class GuardedClock implements InstantSource {
    private static final Logger LOG = LoggerFactory.getLogger(GuardedClock.class);
    private static final long TRUSTED = Long.MAX_VALUE;
    /** A clock that is being slewed, or a leap second, is no step. */
    private static final long SLEW_MILLIS = 1_000;

    private static final long ANCHOR_MILLIS = 60_000;
    private static final long AT_ONCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final InstantSource system;
    private final LongSupplier nanoTime;
    private final long jumpMillis;
    private final long agreementNanos;
    private final Counter jumps;
    private volatile Anchor anchor;

    /**
     * Where the two clocks stood when they were compared last.
     *
     * @param sureMillis what was sure before the step, or {@link #TRUSTED}
     * @param stepNanos when the last step was noticed
     */
    private record Anchor(long systemMillis, long nanos, long sureMillis, long stepNanos) {}

    /** One look at both clocks. */
    private record Reading(long systemMillis, long nanos) {}

    /**
     * A clock that believes {@code system}, unless it is far from the newest time that is known.
     *
     * @param newestMillis the newest time on the disk, or 0 if there is none
     */
    public GuardedClock(
            InstantSource system, LongSupplier nanoTime, ClockLimits limits, long newestMillis, MeterRegistry meters) {
        this.system = system;
        this.nanoTime = nanoTime;
        jumpMillis = TimeUnit.SECONDS.toMillis(limits.jumpSeconds());
        agreementNanos = TimeUnit.SECONDS.toNanos(limits.agreementSeconds());
        jumps = Counter.builder("quintet.clock.jumps")
                .description("Steps of the system's clock that were not believed")
                .register(meters);
        start(read(), newestMillis);
        Gauge.builder("quintet.clock.trusted", () -> isTrusted() ? 1 : 0)
                .description("1 while the system's clock is believed; at 0 nothing is ended by time")
                .register(meters);
    }

    private void start(Reading now, long newestMillis) {
        long apart = now.systemMillis() - newestMillis;
        boolean isFar = newestMillis > 0 && isStep(apart);
        anchor = new Anchor(now.systemMillis(), now.nanos(), isFar ? newestMillis : TRUSTED, now.nanos());
        if (isFar) {
            LOG.warn(
                    "the clock is {} s from the newest time on disk: for {} s nothing is ended by time",
                    TimeUnit.MILLISECONDS.toSeconds(apart),
                    TimeUnit.NANOSECONDS.toSeconds(agreementNanos));
        }
    }

    private boolean isStep(long apartMillis) {
        return apartMillis > jumpMillis || apartMillis < -SLEW_MILLIS;
    }

    /** No time after this one may end anything. */
    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }

    /** The same. While nothing is suspicious, which two readings tell, it costs no more than these. */
    @Override
    public long millis() {
        Anchor last = anchor;
        long elapsedMillis = TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - last.nanos());
        long systemMillis = system.millis();
        boolean isUnsuspicious = last.sureMillis() == TRUSTED
                && elapsedMillis <= ANCHOR_MILLIS
                && !isStep(systemMillis - last.systemMillis() - elapsedMillis);
        return isUnsuspicious ? systemMillis : sureMillis();
    }

    private long sureMillis() {
        Reading now = read();
        Anchor last = anchor;
        if (last.sureMillis() != TRUSTED || elapsedMillis(last, now) > ANCHOR_MILLIS || isStep(apart(last, now))) {
            last = compare(now);
        }
        return Math.min(now.systemMillis(), last.sureMillis());
    }

    /** Whether the system's clock is believed. */
    public boolean isTrusted() {
        instant();
        return anchor.sureMillis() == TRUSTED;
    }

    /** Notes the time in the journal if it is believed: what the next start compares its clock with. */
    public void note(Journal journal) {
        if (!isTrusted()) {
            return;
        }
        ByteBuf entry = ByteBufAllocator.DEFAULT.directBuffer(LastSeenEntry.BYTES);
        try {
            LastSeenEntry.write(entry, LastSeenEntry.RELAY, 0, millis());
            journal.append(Partitions.of(LastSeenEntry.RELAY), EntryType.LAST_SEEN, entry);
        } finally {
            entry.release();
        }
    }

    /** Both at the same moment: whoever was stopped between the two looks again. */
    private Reading read() {
        while (true) {
            long nanos = nanoTime.getAsLong();
            long systemMillis = system.millis();
            if (nanoTime.getAsLong() - nanos <= AT_ONCE_NANOS) {
                return new Reading(systemMillis, nanos);
            }
        }
    }

    private static long elapsedMillis(Anchor last, Reading now) {
        return TimeUnit.NANOSECONDS.toMillis(now.nanos() - last.nanos());
    }

    private static long apart(Anchor last, Reading now) {
        return now.systemMillis() - last.systemMillis() - elapsedMillis(last, now);
    }

    private synchronized Anchor compare(Reading now) {
        Anchor last = anchor;
        if (now.nanos() - last.nanos() < 0) {
            return last;
        }
        long apart = apart(last, now);
        if (isStep(apart)) {
            stepped(last, now, apart);
        } else if (last.sureMillis() != TRUSTED && now.nanos() - last.stepNanos() >= agreementNanos) {
            anchor = new Anchor(now.systemMillis(), now.nanos(), TRUSTED, now.nanos());
            LOG.info("the clock is believed again");
        } else if (elapsedMillis(last, now) > ANCHOR_MILLIS) {
            anchor = new Anchor(now.systemMillis(), now.nanos(), last.sureMillis(), last.stepNanos());
        }
        return anchor;
    }

    private void stepped(Anchor last, Reading now, long apart) {
        boolean isFirst = last.sureMillis() == TRUSTED;
        long sureMillis = isFirst ? last.systemMillis() + elapsedMillis(last, now) : last.sureMillis();
        anchor = new Anchor(now.systemMillis(), now.nanos(), sureMillis, now.nanos());
        jumps.increment();
        if (isFirst) {
            LOG.warn(
                    "the clock has jumped by {} s: nothing is ended by time until it has not jumped for {} s",
                    TimeUnit.MILLISECONDS.toSeconds(apart),
                    TimeUnit.NANOSECONDS.toSeconds(agreementNanos));
        }
    }
}
