package dev.quintet.load;

import dev.quintet.load.drive.DriveAccount;
import dev.quintet.load.drive.DriveDevice;
import dev.quintet.load.drive.DriveFailure;
import dev.quintet.load.drive.DriveVerdict;
import dev.quintet.load.drive.Driver;
import dev.quintet.load.drive.Traffic;
import dev.quintet.load.report.FigureTable;
import dev.quintet.load.report.LoadReport;
import dev.quintet.load.report.Sample;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * One load from the first connection to the report: whatever ends it early, what was measured until then is written.
 *
 * <p><b>Thread:</b> the command's.
 */
final class LoadRun implements AutoCloseable {
    private static final int BROKEN = 1;
    private static final long LOOK_MILLIS = 50;
    private static final long SAMPLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String scenario;
    private final LoadOptions options;
    private final Screen screen;
    private final Driver driver;
    private final LoadSampling sampling;
    private final Interruption interruption = new Interruption();
    private final LoadResults results = new LoadResults();
    private final Patience patience;
    private LoadTarget target;
    private int connected;
    private boolean isCutShort;

    /** What happens between the first connection and the report. */
    interface Scenario {
        /** Throws {@link DriveFailure} if it cannot go on. */
        void play(LoadRun run);
    }

    private LoadRun(String scenario, LoadTarget target, LoadOptions options) {
        this.scenario = scenario;
        this.target = target;
        this.options = options;
        screen = options.screen();
        driver = new Driver(target.wire(), target.address(), options.seed());
        sampling = new LoadSampling(driver.meter(), target.watch().orElse(null));
        patience = new Patience(driver, interruption::isAsked);
    }

    /**
     * Plays a scenario against the relay that was chosen, and writes the report; the command's exit status.
     *
     * @param connections the most that it will have at a time
     */
    static int play(String name, LoadedRelay relay, LoadOptions options, int connections, Scenario scenario) {
        options.check();
        Descriptors.check(connections);
        ReportFiles.checkFolder(options.out());
        try (TemporaryFolder folder = new TemporaryFolder("quintet-load-", false)) {
            LoadTarget target = relay.open(folder);
            try (LoadRun run = new LoadRun(name, target, options)) {
                return run.played(scenario);
            } finally {
                target.relay().ifPresent(RelayProcess::close);
            }
        }
    }

    private int played(Scenario scenario) {
        screen.line("server     " + target.name() + ", " + target.address().getHostString() + ":"
                + target.address().getPort());
        try {
            scenario.play(this);
        } catch (DriveFailure | CommandFailure failure) {
            cutShort(failure.getMessage());
        }
        return finish();
    }

    private void cutShort(String why) {
        isCutShort = true;
        results.note("cut short: " + why);
    }

    // What scenarios do

    Driver driver() {
        return driver;
    }

    LoadOptions options() {
        return options;
    }

    LoadTarget target() {
        return target;
    }

    /** Accounts of as many devices as the options say, not yet connected. */
    List<DriveAccount> populate(int accounts) {
        return driver.populate(accounts, options.devices());
    }

    /** Connects devices, registering their accounts where that has to be; returns when all are ready. */
    void connect(String words, List<DriveDevice> devices) {
        long startNanos = System.nanoTime();
        connected += devices.size();
        driver.connect(devices);
        patience.await(
                () -> driver.meter().connected() >= connected,
                () -> screen.live(
                        words + " " + Words.count(driver.meter().connected()) + " of " + Words.count(connected)));
        screen.line(words + " " + Words.count(devices.size()) + " devices after "
                + Words.nanos(System.nanoTime() - startNanos));
    }

    /** Begins to connect devices; those that are connected stay so. */
    void connectSoon(List<DriveDevice> devices) {
        driver.connect(devices);
    }

    /** Ends these devices' connections; returns when they have ended. */
    void disconnect(List<DriveDevice> devices) {
        connected -= devices.size();
        driver.disconnect(devices);
        patience.await(() -> driver.meter().connected() <= connected, () -> {});
    }

