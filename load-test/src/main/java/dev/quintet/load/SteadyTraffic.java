package dev.quintet.load;

import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Each device of two accounts writes to the other account at a steady rate, unless too many of its submissions have no
 * answer.
 *
 * <p><b>Thread:</b> one of its own sends.
 */
final class SteadyTraffic implements AutoCloseable {
    private static final int MOST_UNANSWERED = 8;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();

    /** @param pauseMillis between two messages of a device */
    SteadyTraffic(FleetAccount one, FleetAccount other, long pauseMillis) {
        start(one.devices(), other, pauseMillis);
        start(other.devices(), one, pauseMillis);
    }

    private void start(List<FleetDevice> senders, FleetAccount to, long pauseMillis) {
        for (FleetDevice sender : senders) {
            AtomicInteger unanswered = new AtomicInteger();
            long offsetMillis = pauseMillis * sender.address().device() / senders.size();
            thread.scheduleAtFixedRate(
                    () -> send(sender, to, unanswered), offsetMillis, pauseMillis, TimeUnit.MILLISECONDS);
        }
    }

    private static void send(FleetDevice sender, FleetAccount to, AtomicInteger unanswered) {
        if (unanswered.get() < MOST_UNANSWERED) {
            unanswered.incrementAndGet();
            sender.send(to).thenRun(unanswered::decrementAndGet);
        }
    }

    /** Sends nothing more. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            thread.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException exception) {
            Thread.currentThread().interrupt();
        }
    }
}
