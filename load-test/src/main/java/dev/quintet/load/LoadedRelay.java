package dev.quintet.load;

import dev.quintet.client.RelayAddress;
import dev.quintet.client.RelayTrust;
import dev.quintet.load.drive.RelayWire;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.relay.net.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that say which relay is loaded: one that runs, or one that is started for the load. */
final class LoadedRelay {
    @Option(
            names = "--address",
            paramLabel = "HOST:PORT",
            description =
                    "A relay that runs, instead of one of the load's own. Rates of its devices must not be limited.")
    private String address;

    @Option(names = "--fingerprint", paramLabel = "SHA-256", description = "Its certificate, unless --plain.")
    private String fingerprint;

    @Option(names = "--pid", description = "Its process, if it is on this machine: for CPU and memory.")
    private Long pid;

    @Option(names = "--metrics", paramLabel = "URL", description = "Its metrics.")
    private URI metrics;

    @Option(names = "--plain", description = "No TLS.")
    private boolean isPlain;

    @Option(
            names = "--transport",
            converter = TransportName.class,
            description = "Of the load's own relay: io-uring, epoll or nio (default: the relay's).")
    private Transport transport;

    @Option(
            names = "--jvm",
            paramLabel = "OPTION",
            description = "Of the load's own relay: an option for its JVM, e.g. --jvm=-Xmx256m; may be repeated.")
    private List<String> jvmOptions = List.of();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Of the load's own relay: a line for its configuration; may be repeated.")
    private List<String> settings = List.of();

    private List<String> preferred = List.of();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** The relay; one of the load's own lives in {@code folder} and must be closed. */
    LoadTarget open(TemporaryFolder folder) {
        return address == null ? start(folder) : running();
    }

    /** Whether the load starts it. */
    boolean isOwn() {
        return address == null;
    }

    /** Gives the load's own relay options for its JVM; those of the command line come after them. */
    void prefer(List<String> options) {
        preferred = options;
    }

    private LoadTarget running() {
        try {
            RelayTrust trust = isPlain ? RelayTrust.plain() : RelayTrust.pinned(CertificateHash.parse(given()));
            RelayAddress relay = RelayAddress.parse(address, trust);
            Optional<ProcessWatch> watch = Optional.ofNullable(pid).map(ProcessWatch::new);
            if (watch.isPresent() && !watch.get().isThere()) {
                throw new CommandFailure("there is no process " + pid);
            }
            return target(relay, watch, Optional.ofNullable(metrics), Optional.empty());
        } catch (IllegalArgumentException impossible) {
            throw new ParameterException(spec.commandLine(), impossible.getMessage());
        }
    }

    private String given() {
        if (fingerprint == null) {
            throw new IllegalArgumentException("How is the relay to be recognized? Give --fingerprint or --plain.");
        }
        return fingerprint;
    }

    private LoadTarget start(TemporaryFolder folder) {
        List<String> javaOptions = new ArrayList<>(preferred);
        javaOptions.addAll(jvmOptions);
        RelayProcess process = new RelayProcess(folder.path(), javaOptions, relayOptions(folder));
        process.start();
        return target(
                process.address(),
                Optional.of(new ProcessWatch(process.pid())),
                Optional.of(process.metrics()),
                Optional.of(process));
    }

    /** Throws {@link CommandFailure} if the relay would fall back to another one, which a report would not say. */
    static void check(Transport transport) {
        transport.whyNot(Runtime.getRuntime().availableProcessors()).ifPresent(reason -> {
            throw new CommandFailure("--transport " + transport + " does not work here: " + reason);
        });
    }

    private List<String> relayOptions(TemporaryFolder folder) {
        List<String> options = new ArrayList<>(
                List.of("--config", configuration(folder.path(), settings).toString()));
        if (isPlain) {
            options.add("--plain");
        }
        if (transport != null) {
            check(transport);
            options.addAll(List.of("--transport", transport.toString()));
        }
        return options;
    }

    /** A configuration in which no device's rate is limited: the load is to find the relay's own limits. */
    static Path configuration(Path folder, List<String> settings) {
        try {
            return Files.writeString(folder.resolve("relay.conf"), """
                    connection { frames-per-second = 10000000, frames-burst = 10000000 }
                    connection { submissions-per-second = 10000000, submissions-burst = 10000000 }
                    connection { failed-logins-per-minute = 1000000 }
                    """ + String.join("\n", settings) + "\n");
        } catch (IOException full) {
            throw new CommandFailure("cannot write to " + folder + ": " + full.getMessage());
        }
    }

    private LoadTarget target(
            RelayAddress relay, Optional<ProcessWatch> watch, Optional<URI> page, Optional<RelayProcess> process) {
        InetSocketAddress where = new InetSocketAddress(relay.host(), relay.port());
        if (where.isUnresolved()) {
            throw new CommandFailure("there is no host " + relay.host());
        }
        String name = "relay, " + (isPlain ? "plain" : "TLS") + (transport == null ? "" : ", " + transport);
        return new LoadTarget(name, new RelayWire(relay), where, watch, page, process);
    }
}
