package dev.quintet.relay.server;

import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A whole relay: builds the house from the ground up and takes it down from the top.
 *
 * <p><b>Thread:</b> the one that starts it; {@link #close} from any, once.
 * <b>Failure:</b> {@link StartRefused} if it cannot start; whatever was opened until then is closed again. Afterwards
 * what was given as {@code onFailure} is told of a fault after which nothing can be made durable.
 */
public final class RelayServer implements AutoCloseable {
    private final Opened open = new Opened();
    private final AdminEndpoint admin;
    private final Optional<ServerCertificate> certificate;
    private final House house;
    private volatile String reasonNotReady = "starting";

    private RelayServer(RelayConfig config, Consumer<Throwable> onFailure) {
        try {
            DataDirectory directory = open.keep(DataDirectory.open(config.dataDirectory()));
            certificate = config.tls().mode() == RelayConfig.TlsMode.OFF
                    ? Optional.empty()
                    : Optional.of(ServerCertificate.of(config.tls(), directory, new SecureRandom(), Instant.now()));
            Metrics metrics = open.keep(new Metrics());
            metrics.watchDisk(directory.path());
            certificate.ifPresent(shown -> metrics.watchCertificate(shown.leaf()));
            admin = open.keep(new AdminEndpoint(config.admin(), metrics::text, () -> reasonNotReady));
            house = open.keep(new House(config, directory, metrics.registry(), onFailure));
            house.build(certificate);
            reasonNotReady = null;
        } catch (RuntimeException refused) {
            close();
            throw refused;
        }
    }

    /**
     * Starts a relay.
     *
     * @param onFailure told once, on any thread, when a fault of the disk ends all durability; it must end the process
     */
    public static RelayServer start(RelayConfig config, Consumer<Throwable> onFailure) {
        return new RelayServer(config, onFailure);
    }

    /** Where devices connect. */
    public InetSocketAddress address() {
        return house.address();
    }

    /** Where metrics and health are served. */
    public InetSocketAddress adminAddress() {
        return admin.address();
    }

    /** What devices pin: SHA-256 of the certificate, in hexadecimal; empty without TLS. */
    public Optional<String> fingerprint() {
        return certificate.map(ServerCertificate::fingerprint);
    }

    /** Lets all devices know, makes what was accepted durable, and closes. */
    @Override
    public void close() {
        reasonNotReady = "going away";
        open.close();
    }
}
