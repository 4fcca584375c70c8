package dev.quintet.load;

import dev.quintet.protocol.wire.RecipientAnswer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Senders that each keep a window of submissions unanswered, to accounts chosen at random, for as long as they may.
 *
 * <p><b>Thread:</b> the next submission is made where the answer before it arrives, on the sender's event loop.
 */
final class FullTraffic implements AutoCloseable {
    private static final int PAUSE_AFTER_REFUSAL_MILLIS = 20;

    private final List<FleetAccount> accounts;
    private volatile boolean isRunning = true;

    /**
     * @param senders devices that send; to any account but their own
     * @param window submissions that each has unanswered
     */
    FullTraffic(List<FleetDevice> senders, List<FleetAccount> accounts, int window) {
        this.accounts = accounts;
        for (int started = 0; started < window; started++) {
            senders.forEach(this::sendNext);
        }
    }

    private void sendNext(FleetDevice sender) {
        if (isRunning) {
            sender.send(recipient(sender)).thenAccept(answer -> answered(sender, answer));
        }
    }

    private void answered(FleetDevice sender, RecipientAnswer answer) {
        if (answer.hasAccepted()) {
            sendNext(sender);
        } else if (!answer.getAccount().isEmpty()) {
            CompletableFuture.delayedExecutor(PAUSE_AFTER_REFUSAL_MILLIS, TimeUnit.MILLISECONDS)
                    .execute(() -> sendNext(sender));
        }
    }

    private FleetAccount recipient(FleetDevice sender) {
        FleetAccount chosen;
        do {
            chosen = accounts.get(ThreadLocalRandom.current().nextInt(accounts.size()));
        } while (chosen.id().equals(sender.address().account()));
        return chosen;
    }

    /** Submits nothing more. */
    @Override
    public void close() {
        isRunning = false;
    }
}
