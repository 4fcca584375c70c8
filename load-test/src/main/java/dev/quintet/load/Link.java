package dev.quintet.load;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.Device;
import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.LinkQr;
import dev.quintet.client.LinkRequest;
import dev.quintet.client.NewDevice;
import dev.quintet.client.RelayAddress;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.Platform;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command that makes a new device a companion: run on both, it shows a QR code here and reads it there. */
@Command(
        name = "link",
        description = {
            "Links a new device to an account.",
            "",
            "On the new device `link --show` draws a QR code; on the account's primary `link --scan` reads it, shows who asks, "
                    + "and links after a yes. The two keys that matter never leave their devices, and the relay between "
                    + "them cannot read along.",
            ""
        })
final class Link implements Callable<Integer> {
    private static final String YES = "yes";

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
                    "With --show: what the primary is told that this device is called (default: ${DEFAULT-VALUE}).")
    private String name;

    @Option(
            names = "--again",
            description = "With --show: this device was logged out; link it with the keys that it has in --keys.")
    private boolean isAgain;

    @Option(names = "--yes", description = "With --scan: link without asking. For scripts.")
    private boolean isSure;

    @Spec
    private CommandSpec spec;

    private PrintWriter out;

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
    }

    @Override
    public Integer call() {
        out = spec.commandLine().getOut();
        RelayAddress relay = relayChoice.address();
        try (ClientTransport transport = new ClientTransport()) {
            if (side.isNewDevice) {
                show(transport, relay);
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

    private LinkQr readCode() {
        try {
            return LinkQr.parse(side.code.startsWith(LinkQr.PREFIX) ? side.code : QrPicture.read(Path.of(side.code)));
        } catch (IllegalArgumentException exception) {
            throw new CommandFailure(exception.getMessage());
        }
    }

    private void scan(ClientTransport transport, RelayAddress relay, LinkQr qr) {
        DeviceKeys primary = keys.read();
        if (!primary.isPrimary()) {
            throw new CommandFailure("--keys is a companion's file; only the primary links devices");
        }
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
        if (!isSure && !isYes()) {
            request.refuse();
            throw new CommandFailure("refused; nothing was linked");
        }
        DeviceList list = Fleet.join(request.approve());
        say("linked: device " + request.numberIn(list) + " of " + list.account() + "; device list " + list.version());
    }

    private boolean isYes() {
        out.print("Type " + YES + " to link it: ");
        out.flush();
        try {
            String answer = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
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
