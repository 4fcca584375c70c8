package dev.quintet.load;

import dev.quintet.load.drive.DriveAccount;
import dev.quintet.load.drive.DriveDevice;
import dev.quintet.load.drive.DriveFailure;
import dev.quintet.load.drive.DriveVerdict;
import dev.quintet.load.drive.Driver;
import dev.quintet.load.drive.Traffic;
import dev.quintet.load.report.LoadReport;
import dev.quintet.load.report.Sample;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long SAMPLE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final double MEBIBYTE = 1 << 20;

    private final String scenario;
    private final LoadOptions options;
    private final Screen screen;
    private final Driver driver;
    private final LoadSampling sampling;
    private final Interruption interruption = new Interruption();
    private final Instant startedAt = Instant.now();
    private final Map<String, Double> figures = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private LoadTarget target;
    private MetricsPage before = MetricsPage.NONE;
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
    }

    /**
     * Plays a scenario against the relay that was chosen, and writes the report; the command's exit status.
     *
     * @param connections the most that it will have at a time
     */
    static int play(String name, LoadedRelay relay, LoadOptions options, int connections, Scenario scenario) {
        options.check();
        Descriptors.check(connections);
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
        notes.add("cut short: " + why);
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
        await(
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
        await(() -> driver.meter().connected() <= connected, () -> {});
    }

    /** Waits; throws {@link DriveFailure} if nothing moves for 30 s, a connection ends, or Ctrl-C is pressed. */
    void await(BooleanSupplier condition, Runnable look) {
        long moved = -1;
        long movedNanos = System.nanoTime();
        while (!condition.getAsBoolean()) {
            checkGoingOn();
            long now = driver.meter().connected()
                    + driver.meter().delivered()
                    + driver.meter().accepted();
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

    private void checkGoingOn() {
        if (interruption.isAsked()) {
            throw new DriveFailure("interrupted");
        }
        if (driver.failure() != null) {
            throw new DriveFailure(driver.failure());
        }
    }

    /** Starts traffic, lets it run for the time of the options, warm-up first, and ends it. */
    void run(Traffic traffic) {
        sampling.skip();
        driver.start(traffic);
        sampleFor("warm-up", options.warmUpSeconds(), false);
        before = target.page();
        sampleFor("measured", options.seconds(), true);
        stop();
    }

    /** Starts traffic, and lets it run until something has come about. */
    void runUntil(String words, Traffic traffic, BooleanSupplier condition) {
        sampling.skip();
        before = target.page();
        driver.start(traffic);
        sampleUntil(words, condition);
        stop();
    }

    /** Ends the traffic. */
    void stop() {
        int forgotten = driver.stop();
        if (forgotten > 0) {
            notes.add(Words.count(forgotten) + " submissions were still waiting for their turn at the end: the rate was"
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
                checkGoingOn();
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
        figures.put(name, value);
    }

    /** Something that a reader must know. */
    void note(String words) {
        notes.add(words);
    }

    LoadSampling.Totals totals() {
        return sampling.totals();
    }

    void line(String words) {
        screen.line(words);
    }

    // The end

    private int finish() {
        stop();
        boolean isDrained = !isCutShort && drain();
        DriveVerdict verdict = driver.verdict();
        addFigures();
        long violations = verdict.violations() - (isCutShort ? verdict.lost() : 0);
        if (violations > 0) {
            notes.add(0, "violations: " + violations);
            notes.addAll(verdict.findings());
        }
        if (verdict.refused() > 0) {
            notes.add(Words.count(verdict.refused()) + " submissions were refused, the last one with "
                    + driver.lastRefusal());
        }
        LoadSummary.print(screen, sampling, figures, verdict, notes);
        ReportFiles.write(screen, options.out(), report(verdict));
        return violations == 0 && isDrained ? 0 : BROKEN;
    }

    /** Waits for what is on its way; false if it does not come. */
    private boolean drain() {
        try {
            await(
                    driver::isSettled,
                    () -> screen.live(
                            "waiting for " + Words.count(driver.outstanding()) + " deliveries that are on their way"));
            return true;
        } catch (DriveFailure stuck) {
            if (!driver.isSettled()) {
                notes.add("not everything came: " + stuck.getMessage());
            }
            return driver.isSettled();
        }
    }

    private void addFigures() {
        LoadSampling.Totals totals = sampling.totals();
        if (totals.seconds() > 0) {
            figure("accepted, 1/s", totals.accepted() / totals.seconds());
            figure("delivered, 1/s", totals.delivered() / totals.seconds());
            figure("server CPU for a delivery, µs", totals.cpuMicrosPerDelivery());
            figure("server CPU, processors", totals.serverCpuMicros() / totals.seconds() / 1e6);
            figure("driver CPU, processors", totals.driverCpuMicros() / totals.seconds() / 1e6);
        }
        target.watch().ifPresent(watch -> figure("server memory, MiB resident", watch.residentBytes() / MEBIBYTE));
        MetricsPage after = before.sums().isEmpty() ? MetricsPage.NONE : target.page();
        if (!after.sums().isEmpty()) {
            String sync = "quintet_journal_sync_duration_seconds";
            figure("entries in a commit", after.meanSince(before, "quintet_journal_commit_entries"));
            figure("fdatasync, mean ms", 1_000 * after.meanSince(before, sync));
            figure("fdatasync, 1/s", after.since(before, sync + "_count") / Math.max(1, totals.seconds()));
        }
    }

    private LoadReport report(DriveVerdict verdict) {
        Map<String, Double> checks = new LinkedHashMap<>();
        verdict.counts().forEach((name, count) -> checks.put(name, (double) count));
        return new LoadReport(
                scenario,
                target.name(),
                startedAt.toString(),
                options.settings(),
                sampling.samples(),
                sampling.answers(),
                sampling.deliveries(),
                figures,
                checks,
                List.copyOf(notes));
    }

    @Override
    public void close() {
        driver.close();
        interruption.close();
    }
}
