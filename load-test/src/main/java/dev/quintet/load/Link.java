package dev.quintet.load;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.Device;
import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.LinkKnock;
import dev.quintet.client.LinkQr;
import dev.quintet.client.LinkRequest;
import dev.quintet.client.NewDevice;
import dev.quintet.client.RelayAddress;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Handle;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.wire.Platform;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that makes a new device a companion: run on both, it shows a QR code, or a one-time code, here or there. */
@Command(
        name = "link",
        description = {
            "Links a new device to an account.",
            "",
            "On the new device `link --show` draws a QR code; on the account's primary `link --scan` reads it, shows who asks, "
                    + "and links after a yes. The two keys that matter never leave their devices, and the relay between "
                    + "them cannot read along.",
            "",
            "Without a camera: `link --handle` on the new device names the account by its handle; on its primary `link "
                    + "--answer` shows who asks and, after a yes, a code to type on the new device.",
            ""
        })
final class Link implements Callable<Integer> {
    private static final String YES = "yes";
    private static final long END_SECONDS = 5;

    @Mixin
    private KeyChoice keys;

    @Mixin
    private RelayChoice relayChoice;

    @ArgGroup(multiplicity = "1")
    private Side side;

    @Option(names = "--png", paramLabel = "FILE", description = "With --show: write the code there as a picture, too.")
    private Path png;

    @Option(
            names = "--name",
            paramLabel = "TEXT",
            defaultValue = "a terminal",
            description =
                    "With --show and --handle: what the primary is told that this device is called (default: ${DEFAULT-VALUE}).")
    private String name;

    @Option(
            names = "--again",
            description =
                    "With --show and --handle: this device was logged out; link it with the keys that it has in --keys.")
    private boolean isAgain;

    @Option(names = "--yes", description = "With --scan and --answer: do not ask for a yes. For scripts.")
    private boolean isSure;

    @Spec
    private CommandSpec spec;

    private PrintWriter out;
    private BufferedReader in;

    /** Exactly one of these. */
    private static final class Side {
        @Option(
                names = "--show",
                description = "This is the new device: show its code; --keys is where its keys will be.")
        private boolean isNewDevice;

        @Option(
                names = "--scan",
                paramLabel = "TEXT|IMAGE",
                description =
                        "This is the primary: link the device whose code this is; a file with a picture of it, or its "
                                + "text.")
        private String code;

        @Option(
                names = "--handle",
                paramLabel = "HANDLE",
                description =
                        "This is the new device: ask the primary of the account with this handle; --keys is where its keys "
                                + "will be.")
        private String handle;

        @Option(names = "--answer", description = "This is the primary: wait for a device that asks by handle.")
        private boolean isAnswering;
    }

    @Override
    public Integer call() {
        out = spec.commandLine().getOut();
        in = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
        RelayAddress relay = relayChoice.address();
        try (ClientTransport transport = new ClientTransport()) {
            if (side.isNewDevice) {
                show(transport, relay);
            } else if (side.handle != null) {
                ask(transport, relay);
            } else if (side.isAnswering) {
                answer(transport, relay);
            } else {
                scan(transport, relay, readCode());
            }
        }
        return 0;
    }

    private void show(ClientTransport transport, RelayAddress relay) {
        LinkScreen screen = new LinkScreen(out, Ansi.AUTO.enabled(), png, this::store);
        NewDevice device;
        try {
            device = open(transport, relay, screen);
        } catch (IllegalArgumentException exception) {
            throw new ParameterException(spec.commandLine(), exception.getMessage());
        }
        sayLinked(device);
    }

    private void sayLinked(NewDevice device) {
        DeviceKeys linked = Fleet.join(device.linked());
        say("linked: device " + linked.device() + " of " + linked.account());
    }

    private NewDevice open(ClientTransport transport, RelayAddress relay, LinkScreen screen) {
        if (isAgain) {
            return NewDevice.openAgain(
                    keys.read(), transport, relay, Platform.LINUX, name, DeviceOptions.DEFAULTS, screen);
        }
        keys.requireNew();
        return NewDevice.open(transport, relay, Platform.LINUX, name, DeviceOptions.DEFAULTS, screen);
    }

    private void store(DeviceKeys linked) {
        if (isAgain) {
            keys.move(linked);
        } else {
            keys.create(linked);
        }
    }

