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
import java.util.Locale;
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

    private static final int WINDOW_SECONDS = 5;
    private static final double SETTLED = 0.05;
    private static final int ALIKE_WINDOWS = 3;

    private final Contestant contestant;
    private final LoadOptions options;
    private final Driver driver;
    private final Patience patience;
    private final List<DriveAccount> accounts;

    /** Connects all devices. */
    Arena(Contestant contestant, LoadOptions options, BooleanSupplier isInterrupted) {
        this.contestant = contestant;
        this.options = options;
        driver = new Driver(contestant.wire(), contestant.address(), options.seed());
        patience = new Patience(driver, isInterrupted);
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

    /**
     * Saturates until processor time for a delivery has settled: three windows one after the other, each of which differs by
     * less than 5 % from the one before. Two alone may do so by chance while a JVM still compiles.
     *
     * @param mostSeconds when it ends all the same
     * @return how long it took and what it came to, for people
     */
    String warmUp(int mostSeconds) {
        if (mostSeconds == 0) {
            return "without a warm-up";
        }
        driver.start(saturation());
        int windowSeconds = Math.min(WINDOW_SECONDS, mostSeconds);
        double latest = measure(windowSeconds).cpuMicrosPerDelivery();
        int alike = 1;
        int seconds = windowSeconds;
        while (alike < ALIKE_WINDOWS && seconds + windowSeconds <= mostSeconds) {
            double earlier = latest;
            latest = measure(windowSeconds).cpuMicrosPerDelivery();
            alike = Math.abs(latest - earlier) < SETTLED * earlier ? alike + 1 : 1;
            seconds += windowSeconds;
        }
        rest();
        return String.format(
                Locale.ROOT,
                "%s after %d s at %.2f µs of CPU each",
                alike == ALIKE_WINDOWS ? "settled" : "stopped",
                seconds,
                latest);
    }

    /** Each sender keeps its window full. */
    Turn saturate(int settleSeconds, int seconds) {
        return turn(SATURATE, saturation(), settleSeconds, seconds);
    }

    private Traffic saturation() {
        Letter letter = Letter.message(options.bytes());
        return new WindowTraffic(driver, Crowd.audiences(accounts), letter, options.unanswered(), Long.MAX_VALUE);
    }

    /** So many submissions a second. */
    Turn steady(double perSecond, int settleSeconds, int seconds) {
        Letter letter = Letter.message(options.bytes());
        return turn(
                STEADY,
                new ScheduledTraffic(driver, Crowd.audiences(accounts), perSecond, letter),
                settleSeconds,
                seconds);
    }

    private Turn turn(String workload, Traffic traffic, int settleSeconds, int seconds) {
        driver.start(traffic);
        pass(settleSeconds);
        MachineTime before = MachineTime.now();
        LoadMeasure measure = measure(seconds);
        double stolenPercent = MachineTime.now().stolenPercentSince(before);
        rest();
        if (measure.delivered() == 0) {
            throw new DriveFailure("it delivered nothing in " + seconds + " s");
        }
        return new Turn(
                workload,
                measure.cpuMicrosPerDelivery(),
                measure.deliveredPerSecond(),
                measure.answers().micros(50),
                measure.deliveries().micros(50),
                measure.deliveries().micros(99),
                stolenPercent);
    }

    private LoadMeasure measure(int seconds) {
        LoadSampling sampling = new LoadSampling(driver.meter(), contestant.watch());
        sampling.skip();
        pass(seconds);
        sampling.take(true);
        return sampling.measured();
    }

    private void rest() {
        driver.stop();
        await(driver::isSettled);
    }

    private void pass(int seconds) {
        long untilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        await(() -> System.nanoTime() >= untilNanos);
    }

    private void await(BooleanSupplier condition) {
        patience.await(condition, () -> {});
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
