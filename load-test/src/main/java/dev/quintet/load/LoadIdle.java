package dev.quintet.load;

import dev.quintet.load.drive.DriveAccount;
import dev.quintet.load.drive.DriveDevice;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a connection costs that does nothing. */
@Command(
        name = "idle",
        description = {
            "Connects as many devices as the descriptors allow and lets them do nothing: memory of the server for each.",
            "",
            "The accounts are registered first; then the relay is started anew. A tenth of the devices connect, so that what "
                    + "the first connections cost once is not counted; what the rest adds is divided by their number, once "
                    + "the relay's garbage is collected. Its heap is told to keep little in reserve. Only for a relay of "
                    + "the load's own. --accounts and --senders mean nothing here.",
            ""
        })
final class LoadIdle implements Callable<Integer> {
    private static final int SETTLE_MILLIS = 3_000;
    private static final int FIRST_PART = 10;

    /** Else the collector keeps up to 70 % of the heap free, and the figure would be about that. */
    private static final List<String> LITTLE_RESERVE = List.of("-XX:MinHeapFreeRatio=5", "-XX:MaxHeapFreeRatio=10");

    @Option(
            names = "--connections",
            defaultValue = "0",
            description = "How many devices; 0: as many as this process may connect (default: ${DEFAULT-VALUE}).")
    private int connections;

    @Mixin
    private LoadOptions options;

    @Mixin
    private LoadedRelay relay;

    @Override
    public Integer call() {
        options.demand(connections >= 0, "--connections must be 0 at least, not " + connections);
        options.demand(relay.isOwn(), "idle needs a relay of its own: leave --address out");
        int count = connections == 0 ? Descriptors.connections() : connections;
        options.demand(count >= 2 * options.devices(), "there must be connections for two accounts at least");
        relay.prefer(LITTLE_RESERVE);
        return LoadRun.play("idle", relay, options, count, run -> rest(run, count / options.devices()));
    }

    private void rest(LoadRun run, int accountCount) {
        List<DriveAccount> accounts = run.populate(accountCount);
        run.connect("registered", Crowd.firstDevices(accounts, accountCount));
        run.disconnect(Crowd.firstDevices(accounts, accountCount));
        run.moved(run.target().restarted());
        int first = Math.max(1, accountCount / FIRST_PART);
        run.connect("connected", Crowd.devices(accounts.subList(0, first)));
        ServerMemory before = settled(run);
        List<DriveDevice> rest = Crowd.devices(accounts.subList(first, accountCount));
        run.connect("connected", rest);
        run.sampleFor("idle", options.seconds(), true);
        ServerMemory after = settled(run);
        run.figure("connections", accountCount * options.devices());
        run.figure("resident bytes for each", (after.resident() - before.resident()) / (double) rest.size());
        run.figure("heap bytes for each", (after.heap() - before.heap()) / (double) rest.size());
    }

    private ServerMemory settled(LoadRun run) {
        Sleep.millis(SETTLE_MILLIS);
        return ServerMemory.of(run.target());
    }
}
