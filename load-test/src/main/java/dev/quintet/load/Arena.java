package dev.quintet.load;

import dev.quintet.load.Contestant.Turn;
import dev.quintet.load.drive.DriveAccount;
import dev.quintet.load.drive.DriveFailure;
import dev.quintet.load.drive.DriveVerdict;
import dev.quintet.load.drive.Driver;
import dev.quintet.load.drive.Letter;
import dev.quintet.load.drive.ScheduledTraffic;
import dev.quintet.load.drive.Traffic;
import dev.quintet.load.drive.WindowTraffic;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * One contestant with its devices connected, which rests between its turns.
 *
 * <p><b>Thread:</b> one that may block.
 * <b>Failure:</b> a contestant that ends, stands still or loses something is a {@link DriveFailure}.
 */
final class Arena implements AutoCloseable {
    static final String SATURATE = "saturate";
    static final String STEADY = "steady";

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long LOOK_MILLIS = 20;

    private final Contestant contestant;
    private final LoadOptions options;
    private final BooleanSupplier isInterrupted;
    private final Driver driver;
    private final List<DriveAccount> accounts;

    /** Connects all devices. */
    Arena(Contestant contestant, LoadOptions options, BooleanSupplier isInterrupted) {
        this.contestant = contestant;
        this.options = options;
        this.isInterrupted = isInterrupted;
        driver = new Driver(contestant.wire(), contestant.address(), options.seed());
        accounts = driver.populate(options.accounts(), options.devices());
        try {
            connect();
        } catch (RuntimeException failure) {
            driver.close();
            throw failure;
        }
    }

    private void connect() {
        long devices = (long) options.accounts() * options.devices();
        driver.connect(Crowd.devices(accounts));
        await(() -> driver.meter().connected() >= devices);
        driver.appointSenders(Crowd.firstDevices(accounts, options.senders()), options.window());
    }

    Contestant contestant() {
        return contestant;
    }

    /** Each sender keeps its window full. */
    Turn saturate(int settleSeconds, int seconds) {
        Letter letter = Letter.message(options.bytes());
        return turn(
                SATURATE,
                new WindowTraffic(driver, accounts, options.window(), letter, Long.MAX_VALUE),
                settleSeconds,
                seconds);
    }

    /** So many submissions a second. */
    Turn steady(double perSecond, int settleSeconds, int seconds) {
        Letter letter = Letter.message(options.bytes());
        return turn(STEADY, new ScheduledTraffic(driver, accounts, perSecond, letter), settleSeconds, seconds);
    }

    private Turn turn(String workload, Traffic traffic, int settleSeconds, int seconds) {
        driver.start(traffic);
        pass(settleSeconds);
        LoadSampling sampling = new LoadSampling(driver.meter(), contestant.watch());
        sampling.skip();
        pass(seconds);
        sampling.take(true);
        driver.stop();
        await(driver::isSettled);
        LoadSampling.Totals totals = sampling.totals();
        if (totals.delivered() == 0) {
            throw new DriveFailure("it delivered nothing in " + seconds + " s");
        }
        return new Turn(
                workload,
                totals.cpuMicrosPerDelivery(),
                totals.delivered() / totals.seconds(),
                sampling.answers().micros(50),
                sampling.deliveries().micros(99));
    }

    private void pass(int seconds) {
        long untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        await(() -> System.nanoTime() >= untilNanos);
    }

    private void await(BooleanSupplier condition) {
        long moved = -1;
        long movedNanos = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (isInterrupted.getAsBoolean()) {
                throw new DriveFailure("interrupted");
            }
            if (driver.failure() != null) {
                throw new DriveFailure(driver.failure());
            }
            long now = driver.meter().connected()
                    + driver.meter().delivered()
                    + driver.meter().accepted();
            if (now != moved) {
                moved = now;
                movedNanos = System.nanoTime();
            } else if (System.nanoTime() - movedNanos > PATIENCE_NANOS) {
                throw new DriveFailure("nothing has happened for 30 s");
            }
            Sleep.millis(LOOK_MILLIS);
        }
    }

    /** What its deliveries came to, once everything has come. */
    DriveVerdict verdict() {
        return driver.verdict();
    }

    @Override
    public void close() {
        driver.close();
        try {
            contestant.process().close();
        } catch (Exception failure) {
            throw new CommandFailure(contestant.name() + " does not end: " + failure.getMessage());
        }
    }
}
