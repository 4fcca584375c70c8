package dev.quintet.load;

import dev.quintet.load.drive.ChatTraffic;
import dev.quintet.load.drive.DriveAccount;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A model of real use. */
@Command(
        name = "chat",
        description = {
            "A model of real use: contacts by Zipf's law, messages of 100 bytes to 64 KiB, receipts, typing, devices that "
                    + "come and go; of each account three devices are connected. At the end all come, so that nothing "
                    + "stays unchecked. --senders and --bytes mean nothing here.",
            ""
        })
final class LoadChat implements Callable<Integer> {
    private static final int CONNECTED = 3;

    @Option(
            names = "--rate",
            paramLabel = "PER-SECOND",
            defaultValue = "500",
            description = "Messages of all accounts together, receipts not counted (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--changes",
            paramLabel = "PER-SECOND",
            defaultValue = "5",
            description = "How often a device leaves and another one comes (default: ${DEFAULT-VALUE}).")
    private double changes;

    @Mixin
    private LoadOptions options;

    @Mixin
    private LoadedRelay relay;

    @Override
    public Integer call() {
        options.demand(rate > 0, "--rate must be above 0, not " + rate);
        options.demand(changes > 0, "--changes must be above 0, not " + changes);
        return LoadRun.play("chat", relay, options, options.accounts() * options.devices(), this::chat);
    }

    private void chat(LoadRun run) {
        List<DriveAccount> accounts = run.populate(options.accounts());
        run.connect("connected", Crowd.devices(accounts, 1, CONNECTED));
        run.driver().appointSenders(Crowd.firstDevices(accounts, accounts.size()), options.window());
        run.run(new ChatTraffic(run.driver(), accounts, rate, changes));
        run.connectSoon(Crowd.devices(accounts));
        run.figure("ephemeral envelopes delivered", run.driver().meter().ephemeral());
    }
}