    private void ask(ClientTransport transport, RelayAddress relay) {
        CodeScreen screen = new CodeScreen(out, in, this::store);
        NewDevice device;
        try {
            device = ask(transport, relay, Handle.of(side.handle), screen);
        } catch (IllegalArgumentException | ProtocolException exception) {
            throw new ParameterException(spec.commandLine(), exception.getMessage());
        }
        screen.serve(device);
        sayLinked(device);
    }

    private NewDevice ask(ClientTransport transport, RelayAddress relay, Handle handle, CodeScreen screen) {
        if (isAgain) {
            return NewDevice.openAgainByHandle(
                    keys.read(), transport, relay, handle, Platform.LINUX, name, DeviceOptions.DEFAULTS, screen);
        }
        keys.requireNew();
        return NewDevice.openByHandle(transport, relay, handle, Platform.LINUX, name, DeviceOptions.DEFAULTS, screen);
    }

    /** Hears who knocks first. */
    private static final class Door extends FirstConnection {
        private final CompletableFuture<LinkKnock> knocked = new CompletableFuture<>();

        @Override
        public void linkRequested(LinkKnock knock) {
            knocked.complete(knock);
        }
    }

    private void answer(ClientTransport transport, RelayAddress relay) {
        DeviceKeys primary = readPrimary();
        Door door = new Door();
        try (Device device = new Device(transport, relay, primary, DeviceOptions.DEFAULTS, door)) {
            door.await(device);
            say("waiting for a device that asks for this account by its handle");
            LinkKnock knock = Fleet.join(door.knocked);
            try {
                answer(knock);
            } finally {
                awaitEnd(knock.ended());
            }
        }
    }

    /** The new device hears why before the connection goes; but nobody waits for one that says nothing. */
    private static void awaitEnd(CompletableFuture<Void> ended) {
        Fleet.join(ended.completeOnTimeout(null, END_SECONDS, TimeUnit.SECONDS));
    }

    private void answer(LinkKnock knock) {
        say("A device asks to join: " + Listen.printable(knock.name()) + ", " + knock.platform() + ", from "
                + knock.network());
        if (!isSure && !isYes("Did you ask for that yourself, just now? Type " + YES + " to see the code: ")) {
            knock.refuse();
            throw new CommandFailure("refused; nothing was linked");
        }
        CompletableFuture<LinkRequest> proved = knock.accept();
        say("Type this on the new device, and tell it nobody:  " + knock.code().text());
        approve(Fleet.join(proved));
    }

    private DeviceKeys readPrimary() {
        DeviceKeys primary = keys.read();
        if (!primary.isPrimary()) {
            throw new CommandFailure("--keys is a companion's file; only the primary links devices");
        }
        return primary;
    }

    private LinkQr readCode() {
        try {
            return LinkQr.parse(side.code.startsWith(LinkQr.PREFIX) ? side.code : QrPicture.read(Path.of(side.code)));
        } catch (IllegalArgumentException exception) {
            throw new CommandFailure(exception.getMessage());
        }
    }

    private void scan(ClientTransport transport, RelayAddress relay, LinkQr qr) {
        DeviceKeys primary = readPrimary();
        FirstConnection connection = new FirstConnection();
        try (Device device = new Device(transport, relay, primary, DeviceOptions.DEFAULTS, connection)) {
            connection.await(device);
            LinkRequest request = Fleet.join(device.claim(qr));
            say("A device asks to join: " + Listen.printable(request.name()) + ", " + request.platform() + ", from "
                    + request.network());
            say("Compare: both screens show  " + request.comparison());
            decide(request);
        }
    }

    private void decide(LinkRequest request) {
        if (!isSure && !isYes("Type " + YES + " to link it: ")) {
            request.refuse();
            awaitEnd(request.ended());
            throw new CommandFailure("refused; nothing was linked");
        }
        approve(request);
    }

    private void approve(LinkRequest request) {
        DeviceList list = Fleet.join(request.approve());
        say("linked: device " + request.numberIn(list) + " of " + list.account() + "; device list " + list.version());
    }

    private boolean isYes(String question) {
        out.print(question);
        out.flush();
        try {
            String answer = in.readLine();
            return answer != null && answer.strip().equals(YES);
        } catch (IOException exception) {
            return false;
        }
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }
}
