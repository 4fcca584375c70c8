package dev.quintet.relay.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How late the event loops are: on each, a task that is due every 100 ms notes how long it had to wait.
 *
 * <p>The one number that tells whether a loop was blocked, by whatever it was.
 *
 * <p><b>Thread:</b> each event loop runs its own task.
 */
final class EventLoopLag {
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Timer lag;

    private EventLoopLag(MeterRegistry registry) {
        lag = Timer.builder("quintet.event.loop.lag")
                .description("How late a task runs on an event loop")
                .serviceLevelObjectives(
                        Duration.ofNanos(500_000),
                        Duration.ofMillis(1),
                        Duration.ofMillis(5),
                        Duration.ofMillis(10),
                        Duration.ofMillis(50),
                        Duration.ofMillis(100),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(60))
                .register(registry);
    }

    /** Watches every loop of {@code loops} until it shuts down. */
    static void watch(EventExecutorGroup loops, MeterRegistry registry) {
        EventLoopLag lag = new EventLoopLag(registry);
        loops.forEach(lag::schedule);
    }

    private void schedule(EventExecutor loop) {
        if (loop.isShuttingDown()) {
            return;
        }
        long due = System.nanoTime() + PERIOD_NANOS;
        loop.schedule(() -> note(loop, due), PERIOD_NANOS, TimeUnit.NANOSECONDS);
    }

    private void note(EventExecutor loop, long due) {
        lag.record(Math.max(0, System.nanoTime() - due), TimeUnit.NANOSECONDS);
        schedule(loop);
    }
}
