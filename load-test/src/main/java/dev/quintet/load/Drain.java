package dev.quintet.load;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits until the last answer, delivery and confirmation has come, or until nothing has happened for too long. */
final class Drain {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long POLL_MILLIS = 20;

    private Drain() {}

    /** Returns when everything that was submitted is answered, delivered and gone, or 15 s after the last progress. */
    static void await(DeliveryChecker checker, Fleet fleet) {
        long progress = -1;
        long lastProgressNanos = System.nanoTime();
        BooleanSupplier isDone = () -> checker.unanswered() == 0 && checker.outstanding() == 0 && fleet.isSettled();
        while (!isDone.getAsBoolean() && System.nanoTime() - lastProgressNanos < PATIENCE_NANOS) {
            long now = checker.acceptedCount() + checker.deliveredCount();
            if (now != progress) {
                progress = now;
                lastProgressNanos = System.nanoTime();
            }
            Sleep.millis(POLL_MILLIS);
        }
    }
}
