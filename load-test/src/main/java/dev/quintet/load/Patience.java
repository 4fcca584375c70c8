package dev.quintet.load;

import dev.quintet.load.drive.DriveFailure;
import dev.quintet.load.drive.Driver;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Waits for what a load is to bring about, as long as anything moves.
 *
 * <p><b>Thread:</b> one that may block.
 * <b>Failure:</b> {@link DriveFailure} if nothing moves for 30 s, a connection ends, or Ctrl-C is pressed.
 */
final class Patience {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long LOOK_MILLIS = 20;

    private final Driver driver;
    private final BooleanSupplier isInterrupted;

    Patience(Driver driver, BooleanSupplier isInterrupted) {
        this.driver = driver;
        this.isInterrupted = isInterrupted;
    }

    /** Returns when the condition holds; {@code look} runs again and again until then. */
    void await(BooleanSupplier condition, Runnable look) {
        long moved = -1;
        long movedNanos = System.nanoTime();
        while (!condition.getAsBoolean()) {
            check();
            long now = movements();
            if (now != moved) {
                moved = now;
                movedNanos = System.nanoTime();
            } else if (System.nanoTime() - movedNanos > PATIENCE_NANOS) {
                throw new DriveFailure("nothing has happened for 30 s");
            }
            look.run();
            Sleep.millis(LOOK_MILLIS);
        }
    }

    private long movements() {
        return driver.meter().connected()
                + driver.meter().delivered()
                + driver.meter().accepted();
    }

    /** Throws if the load cannot go on. */
    void check() {
        if (isInterrupted.getAsBoolean()) {
            throw new DriveFailure("interrupted");
        }
        if (driver.failure() != null) {
            throw new DriveFailure(driver.failure());
        }
    }
}
