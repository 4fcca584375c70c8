package dev.quintet.load;

import dev.quintet.client.RelayAddress;
import dev.quintet.client.RelayTrust;
import dev.quintet.protocol.CertificateHash;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of a command that talks to a relay: where it is, and how to recognize it. */
final class RelayChoice {
    private static final Path LOCAL_CERTIFICATE = Path.of("data", "development-certificate.pem");

    @Option(
            names = "--relay",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:7443",
            description = "The relay (default: ${DEFAULT-VALUE}).")
    private String relay;

    @ArgGroup
    private final Recognition recognition = new Recognition();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    /** Exactly one of these, or none. */
    private static final class Recognition {
        @Option(
                names = "--fingerprint",
                paramLabel = "SHA-256",
                description =
                        "Trust exactly this certificate; the relay prints it when it starts. Without it, and if the "
                                + "relay is on this machine, the certificate in ./data is trusted.")
        private String fingerprint;

        @Option(
                names = "--authorities",
                description = "Trust the authorities that Java trusts, and check the host name.")
        private boolean hasAuthorities;

        @Option(names = "--plain", description = "No TLS.")
        private boolean isPlain;
    }

    /** Whether the user named a relay. */
    boolean isGiven() {
        return spec.commandLine().getParseResult().hasMatchedOption("--relay");
    }

    /** The relay; a {@link ParameterException} if the options make none. */
    RelayAddress address() {
        try {
            return RelayAddress.parse(relay, trust(relay));
        } catch (IllegalArgumentException exception) {
            throw new ParameterException(spec.commandLine(), exception.getMessage());
        }
    }

    private RelayTrust trust(String relay) {
        if (recognition.isPlain) {
            return RelayTrust.plain();
        }
        if (recognition.hasAuthorities) {
            return RelayTrust.authorities();
        }
        if (recognition.fingerprint != null) {
            return RelayTrust.pinned(CertificateHash.parse(recognition.fingerprint));
        }
        String host = RelayAddress.parse(relay, RelayTrust.plain()).host();
        if (isThisMachine(host) && Files.isReadable(LOCAL_CERTIFICATE)) {
            return RelayTrust.pinned(localFingerprint());
        }
        throw new ParameterException(
                spec.commandLine(),
                "How is the relay to be recognized? Give --fingerprint (the relay prints it when it starts) or "
                        + "--authorities.");
    }

    private static boolean isThisMachine(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException exception) {
            return false;
        }
    }

    private static CertificateHash localFingerprint() {
        try (InputStream pem = Files.newInputStream(LOCAL_CERTIFICATE)) {
            return CertificateHash.of(CertificateFactory.getInstance("X.509").generateCertificate(pem));
        } catch (IOException | CertificateException exception) {
            throw new CommandFailure(LOCAL_CERTIFICATE + " is no certificate: " + exception.getMessage());
        }
    }
}
