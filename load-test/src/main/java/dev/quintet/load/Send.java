package dev.quintet.load;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.Device;
import dev.quintet.client.DeviceAddress;
import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.KnownDeviceLists;
import dev.quintet.client.Outbox;
import dev.quintet.client.RelayAddress;
import dev.quintet.client.Sent;
import dev.quintet.protocol.AccountId;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command that sends one text to all devices of an account. */
@Command(
        name = "send",
        description = {
            "Sends a text to every device of an account.",
            "",
            "Each device gets a ciphertext of its own: HPKE (RFC 9180) between the devices' identity keys, "
                    + "ChaCha20-Poly1305. The relay cannot read it. There is no ratchet, so no forward secrecy: this is for "
                    + "trying the relay, an app brings its own encryption. An account's key is believed without a check.",
            ""
        })
final class Send implements Callable<Integer> {
    @Mixin
    private KeyChoice keyChoice;

    @Mixin
    private RelayChoice relayChoice;

    @Option(
            names = "--to",
            paramLabel = "ACCOUNT",
            required = true,
            description = "The account: 32 hexadecimal digits, as `listen` prints them.")
    private String to;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "Give up after so long (default: ${DEFAULT-VALUE}).")
    private int timeoutSeconds;

    @Parameters(paramLabel = "TEXT", arity = "1..*", description = "What to send; several words are joined by blanks.")
    private List<String> words;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        AccountId account = account();
        RelayAddress relay = relayChoice.address();
        try (ClientTransport transport = new ClientTransport()) {
            DeviceKeys keys = keyChoice.readOrRegister(transport, relay);
            FirstConnection connection = new FirstConnection();
            try (Device device = new Device(transport, relay, keys, DeviceOptions.DEFAULTS, connection)) {
                connection.await(device);
                send(device, keys, account);
            }
        }
        return 0;
    }

    private AccountId account() {
        try {
            return AccountId.parse(to);
        } catch (IllegalArgumentException exception) {
            throw new ParameterException(spec.commandLine(), "--to is not an account: 32 hexadecimal digits");
        }
    }

    private void send(Device device, DeviceKeys keys, AccountId account) {
        String text = String.join(" ", words);
        long startNanos = System.nanoTime();
        CompletableFuture<Sent> sending = new Outbox(device, new KnownDeviceLists())
                .send(
                        account,
                        member -> TextSeal.seal(
                                keys, new DeviceAddress(account, member.number()), member.identityKey(), text))
                .orTimeout(timeoutSeconds, TimeUnit.SECONDS);
        Sent sent = join(sending, account);
        long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - startNanos);
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                "accepted for %d device%s (%s) of %s from %s, on the relay's disk after %s%n",
                sent.devices().size(),
                sent.devices().size() == 1 ? "" : "s",
                sent.devices().stream().map(String::valueOf).collect(Collectors.joining(", ")),
                account,
                keys.address(),
                Words.micros(micros));
        sent.accepted()
                .getFullDevicesList()
                .forEach(full -> out.println("not for device " + full + ": its mailbox is full"));
        out.flush();
    }

    private Sent join(CompletableFuture<Sent> sending, AccountId account) {
        try {
            return sending.join();
        } catch (CompletionException exception) {
            if (exception.getCause() instanceof TimeoutException) {
                throw new CommandFailure("no answer within " + timeoutSeconds + " s; the text may or may not arrive");
            }
            if (exception.getCause() instanceof IllegalArgumentException cause) {
                throw new CommandFailure(cause.getMessage());
            }
            throw exception;
        }
    }
}
