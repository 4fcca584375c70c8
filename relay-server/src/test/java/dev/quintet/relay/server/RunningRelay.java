package dev.quintet.relay.server;

import dev.quintet.protocol.CertificateHash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * A whole relay in this JVM, for tests that knock at its door: a directory of its own, free ports, and patience for a
 * machine that is busy with other tests.
 *
 * <p>Closing it fails if anything has reached the failure handler, which would have stopped a real one.
 */
public final class RunningRelay implements AutoCloseable {
    private final Path data;
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean isClosed = new AtomicBoolean();
    private final RelayServer server;
    private final HttpClient http = HttpClient.newHttpClient();

    private RunningRelay(Path data, Map<String, ?> options) {
        this.data = data;
        server = RelayServer.start(RelayConfig.read(null, options), failures::add);
    }

    /** Starts one; {@code special} goes before the options that all these relays have. */
    public static RunningRelay start(Map<String, ?> special) {
        try {
            Path data = Files.createTempDirectory("quintet-test");
            Map<String, Object> options = new HashMap<>(Map.of(
                    "data-directory",
                    data.toString(),
                    "listen.address",
                    "127.0.0.1",
                    "listen.port",
                    0,
                    "admin.port",
                    0,
                    "connection.failed-logins-per-minute",
                    1_000_000,
                    "connection.timeouts.tls",
                    "1 m",
                    "connection.timeouts.login",
                    "1 m",
                    "journal.segment-bytes",
                    "16 MiB"));
            options.putAll(special);
            return new RunningRelay(data, options);
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
    }

    /** Where devices connect. */
    public InetSocketAddress address() {
        return server.address();
    }

    /** Whether devices have to speak TLS. */
    public boolean isTls() {
        return server.fingerprint().isPresent();
    }

    /** What logins are bound to. */
    public CertificateHash certificate() {
        return server.fingerprint().map(CertificateHash::parse).orElse(CertificateHash.UNBOUND);
    }

    /** The value of a metric, by its name with all labels as they are printed; 0 if it is not there. */
    public double metric(String name) {
        try {
            String where = "http://127.0.0.1:" + server.adminAddress().getPort() + "/metrics";
            String text = http.send(
                            HttpRequest.newBuilder(URI.create(where)).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            return text.lines()
                    .filter(line -> line.startsWith(name + " "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                    .sum();
        } catch (IOException | InterruptedException failed) {
            throw new AssertionError(failed);
        }
    }

    /** What would have stopped the process so far. */
    public Queue<Throwable> failures() {
        return failures;
    }

    @Override
    public void close() {
        if (!isClosed.compareAndSet(false, true)) {
            return;
        }
        server.close();
        delete(data);
        failures.forEach(failure -> {
            throw new AssertionError("the relay would have stopped", failure);
        });
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) {
                Files.delete(file);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
