package dev.quintet.client;

import java.util.random.RandomGenerator;

/**
 * How long a device waits before it connects again: exponential, with a random part, so that a relay that comes back is
 * not met by all devices at once.
 *
 * <p>The pause is drawn evenly from the upper half of a span that starts at the smallest pause and doubles with each
 * failure up to the largest.
 */
final class Backoff {
    private final long smallestMillis;
    private final long largestMillis;
    private final RandomGenerator random;
    private long spanMillis;

    Backoff(long smallestMillis, long largestMillis, RandomGenerator random) {
        this.smallestMillis = smallestMillis;
        this.largestMillis = largestMillis;
        this.random = random;
        spanMillis = smallestMillis;
    }

    /** The next pause; the one after it will be longer. */
    long nextMillis() {
        long pauseMillis = spanMillis / 2 + random.nextLong(spanMillis / 2 + 1);
        spanMillis = Math.min(2 * spanMillis, largestMillis);
        return pauseMillis;
    }

    /** The pause that the relay asked for and up to as much again. */
    long askedForMillis(long pauseMillis) {
        return pauseMillis + random.nextLong(pauseMillis + 1);
    }

    /** A connection was good: start again from the smallest pause. */
    void reset() {
        spanMillis = smallestMillis;
    }
}
