package dev.quintet.relay.net;

import java.util.concurrent.TimeUnit;

/**
 * So many at once, so many a second for long. What is refused costs too, so that a device that does not heed a refusal
 * runs out of patience.
 *
 * <p><b>Thread:</b> one.
 */
final class TokenBucket {
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final int perSecond;
    private final int burst;
    private double tokens;
    private long filledNanos;

    /** A full bucket. */
    TokenBucket(int perSecond, int burst, long nowNanos) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.tokens = burst;
        this.filledNanos = nowNanos;
    }

    /** Takes {@code count} tokens, into debt if need be; false if there was not one left. */
    boolean take(int count, long nowNanos) {
        double filled = (nowNanos - filledNanos) / NANOS_PER_SECOND * perSecond;
        tokens = Math.min(burst, tokens + filled);
        filledNanos = nowNanos;
        boolean isTaken = tokens >= 1;
        tokens -= count;
        return isTaken;
    }

    /** Whether refusals have been ignored: the debt is twice the burst. */
    boolean isExhausted() {
        return tokens < -2.0 * burst;
    }

    /** How long until there is a token again, in milliseconds; at least 1. */
    int waitMillis() {
        return (int) Math.max(1, Math.ceil((1 - tokens) * 1000 / perSecond));
    }
}
