package dev.quintet.load;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.Device;
import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.RelayAddress;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command that gives an account a handle. */
@Command(
        name = "handle",
        description = {
            "Gives an account a handle, a telephone number or a name, by which `link --handle` finds it.",
            "",
            "Run by the primary. An account has one handle; an empty one takes it away.",
            ""
        })
final class AccountHandle implements Callable<Integer> {
    @Mixin
    private KeyChoice keys;

    @Mixin
    private RelayChoice relayChoice;

    @Parameters(paramLabel = "HANDLE", description = "One line of at most 64 bytes; \"\" for none.")
    private String handle;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        RelayAddress relay = relayChoice.address();
        try (ClientTransport transport = new ClientTransport()) {
            DeviceKeys primary = keys.readOrRegister(transport, relay);
            FirstConnection connection = new FirstConnection();
            try (Device device = new Device(transport, relay, primary, DeviceOptions.DEFAULTS, connection)) {
                connection.await(device);
                Fleet.join(device.putHandle(handle));
            }
            String has = handle.isEmpty() ? " has no handle" : " has the handle " + Listen.printable(handle);
            spec.commandLine().getOut().println("account " + primary.account() + has);
            spec.commandLine().getOut().flush();
        }
        return 0;
    }
}
