package dev.quintet.relay.simulation;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/** Stands still until it is told to go on; never steps back. */
final class SimulatedClock implements InstantSource {
    private long nowMillis = 1_800_000_000_000L;

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(nowMillis);
    }

    @Override
    public long millis() {
        return nowMillis;
    }

    long nanos() {
        return TimeUnit.MILLISECONDS.toNanos(nowMillis);
    }

    void pass(long passedMillis) {
        nowMillis += passedMillis;
    }
}
