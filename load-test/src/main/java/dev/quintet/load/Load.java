package dev.quintet.load;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.RelayAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that drives a relay as hard as its senders may, and checks every delivery. */
@Command(
        name = "load",
        description = {
            "Drives a relay with accounts of five devices, and checks every delivery.",
            "",
            "Every device is a client with a connection of its own; all are in this process and share the machine with the "
                    + "relay if that is here too. Without --relay, a relay is started in a temporary directory.",
            ""
        })
final class Load implements Callable<Integer> {
    private static final int BROKEN = 1;
    private static final long SECOND_MILLIS = 1_000;

    @Option(
            names = "--accounts",
            defaultValue = "200",
            description = "Accounts of five devices (default: ${DEFAULT-VALUE}).")
    private int accountCount;

    @Option(names = "--senders", defaultValue = "8", description = "Devices that send (default: ${DEFAULT-VALUE}).")
    private int senderCount;

    @Option(
            names = "--window",
            defaultValue = "64",
            description = "Submissions that each sender has unanswered (default: ${DEFAULT-VALUE}).")
    private int window;

    @Option(
            names = "--bytes",
            defaultValue = "1024",
            description = "Size of each device's ciphertext (default: ${DEFAULT-VALUE}).")
    private int ciphertextBytes;

    @Option(names = "--seconds", defaultValue = "10", description = "How long to send (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--loops",
            defaultValue = "1",
            description = "Event loops of the clients (default: ${DEFAULT-VALUE}).")
    private int loops;

    @Mixin
    private RelayChoice relayChoice;

    @Spec
    private CommandSpec spec;

    private Screen screen;

    @Override
    public Integer call() {
        check();
        screen = new Screen(spec.commandLine().getOut());
        if (relayChoice.isGiven()) {
            return drive(relayChoice.address());
        }
        try (TemporaryFolder folder = new TemporaryFolder("quintet-load-", false);
                RelayProcess relay = new RelayProcess(
                        folder.path(),
                        List.of(),
                        List.of("--config", unlimited(folder).toString()))) {
            relay.start();
            screen.line("relay      process " + relay.pid() + ", " + relay.address() + ", TLS");
            return drive(relay.address());
        }
    }

    /** A configuration in which no device's rate is limited: the load is to find the relay's own limits. */
    private static Path unlimited(TemporaryFolder folder) {
        try {
            return Files.writeString(folder.path().resolve("relay.conf"), """
                    connection { frames-per-second = 1000000, frames-burst = 1000000 }
                    connection { submissions-per-second = 1000000, submissions-burst = 1000000 }
                    """);
        } catch (IOException full) {
            throw new CommandFailure("cannot write to " + folder.path() + ": " + full.getMessage());
        }
    }

    private void check() {
        boolean isPossible = accountCount >= 2
                && senderCount >= 1
                && senderCount <= accountCount
                && window >= 1
                && ciphertextBytes >= ChecksumParcel.smallestBytes()
                && seconds >= 1
                && loops >= 1;
        if (!isPossible) {
            throw new ParameterException(
                    spec.commandLine(),
                    "There must be 2 accounts at least, 1 to as many senders, a window, and "
                            + ChecksumParcel.smallestBytes() + " bytes at least.");
        }
    }

    private int drive(RelayAddress address) {
        DeliveryChecker checker = new DeliveryChecker();
        LoadMeter meter = new LoadMeter();
        Fleet.Instruments instruments =
                new Fleet.Instruments(new ChecksumParcel(ciphertextBytes), checker, meter, Runnable::run);
        try (ClientTransport transport = new ClientTransport(loops);
                Fleet fleet = new Fleet(transport, address, DeviceOptions.DEFAULTS, instruments)) {
            register(fleet);
            send(fleet, checker, meter);
            Drain.await(checker, fleet);
        }
        meter.print(screen);
        DeliveryReport report = checker.report();
        Summary.totals(screen, report);
        return report.isClean() ? 0 : BROKEN;
    }

    private void register(Fleet fleet) {
        AtomicInteger registered = new AtomicInteger();
        long startNanos = System.nanoTime();
        fleet.register(
                accountCount, () -> screen.live("accounts   " + registered.incrementAndGet() + " of " + accountCount));
        screen.line("accounts   " + accountCount + ", " + fleet.devices().size() + " devices connected after "
                + Words.nanos(System.nanoTime() - startNanos));
    }

    private void send(Fleet fleet, DeliveryChecker checker, LoadMeter meter) {
        List<FleetDevice> senders = fleet.accounts().subList(0, senderCount).stream()
                .map(account -> account.device(1))
                .toList();
        long startNanos = System.nanoTime();
        FullTraffic traffic = new FullTraffic(senders, fleet.accounts(), window);
        try {
            showProgress(checker, meter);
        } finally {
            traffic.close();
        }
        double elapsed = (System.nanoTime() - startNanos) / (double) TimeUnit.SECONDS.toNanos(1);
        screen.line(String.format(
                "mean       %9s accepted/s %10s deliveries/s",
                Words.count(Math.round(meter.accepted() / elapsed)),
                Words.count(Math.round(meter.delivered() / elapsed))));
    }

    private void showProgress(DeliveryChecker checker, LoadMeter meter) {
        long acceptedBefore = 0;
        long deliveredBefore = 0;
        for (int second = 1; second <= seconds; second++) {
            Sleep.millis(SECOND_MILLIS);
            long accepted = meter.accepted();
            long delivered = meter.delivered();
            screen.line(String.format(
                    "%5d s    %9s accepted/s %10s deliveries/s %9s on their way",
                    second,
                    Words.count(accepted - acceptedBefore),
                    Words.count(delivered - deliveredBefore),
                    Words.count(checker.outstanding())));
            acceptedBefore = accepted;
            deliveredBefore = delivered;
        }
    }
}
