package dev.quintet.load;

import dev.quintet.load.drive.DriveAccount;
import dev.quintet.load.drive.Letter;
import dev.quintet.load.drive.WindowTraffic;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** As much as the server takes: each sender keeps its window full. */
@Command(name = "saturate", description = "Each sender keeps its window of unanswered submissions full.%n")
final class LoadSaturate implements Callable<Integer> {
    @Mixin
    private LoadOptions options;

    @Mixin
    private LoadedRelay relay;

    @Override
    public Integer call() {
        return LoadRun.play("saturate", relay, options, options.accounts() * options.devices(), this::saturate);
    }

    private void saturate(LoadRun run) {
        List<DriveAccount> accounts = run.populate(options.accounts());
        run.connect("connected", Crowd.devices(accounts));
        run.driver().appointSenders(Crowd.firstDevices(accounts, options.senders()), options.window());
        Letter letter = Letter.message(options.bytes());
        run.run(new WindowTraffic(
                run.driver(), Crowd.audiences(accounts), letter, options.unanswered(), Long.MAX_VALUE));
    }
}
