package dev.quintet.load;

import dev.quintet.load.drive.DriveAccount;
import dev.quintet.load.drive.DriveDevice;
import dev.quintet.load.drive.Letter;
import dev.quintet.load.drive.ScheduledTraffic;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The relay is killed under traffic, and everybody comes back. */
@Command(
        name = "storm",
        description = {
            "Kills the relay under a steady rate (kill -9), starts it again, and has all devices come back.",
            "",
            "Only for a relay of the load's own. A third of the time passes before the kill.",
            ""
        })
final class LoadStorm implements Callable<Integer> {
    private static final int BEFORE = 3;

    @Option(
            names = "--rate",
            paramLabel = "PER-SECOND",
            defaultValue = "500",
            description = "Submissions of all senders together (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--jitter",
            paramLabel = "MILLISECONDS",
            defaultValue = "2000",
            description = "The longest random pause before a device comes back (default: ${DEFAULT-VALUE}).")
    private long jitterMillis;

    @Mixin
    private LoadOptions options;

    @Mixin
    private LoadedRelay relay;

    @Override
    public Integer call() {
        options.demand(rate > 0, "--rate must be above 0, not " + rate);
        options.demand(jitterMillis >= 0, "--jitter must be 0 at least, not " + jitterMillis);
        options.demand(relay.isOwn(), "storm kills the relay: leave --address out");
        return LoadRun.play("storm", relay, options, options.accounts() * options.devices(), this::kill);
    }

    private void kill(LoadRun run) {
        List<DriveAccount> accounts = run.populate(options.accounts());
        List<DriveDevice> devices = Crowd.devices(accounts);
        run.connect("connected", devices);
        run.driver().appointSenders(Crowd.firstDevices(accounts, options.senders()), options.window());
        run.driver().returnWithin(jitterMillis);
        run.driver()
                .start(new ScheduledTraffic(
                        run.driver(), Crowd.audiences(accounts), rate, Letter.message(options.bytes())));
        run.sampleFor("warm-up", options.warmUpSeconds(), false);
        run.sampleFor("before", Math.max(1, options.seconds() / BEFORE), true);
        restart(run, devices.size());
        run.sampleFor("after", Math.max(1, options.seconds() - options.seconds() / BEFORE), true);
        run.stop();
    }

    private void restart(LoadRun run, int devices) {
        long startNanos = System.nanoTime();
        CompletableFuture<LoadTarget> starting =
                CompletableFuture.supplyAsync(() -> run.target().restarted());
        run.sampleUntil("down", starting::isDone);
        run.figure("from the kill to ready, s", seconds(startNanos));
        try {
            run.moved(starting.join());
        } catch (CompletionException failed) {
            throw new CommandFailure(
                    "the relay did not come back: " + failed.getCause().getMessage());
        }
        run.sampleUntil("return", () -> run.driver().meter().connected() >= devices);
        run.figure("from the kill to all connected, s", seconds(startNanos));
    }

    private static double seconds(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1e9;
    }
}
