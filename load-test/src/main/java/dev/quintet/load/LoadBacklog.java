package dev.quintet.load;

import dev.quintet.load.drive.DriveAccount;
import dev.quintet.load.drive.DriveDevice;
import dev.quintet.load.drive.Letter;
import dev.quintet.load.drive.Traffic;
import dev.quintet.load.drive.WindowTraffic;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Devices that are away, and come back all at once. */
@Command(
        name = "backlog",
        description = {
            "Envelopes pile up for devices that are away; then all of them return: how fast either goes.",
            "",
            "Only the senders are connected while the envelopes pile up. A relay of the load's own is then killed and",
            "started, stopped and started. --seconds and --warm-up mean nothing here.",
            ""
        })
final class LoadBacklog implements Callable<Integer> {
    private static final int MOST_FOR_EACH = 10_000;
    private static final double MEBIBYTE = 1 << 20;

    @Option(
            names = "--envelopes",
            defaultValue = "100000",
            description = "How many, for all devices together; at most 10,000 for each (default: ${DEFAULT-VALUE}).")
    private long envelopes;

    @Mixin
    private LoadOptions options;

    @Mixin
    private LoadedRelay relay;

    /** Nothing is submitted any more. */
    private static final class Silence implements Traffic {
        @Override
        public void start() {
            // What waits comes without it.
        }

        @Override
        public void stop() {
            // There is nothing to stop.
        }
    }

    @Override
    public Integer call() {
        long most = (long) MOST_FOR_EACH / 2 * options.accounts() * options.devices();
        options.demand(
                envelopes >= 1 && envelopes <= most,
                "--envelopes must be 1 to " + most + ", half of what so many"
                        + " mailboxes hold, since recipients are drawn at random");
        int connections = (options.accounts() + options.senders()) * options.devices();
        return LoadRun.play("backlog", relay, options, connections, this::pileUpAndReturn);
    }

    private void pileUpAndReturn(LoadRun run) {
        List<DriveAccount> away = run.populate(options.accounts());
        run.connect("registered", Crowd.firstDevices(away, away.size()));
        run.disconnect(Crowd.firstDevices(away, away.size()));
        List<DriveAccount> writers = run.populate(options.senders());
        run.connect("connected", Crowd.firstDevices(writers, writers.size()));
        run.driver().appointSenders(Crowd.firstDevices(writers, writers.size()), options.window());
        pileUp(run, away);
        run.disconnect(Crowd.firstDevices(writers, writers.size()));
        run.target().relay().ifPresent(process -> restart(run, process));
        comeBack(run, Crowd.devices(away));
    }

    private void pileUp(LoadRun run, List<DriveAccount> away) {
        long submissions = Math.max(1, envelopes / options.devices());
        long startNanos = System.nanoTime();
        run.runUntil(
                "enqueue",
                new WindowTraffic(
                        run.driver(),
                        Crowd.audiences(away),
                        Letter.message(options.bytes()),
                        options.unanswered(),
                        submissions),
                () -> run.driver().meter().accepted() + run.driver().meter().refused() >= submissions);
        run.figure("enqueued envelopes, 1/s", run.driver().outstanding() / seconds(startNanos));
        memory(run, "server memory with all waiting, MiB resident");
    }

    private void restart(LoadRun run, RelayProcess process) {
        process.kill();
        start(run, "ready after a kill, s");
        long startNanos = System.nanoTime();
        process.stop();
        run.figure("stopped in order, s", seconds(startNanos));
        run.figure("disk with all waiting, MiB", process.diskBytes() / MEBIBYTE);
        start(run, "ready after a stop, s");
        memory(run, "server memory after the starts, MiB resident");
    }

    private static void start(LoadRun run, String figure) {
        long startNanos = System.nanoTime();
        run.moved(run.target().startedAgain());
        run.figure(figure, seconds(startNanos));
    }

    private static double seconds(long sinceNanos) {
        return (System.nanoTime() - sinceNanos) / 1e9;
    }

    private void comeBack(LoadRun run, List<DriveDevice> devices) {
        long waiting = run.driver().outstanding();
        long startNanos = System.nanoTime();
        run.connectSoon(devices);
        run.runUntil("drain", new Silence(), run.driver()::isSettled);
        run.figure("drained envelopes, 1/s", waiting / seconds(startNanos));
        memory(run, "server memory after the drain, MiB resident");
    }

    private static void memory(LoadRun run, String name) {
        run.target().watch().ifPresent(watch -> run.figure(name, watch.residentBytes() / MEBIBYTE));
    }
}
