package dev.quintet.load;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.KeyFile;
import dev.quintet.client.Registration;
import dev.quintet.client.RelayAddress;
import dev.quintet.protocol.wire.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option of a command that is a device: the file with its keys. */
final class KeyChoice {
    @Option(
            names = "--keys",
            paramLabel = "FILE",
            required = true,
            description =
                    "This device's keys. If there is no such file, a new account is registered and its primary's keys "
                            + "are written there, readable by you alone.")
    private Path path;

    /** The keys in the file; registers an account and writes the file if there is none. */
    DeviceKeys readOrRegister(ClientTransport transport, RelayAddress relay) {
        KeyFile file = new KeyFile(path);
        try {
            return file.exists() ? file.read() : register(file, transport, relay);
        } catch (IOException exception) {
            throw new CommandFailure(exception.getMessage());
        }
    }

    /** Refuses to go on if there is a file already, or no folder to write it in. */
    void requireNew() {
        if (new KeyFile(path).exists()) {
            throw new CommandFailure(path + " exists; a new device needs a key file of its own");
        }
        requireWritable();
    }

    private void requireWritable() {
        Path folder = path.toAbsolutePath().getParent();
        if (!Files.isWritable(folder)) {
            throw new CommandFailure("cannot write " + path + ": " + folder + " is no folder to write in");
        }
    }

    /** Writes the keys of a new device. */
    void create(DeviceKeys keys) {
        try {
            new KeyFile(path).create(keys);
        } catch (IOException exception) {
            throw new CommandFailure("cannot write the key file: " + exception.getMessage());
        }
    }

    /** Writes down that the device in the file has another place. */
    void move(DeviceKeys keys) {
        try {
            new KeyFile(path).move(keys);
        } catch (IOException exception) {
            throw new CommandFailure("cannot write the key file: " + exception.getMessage());
        }
    }

    /** The keys in the file. */
    DeviceKeys read() {
        KeyFile file = new KeyFile(path);
        if (!file.exists()) {
            throw new CommandFailure("there is no key file " + path);
        }
        try {
            return file.read();
        } catch (IOException exception) {
            throw new CommandFailure(exception.getMessage());
        }
    }

    private DeviceKeys register(KeyFile file, ClientTransport transport, RelayAddress relay) throws IOException {
        requireWritable();
        DeviceKeys keys = Fleet.join(Registration.register(transport, relay, Platform.LINUX, DeviceOptions.DEFAULTS));
        file.create(keys);
        return keys;
    }
}
