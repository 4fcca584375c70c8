package dev.quintet.load;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.DeviceAddress;
import dev.quintet.client.DeviceOptions;
import dev.quintet.protocol.EnvelopeId;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that shows in half a minute what the relay promises, a kill included. */
@Command(
        name = "demo",
        description = {
            "Shows a relay at work: two accounts of five devices, devices that are away, and a SIGKILL.",
            "",
            "Starts a relay of its own in a temporary directory, and ten clients that connect to it over TLS. Exits with 0 "
                    + "only if nothing was lost, duplicated or out of order. The texts are sealed as by `send`.",
            ""
        })
final class Demo implements Callable<Integer> {
    private static final int BROKEN = 1;
    private static final int LINKED_EACH_WAY = 2;
    private static final long BETWEEN_MESSAGES_MILLIS = 150;
    private static final long PATIENCE_MILLIS = 5_000;
    private static final long TRAFFIC_PAUSE_MILLIS = 60;
    private static final DeviceOptions OPTIONS = DeviceOptions.DEFAULTS.withPauses(50, 500);

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "10",
            description = "Messages to watch one by one, in each of the first two parts (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "6",
            description = "Traffic in the third part, the kill in its middle (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--keep", description = "Keep the relay's directory and say where it is.")
    private boolean isKept;

    @Spec
    private CommandSpec spec;

    private final DemoWatch watch = new DemoWatch();
    private final DeliveryChecker checker = new DeliveryChecker();
    private final ExecutorService checks = Executors.newSingleThreadExecutor();
    private Screen screen;
    private RelayProcess relay;
    private Fleet fleet;
    private FleetAccount alice;
    private FleetAccount bob;

    @Override
    public Integer call() {
        if (rounds < 1 || seconds < 1) {
            throw new ParameterException(spec.commandLine(), "--rounds and --seconds are at least 1");
        }
        screen = new Screen(spec.commandLine().getOut());
        try (TemporaryFolder folder = new TemporaryFolder("quintet-demo-", isKept);
                RelayProcess started = new RelayProcess(folder.path(), RelayProcess.SHORT_LIFE);
                ClientTransport transport = new ClientTransport()) {
            relay = started;
            start(folder);
            try (Fleet connected = connect(transport)) {
                fleet = connected;
                return run();
            } finally {
                checks.shutdown();
                if (isKept) {
                    screen.line("  the relay's directory is kept: " + folder.path());
                }
            }
        }
    }

    private int run() {
        watchFanOuts();
        sendToDevicesThatAreAway();
        killInTheMiddle();
        long left = leftAfterReconnect();
        screen.heading("Summary");
        DeliveryReport report = checker.report();
        Summary.print(screen, report, this::name);
        boolean isClean = report.isClean() && left == 0;
        screen.line("");
        screen.line(isClean ? "Every accepted message reached every device once, in order." : "A promise was broken.");
        return isClean ? 0 : BROKEN;
    }

    private void start(TemporaryFolder folder) {
        screen.live("  starting a relay ...");
        long startNanos = System.nanoTime();
        relay.start();
        screen.line("  relay     process " + relay.pid() + ", " + relay.address() + ", TLS, up after "
                + Words.nanos(System.nanoTime() - startNanos) + "; data in " + folder.path());
    }

    private Fleet connect(ClientTransport transport) {
        Fleet connecting = new Fleet(
                transport, relay.address(), OPTIONS, new Fleet.Instruments(new SealedParcel(), checker, watch, checks));
        Map<DeviceAddress, String> links = new ConcurrentHashMap<>();
        connecting.link(LINKED_EACH_WAY, LINKED_EACH_WAY, links::put);
        connecting.register(2, () -> {});
        alice = connecting.accounts().get(0);
        bob = connecting.accounts().get(1);
        links.entrySet().stream()
                .map(link -> name(link.getKey()) + "   " + link.getValue())
                .sorted()
                .forEach(link -> screen.line("  linked    " + link));
        screen.line("  alice     account " + alice.id() + ", five devices connected");
        screen.line("  bob       account " + bob.id() + ", five devices connected");
        return connecting;
    }

    private void watchFanOuts() {
        screen.heading("1  Each message goes to five devices");
        for (int round = 0; round < rounds; round++) {
            int sender = 1 + round % Fleet.DEVICES;
            if (round % 2 == 0) {
                watchOne(alice.device(sender), bob, Set.of());
            } else {
                watchOne(bob.device(sender), alice, Set.of());
            }
            Sleep.millis(BETWEEN_MESSAGES_MILLIS);
        }
    }

    private void watchOne(FleetDevice from, FleetAccount to, Set<FleetDevice> away) {
        EnvelopeId envelopeId = FleetDevice.newEnvelopeId();
        String route = String.format("%-7s -> %-5s", name(from.address()), to == alice ? "alice" : "bob");
        FanOutLine line = new FanOutLine(envelopeId, route, to, away);
        watch.watch(line);
        screen.live(line.text());
        from.send(to, envelopeId);
        boolean isComplete = line.await(PATIENCE_MILLIS);
        screen.line(line.text() + (isComplete ? "" : "   not complete after " + PATIENCE_MILLIS + " ms"));
    }

    private void sendToDevicesThatAreAway() {
        FleetDevice second = bob.device(2);
        FleetDevice fourth = bob.device(4);
        screen.heading("2  Devices that are away get it later");
        Fleet.join(second.device().disconnect());
        Fleet.join(fourth.device().disconnect());
        screen.line("  bob/2 and bob/4 disconnect");
        for (int round = 0; round < rounds; round++) {
            watchOne(alice.device(1 + round % Fleet.DEVICES), bob, Set.of(second, fourth));
            Sleep.millis(BETWEEN_MESSAGES_MILLIS / 2);
        }
        comeBack(second);
        screen.line("  bob/4 stays away for now");
    }

    private void comeBack(FleetDevice device) {
        long before = checker.deliveredCount();
        long startNanos = System.nanoTime();
        Fleet.join(device.device().connect());
        Await.until(PATIENCE_MILLIS, () -> device.backlogCount().isPresent());
        long waited = device.backlogCount().orElse(0);
        Await.until(PATIENCE_MILLIS, () -> checker.deliveredCount() - before >= waited);
        screen.line("  " + name(device.address()) + " is back: " + Words.count(waited)
                + " waited on the relay, all fetched " + Words.nanos(System.nanoTime() - startNanos)
                + " after connecting");
    }

    private void killInTheMiddle() {
        screen.heading("3  SIGKILL in the middle of the traffic");
        SteadyTraffic traffic = new SteadyTraffic(alice, bob, TRAFFIC_PAUSE_MILLIS);
        try {
            showTraffic(seconds * 500L);
            relay.kill();
            long killedNanos = System.nanoTime();
            screen.line("  kill -9 " + relay.pid() + ": " + Words.count(checker.acceptedCount()) + " accepted so far, "
                    + Words.count(checker.unanswered()) + " without an answer");
            screen.live("  starting it again ...");
            relay.start();
            screen.line("  started again as process " + relay.pid() + ", same directory, up "
                    + Words.nanos(System.nanoTime() - killedNanos) + " after the kill");
            fleet.awaitConnected(Set.of(bob.device(4)));
            screen.line("  nine devices are back after " + Words.nanos(System.nanoTime() - killedNanos) + "; "
                    + Words.count(fleet.repeated()) + " submissions were sent again");
            showTraffic(seconds * 500L);
        } finally {
            traffic.close();
        }
        comeBack(bob.device(4));
        Drain.await(checker, fleet);
    }

    private void showTraffic(long millis) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (System.nanoTime() < deadline) {
            Sleep.millis(Math.min(100, millis));
            screen.live(trafficLine());
        }
        screen.line(trafficLine());
    }

    private String trafficLine() {
        return "  ten devices write: " + Words.count(checker.acceptedCount()) + " accepted, "
                + Words.count(checker.deliveredCount()) + " delivered, " + Words.count(checker.outstanding())
                + " wait for bob/4 or are on their way";
    }

    /** What was acknowledged must be gone: after a new login nothing waits. */
    private long leftAfterReconnect() {
        fleet.devices().forEach(device -> Fleet.join(device.device().disconnect()));
        fleet.awaitConnected();
        long left = fleet.awaitBacklog();
        screen.line("  all ten connect once more: " + (left == 0 ? "nothing" : Words.count(left) + " envelopes")
                + " left on the relay");
        return left;
    }

    private String name(DeviceAddress address) {
        return (address.account().equals(alice.id()) ? "alice/" : "bob/") + address.device();
    }
}
