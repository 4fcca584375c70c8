package dev.quintet.load;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.Delivery;
import dev.quintet.client.Device;
import dev.quintet.client.DeviceAddress;
import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.Disconnection;
import dev.quintet.client.KnownDeviceLists;
import dev.quintet.client.RelayAddress;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.protocol.wire.Backlog;
import dev.quintet.protocol.wire.Gap;
import dev.quintet.protocol.wire.LinkAlert;
import dev.quintet.protocol.wire.Welcome;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command that prints what a device receives. */
@Command(
        name = "listen",
        description = {
            "Is a device: prints each text that it receives, then acknowledges it.",
            "",
            "Texts that came while nobody listened wait on the relay and are printed first. A device has one connection: "
                    + "give each terminal a key file of its own. See `send` for the encryption.",
            ""
        })
final class Listen implements Callable<Integer> {
    private static final int POLL_MILLIS = 10;

    @Mixin
    private KeyChoice keyChoice;

    @Mixin
    private RelayChoice relayChoice;

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "End after so many texts (default: only when interrupted).")
    private long count;

    @Spec
    private CommandSpec spec;

    private final KnownDeviceLists lists = new KnownDeviceLists();
    private final CompletableFuture<Integer> end = new CompletableFuture<>();
    private CompletableFuture<?> printed = CompletableFuture.completedFuture(null);
    private long printedCount;
    private PrintWriter out;
    private DeviceKeys keys;
    private Device device;

    @Override
    public Integer call() {
        out = spec.commandLine().getOut();
        RelayAddress relay = relayChoice.address();
        try (ClientTransport transport = new ClientTransport()) {
            keys = keyChoice.readOrRegister(transport, relay);
            Printer printer = new Printer();
            device = new Device(transport, relay, keys, DeviceOptions.DEFAULTS, printer);
            Welcome welcome = printer.await(device);
            say("account " + keys.account() + ", device " + keys.device() + ", device list " + welcome.getListVersion()
                    + "; listening");
            int status = Fleet.join(end);
            device.disconnect().join();
            return status;
        }
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }

    private void print(Delivery delivery, Optional<String> text) {
        if (count > 0 && printedCount == count) {
            return;
        }
        LocalTime time = LocalTime.ofInstant(Instant.ofEpochMilli(delivery.acceptedAtMillis()), ZoneId.systemDefault());
        say(time.truncatedTo(ChronoUnit.SECONDS) + "  " + delivery.from() + "  "
                + text.map(Listen::printable).orElse("(cannot be opened)"));
        delivery.acknowledge();
        printedCount++;
        if (printedCount == count) {
            awaitConfirmed(delivery.sequence());
        }
    }

    /** What was printed must not be printed again: the relay's confirmation is waited for. */
    private void awaitConfirmed(long sequence) {
        device.confirmedSequence().thenAccept(confirmed -> {
            if (confirmed >= sequence) {
                end.complete(0);
            } else {
                CompletableFuture.delayedExecutor(POLL_MILLIS, TimeUnit.MILLISECONDS)
                        .execute(() -> awaitConfirmed(sequence));
            }
        });
    }

    /** A stranger's text must not steer the terminal. */
    static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    private CompletableFuture<Optional<Ed25519Key>> senderKey(DeviceAddress sender) {
        Optional<Ed25519Key> known = lists.of(sender.account()).flatMap(list -> key(list, sender));
        return known.isPresent()
                ? CompletableFuture.completedFuture(known)
                : device.deviceList(sender.account())
                        .thenApply(signed -> key(lists.learn(sender.account(), signed), sender))
                        .exceptionally(failure -> Optional.empty());
    }

    private static Optional<Ed25519Key> key(DeviceList list, DeviceAddress sender) {
        return Optional.ofNullable(list.listed(sender.device())).map(MemberDevice::identityKey);
    }

    /** Prints in the order of the mailbox, also when a sender's key has to be fetched first. */
    private final class Printer extends FirstConnection {
        @Override
        public void delivered(Delivery delivery) {
            CompletableFuture<Optional<Ed25519Key>> key = senderKey(delivery.from());
            printed = printed.thenCompose(before -> key)
                    .thenAccept(sender -> print(
                            delivery,
                            sender.flatMap(from -> TextSeal.open(delivery.from(), from, keys, delivery.ciphertext()))));
        }

        @Override
        public void backlog(Backlog backlog) {
            if (backlog.getCount() > 0) {
                say(backlog.getCount() + " waited for this device");
            }
        }

        @Override
        public void linked(LinkAlert alert) {
            String name = alert.getName().isEmpty() ? "" : ", \"" + printable(alert.getName()) + "\"";
            String network = alert.getNetwork().isEmpty() ? "" : ", from " + printable(alert.getNetwork());
            LocalTime time = LocalTime.ofInstant(Instant.ofEpochMilli(alert.getAtMillis()), ZoneId.systemDefault());
            say("device " + alert.getDevice() + " was linked at " + time.truncatedTo(ChronoUnit.SECONDS) + ": "
                    + alert.getPlatform() + name + network + "; if it is not yours, remove it on the primary");
        }

        @Override
        public void expiring(int companionDaysLeft) {
            say(
                    companionDaysLeft == 0
                            ? "the primary has come"
                            : "use the primary, or this device is logged out; days left: " + companionDaysLeft);
        }

        @Override
        public void gap(Gap gap) {
            say(gap.getCount() + " texts will not come: " + gap.getReason());
        }

        @Override
        public void hole(long missingSequence) {
            say("the relay has lost sequence " + missingSequence);
        }

        @Override
        void lost(Disconnection disconnection) {
            if (disconnection.isFinal()) {
                end.completeExceptionally(new CommandFailure(disconnection.message()));
            } else if (!end.isDone()) {
                say("(" + disconnection.message() + "; trying again)");
            }
        }
    }
}
