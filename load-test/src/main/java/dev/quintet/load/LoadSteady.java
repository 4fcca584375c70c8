package dev.quintet.load;

import dev.quintet.load.drive.DriveAccount;
import dev.quintet.load.drive.Letter;
import dev.quintet.load.drive.ScheduledTraffic;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A fixed rate, whether or not the server keeps up. */
@Command(
        name = "steady",
        description = "Submissions at a fixed rate, at random times, whether or not the server keeps up.%n")
final class LoadSteady implements Callable<Integer> {
    @Option(
            names = "--rate",
            paramLabel = "PER-SECOND",
            defaultValue = "2000",
            description = "Submissions of all senders together (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Mixin
    private LoadOptions options;

    @Mixin
    private LoadedRelay relay;

    @Override
    public Integer call() {
        options.demand(rate > 0, "--rate must be above 0, not " + rate);
        return LoadRun.play("steady", relay, options, options.accounts() * options.devices(), this::keepTheRate);
    }

    private void keepTheRate(LoadRun run) {
        List<DriveAccount> accounts = run.populate(options.accounts());
        run.connect("connected", Crowd.devices(accounts));
        run.driver().appointSenders(Crowd.firstDevices(accounts, options.senders()), options.window());
        run.run(new ScheduledTraffic(run.driver(), Crowd.audiences(accounts), rate, Letter.message(options.bytes())));
    }
}
