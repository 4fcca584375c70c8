package dev.quintet.relay.server;

import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;

/**
 * A whole relay: builds the house from the ground up and takes it down from the top.
 *
 * <p><b>Thread:</b> the one that starts it; {@link #close} from any.
 * <b>Failure:</b> {@link StartRefused} if it cannot start; whatever was opened until then is closed again.
 */
public final class RelayServer implements AutoCloseable {
    private final DataDirectory directory;
    private final Metrics metrics;
    private final Optional<ServerCertificate> certificate;
    private final AdminEndpoint admin;
    private volatile String reasonNotReady = "starting";

    private RelayServer(RelayConfig config, DataDirectory directory) {
        this.directory = directory;
        certificate = config.tls().mode() == RelayConfig.TlsMode.OFF
                ? Optional.empty()
                : Optional.of(ServerCertificate.of(config.tls(), directory, new SecureRandom(), Instant.now()));
        metrics = new Metrics();
        metrics.watchDisk(directory.path());
        certificate.ifPresent(shown -> metrics.watchCertificate(shown.leaf()));
        admin = new AdminEndpoint(config.admin(), metrics::text, () -> reasonNotReady);
    }

    /** Starts a relay; it serves when this returns. */
    public static RelayServer start(RelayConfig config) {
        DataDirectory directory = DataDirectory.open(config.dataDirectory());
        try {
            return new RelayServer(config, directory);
        } catch (RuntimeException refused) {
            directory.close();
            throw refused;
        }
    }

    /** Where devices connect. */
    public InetSocketAddress address() {
        throw new UnsupportedOperationException("no listener yet");
    }

    /** Where metrics and health are served. */
    public InetSocketAddress adminAddress() {
        return admin.address();
    }

    /** What devices pin: SHA-256 of the certificate, in hexadecimal; empty without TLS. */
    public Optional<String> fingerprint() {
        return certificate.map(ServerCertificate::fingerprint);
    }

    /** Tells all devices that it is going away, makes what was accepted durable, and closes. */
    @Override
    public void close() {
        reasonNotReady = "going away";
        admin.close();
        metrics.close();
        directory.close();
    }
}
