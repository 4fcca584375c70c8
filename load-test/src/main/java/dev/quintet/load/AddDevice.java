package dev.quintet.load;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.Device;
import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceListDraft;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.KeyFile;
import dev.quintet.client.KnownDeviceLists;
import dev.quintet.client.RelayAddress;
import dev.quintet.client.RelayErrorException;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command that makes a companion: new keys in a file, and a device list with it, signed by the primary. */
@Command(
        name = "add-device",
        description = {
            "Adds a companion to an account, to try five devices by hand.",
            "",
            "Both devices' keys are made on this machine. In an app the new device makes its own and the two are linked.",
            ""
        })
final class AddDevice implements Callable<Integer> {
    @Mixin
    private KeyChoice primaryKeys;

    @Mixin
    private RelayChoice relayChoice;

    @Option(
            names = "--new",
            paramLabel = "FILE",
            required = true,
            description = "Where to write the companion's keys; must not exist.")
    private Path companionPath;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        RelayAddress relay = relayChoice.address();
        DeviceKeys primary = primaryKeys.read();
        if (!primary.isPrimary()) {
            throw new CommandFailure("--keys is a companion's file; only the primary adds devices");
        }
        try (ClientTransport transport = new ClientTransport()) {
            FirstConnection connection = new FirstConnection();
            try (Device device = new Device(transport, relay, primary, DeviceOptions.DEFAULTS, connection)) {
                connection.await(device);
                add(device, primary);
            }
        }
        return 0;
    }

    private void add(Device device, DeviceKeys primary) throws IOException {
        DeviceList current =
                new KnownDeviceLists().learn(primary.account(), Fleet.join(device.deviceList(primary.account())));
        if (current.devices().size() == DeviceList.MAX_DEVICES) {
            throw new CommandFailure("the account has " + DeviceList.MAX_DEVICES + " devices already");
        }
        DeviceKeys companion = DeviceKeys.companion(primary.account(), current.highestNumber() + 1, new SecureRandom());
        create(companion);
        try {
            Fleet.join(device.putDeviceList(DeviceListDraft.after(current)
                    .add(companion, Platform.LINUX)
                    .sign(primary)));
        } catch (RelayErrorException failure) {
            Files.delete(companionPath);
            throw failure;
        }
        spec.commandLine()
                .getOut()
                .println("device " + companion.device() + " of " + companion.account() + ": " + companionPath);
        spec.commandLine().getOut().flush();
    }

    private void create(DeviceKeys companion) {
        try {
            new KeyFile(companionPath).create(companion);
        } catch (IOException exception) {
            throw new CommandFailure("cannot write the key file: " + exception.getMessage());
        }
    }
}
