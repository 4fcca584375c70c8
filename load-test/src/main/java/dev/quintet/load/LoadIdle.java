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
            "The accounts are registered first; then the relay is started anew, so that its memory before holds no "
                    + "connection. Only for a relay of the load's own. --accounts and --senders mean nothing here.",
            ""
        })
final class LoadIdle implements Callable<Integer> {
    private static final int SETTLE_MILLIS = 3_000;

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
        options.demand(count >= options.devices(), "there must be connections for one account at least");
        return LoadRun.play("idle", relay, options, count, run -> rest(run, count / options.devices()));
    }

    private void rest(LoadRun run, int accountCount) {
        List<DriveAccount> accounts = run.populate(accountCount);
        run.connect("registered", Crowd.firstDevices(accounts, accountCount));
        run.disconnect(Crowd.firstDevices(accounts, accountCount));
        run.moved(run.target().restarted());
        ServerMemory before = settled(run);
        List<DriveDevice> devices = Crowd.devices(accounts);
        run.connect("connected", devices);
        run.sampleFor("idle", options.seconds(), true);
        ServerMemory after = settled(run);
        run.figure("connections", devices.size());
        run.figure("resident bytes for each", (after.resident() - before.resident()) / (double) devices.size());
        run.figure("heap bytes for each", (after.heap() - before.heap()) / (double) devices.size());
    }

    private ServerMemory settled(LoadRun run) {
        Sleep.millis(SETTLE_MILLIS);
        return ServerMemory.of(run.target());
    }
}
