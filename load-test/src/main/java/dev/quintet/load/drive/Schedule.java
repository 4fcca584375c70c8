package dev.quintet.load.drive;

import io.netty.channel.EventLoop;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Arrivals at random times, so many a second on average (a Poisson process), whether or not those before are done.
 *
 * <p><b>Thread:</b> the event loop.
 */
final class Schedule {
    private static final double SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final EventLoop loop;
    private final Random random;
    private final double meanNanos;
    private final LongConsumer arrival;
    private long nextNanos;
    private boolean isRunning;

    /** @param arrival gets the time when it was to be, by {@link System#nanoTime} */
    Schedule(EventLoop loop, Random random, double perSecond, LongConsumer arrival) {
        this.loop = loop;
        this.random = random;
        this.arrival = arrival;
        meanNanos = SECOND_NANOS / perSecond;
    }

    void start() {
        isRunning = true;
        nextNanos = System.nanoTime();
        run();
    }

    void stop() {
        isRunning = false;
    }

    /** All that is due by now, each with its own time; then sleep until the next. */
    private void run() {
        long nowNanos = System.nanoTime();
        while (isRunning && nextNanos - nowNanos <= 0) {
            arrival.accept(nextNanos);
            nextNanos += (long) (-Math.log(1 - random.nextDouble()) * meanNanos);
        }
        if (isRunning) {
            loop.schedule(this::run, nextNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        }
    }
}