    /** Starts traffic, lets it run for the time of the options, warm-up first, and ends it. */
    void run(Traffic traffic) {
        sampling.skip();
        driver.start(traffic);
        sampleFor("warm-up", options.warmUpSeconds(), false);
        results.countFrom(target.page());
        sampleFor("measured", options.seconds(), true);
        stop();
    }

    /** Starts traffic, lets it settle, measures it, ends it and waits until all has come. */
    LoadMeasure turn(String words, Traffic traffic, int settleSeconds, int seconds) {
        sampling.skip();
        driver.start(traffic);
        sampleFor(seconds == 0 ? words : "settle", settleSeconds, false);
        LoadMeasure measure = sampling.beginTurn();
        sampleFor(words, seconds, true);
        stop();
        settle();
        return measure;
    }

    /** Starts traffic, and lets it run until something has come about. */
    void runUntil(String words, Traffic traffic, BooleanSupplier condition) {
        sampling.skip();
        results.countFrom(target.page());
        driver.start(traffic);
        sampleUntil(words, condition);
        stop();
    }

    /** Ends the traffic. */
    void stop() {
        int forgotten = driver.stop();
        if (forgotten > 0) {
            results.note(
                    Words.count(forgotten) + " submissions were still waiting for their turn at the end: the rate was"
                            + " above what the server, the windows or the driver can do");
        }
    }

    /** Takes a sample each second, for so long. */
    void sampleFor(String words, int seconds, boolean isMeasured) {
        sample(words, seconds, isMeasured, () -> false);
    }

    /** Takes a sample each second, and a last one when something has come about. */
    void sampleUntil(String words, BooleanSupplier condition) {
        sample(words, Integer.MAX_VALUE, true, condition);
    }

    private void sample(String words, int seconds, boolean isMeasured, BooleanSupplier condition) {
        long startNanos = System.nanoTime();
        for (int taken = 1; taken <= seconds && !condition.getAsBoolean(); taken++) {
            long untilNanos = startNanos + taken * SAMPLE_NANOS;
            while (System.nanoTime() < untilNanos && !condition.getAsBoolean()) {
                patience.check();
                Sleep.millis(Math.max(1, Math.min(LOOK_MILLIS, (untilNanos - System.nanoTime()) / 1_000_000)));
            }
            Sample sample = sampling.take(isMeasured);
            String line = ProgressLine.of(words, taken, seconds, sample);
            screen.live(line);
            if (!screen.isTerminal() || taken == seconds) {
                screen.line(line);
            }
        }
    }

    /** From now on the server is this one. */
    void moved(LoadTarget restarted) {
        target = restarted;
        sampling.watch(restarted.watch().orElseThrow());
    }

    /** A result. */
    void figure(String name, double value) {
        results.figure(name, value);
    }

    /** Something that a reader must know. */
    void note(String words) {
        results.note(words);
    }

    /** Results of which each row was measured by itself; rows may still be added. */
    void table(FigureTable table) {
        results.table(table);
    }

    /** What was measured so far, warm-up excluded. */
    LoadMeasure measured() {
        return sampling.measured();
    }

    void line(String words) {
        screen.line(words);
    }

    // The end

    private int finish() {
        if (isCutShort) {
            driver.stop();
        } else {
            stop();
        }
        boolean isDrained = !isCutShort && drain();
        DriveVerdict verdict = driver.verdict();
        results.addFigures(sampling.measured(), target);
        long violations = results.judge(verdict, isCutShort, driver.lastRefusal());
        LoadReport report = results.report(scenario, target, options.settings(), sampling, verdict);
        LoadSummary.print(screen, report);
        ReportFiles.write(screen, options.out(), report);
        return violations == 0 && isDrained ? 0 : BROKEN;
    }

    /** Waits for what is on its way; false if it does not come. */
    private boolean drain() {
        try {
            settle();
            return true;
        } catch (DriveFailure stuck) {
            if (!driver.isSettled()) {
                results.note("not everything came: " + stuck.getMessage());
            }
            return driver.isSettled();
        }
    }

    private void settle() {
        patience.await(
                driver::isSettled,
                () -> screen.live(
                        "waiting for " + Words.count(driver.outstanding()) + " deliveries that are on their way"));
    }

    @Override
    public void close() {
        driver.close();
        interruption.close();
    }
}
