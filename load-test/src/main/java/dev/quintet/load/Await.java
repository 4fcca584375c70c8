package dev.quintet.load;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits for something that another thread brings about. */
final class Await {
    private static final long POLL_MILLIS = 2;

    private Await() {}

    /** Whether the condition came true within so long. */
    static boolean until(long millis, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Sleep.millis(POLL_MILLIS);
        }
        return true;
    }
}
