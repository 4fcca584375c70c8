package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.DeviceOptions;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A relay process with 256 MiB of heap, in which 300,000 envelopes wait for a hundred devices that are away: killed,
 * started again and drained, with the checker as judge.
 *
 * <p>{@code -Dquintet.backlog.envelopes=N} for how many wait, {@code -Dquintet.backlog.bytes=N} for the size of each.
 */
class SleepingDevicesTest {
    private static final Logger LOG = LoggerFactory.getLogger(SleepingDevicesTest.class);
    private static final int ENVELOPES = Integer.getInteger("quintet.backlog.envelopes", 300_000);
    private static final int BYTES = Integer.getInteger("quintet.backlog.bytes", 100);
    private static final int SENDERS = 4;
    private static final int RECIPIENTS = 20;
    private static final int WINDOW = 64;
    private static final long PATIENCE_MILLIS = TimeUnit.MINUTES.toMillis(1);
    private static final int LOGIN_MILLIS = 60_000;
    private static final long FILL_MINUTES = 2;

    /** A checkpoint's stretch of the journal, and a segment. */
    private static final long CHECKPOINT_BYTES = 16L << 20;

    private static final long SEGMENT_BYTES = 16L << 20;

    /** Paranoid, this process would spend longer on records of its buffers than on the envelopes. */
    private static ResourceLeakDetector.Level leakDetection;

    private final DeliveryChecker checker = new DeliveryChecker();
    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    private Path folder;

    private RelayProcess relay;
    private ClientTransport transport;
    private Fleet fleet;

    @BeforeAll
    static void detectFewerLeaks() {
        leakDetection = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE);
    }

    @AfterAll
    static void detectAllLeaks() {
        ResourceLeakDetector.setLevel(leakDetection);
    }

    @BeforeEach
    void start() throws IOException {
        Path config = Files.writeString(folder.resolve("relay.conf"), """
                connection { submissions-per-second = 1000000, submissions-burst = 1000000 }
                connection.timeouts { tls = 60 s, login = 60 s }
                connection { frames-per-second = 1000000, frames-burst = 1000000 }
                store { checkpoint-bytes = %d, checkpoint = 5 s }
                journal.segment-bytes = %d
                """.formatted(CHECKPOINT_BYTES, SEGMENT_BYTES));
        relay = new RelayProcess(folder, List.of("-Xmx256m"), List.of("--config", config.toString()));
        relay.start();
        transport = new ClientTransport();
        fleet = new Fleet(
                transport,
                relay.address(),
                DeviceOptions.DEFAULTS.withPauses(20, 200).withTimeouts(LOGIN_MILLIS, LOGIN_MILLIS),
                new Fleet.Instruments(new ChecksumParcel(BYTES), checker, new FleetObserver() {}, Runnable::run));
        fleet.register(SENDERS + RECIPIENTS, () -> {});
    }

    @AfterEach
    void stop() {
        fleet.close();
        transport.close();
        relay.close();
    }

    @Test
    void areDrainedByARelayThatWasKilledAndReplaysOnlyTheTail() {
        List<FleetDevice> away = recipients().stream()
                .flatMap(account -> account.devices().stream())
                .toList();
        away.forEach(device -> Fleet.join(device.device().disconnect()));
        time("filled", this::fill);
        assertThat(checker.outstanding()).isEqualTo(ENVELOPES);
        time(
                "caught up",
                () -> assertThat(Await.until(
                                PATIENCE_MILLIS,
                                () -> metric("quintet_checkpoint_position_lag_bytes") <= CHECKPOINT_BYTES))
                        .isTrue());
        long imageBytes = bytes("image");

        relay.kill();
        time("ready again", relay::start);
        assertThat(metric("quintet_recovery_replayed_bytes")).isLessThanOrEqualTo(CHECKPOINT_BYTES + SEGMENT_BYTES);
        time("logged in", () -> fleet.awaitConnected());
        time("drained", () -> Drain.await(checker, fleet));

        DeliveryReport report = checker.report();
        assertThat(report.isClean()).as("%s", report).isTrue();
        assertThat(away.stream()
                        .mapToLong(device -> device.backlogCount().orElse(0))
                        .sum())
                .isEqualTo(ENVELOPES);
        time(
                "given back",
                () -> assertThat(Await.until(
                                PATIENCE_MILLIS,
                                () -> bytes("image") < imageBytes / 4 && bytes("journal") < 5 * SEGMENT_BYTES))
                        .as("%s KiB of image, which was %s KiB", bytes("image") >> 10, imageBytes >> 10)
                        .isTrue());
    }

    private List<FleetAccount> recipients() {
        return fleet.accounts().subList(SENDERS, SENDERS + RECIPIENTS);
    }

    private void fill() {
        int submissions = ENVELOPES / Fleet.DEVICES;
        AtomicInteger started = new AtomicInteger();
        CountDownLatch answered = new CountDownLatch(submissions);
        List<FleetDevice> senders = fleet.accounts().subList(0, SENDERS).stream()
                .map(account -> account.device(1))
                .toList();
        for (int slot = 0; slot < WINDOW; slot++) {
            senders.forEach(sender -> sendNext(sender, started, submissions, answered));
        }
        try {
            assertThat(answered.await(FILL_MINUTES, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException interrupt) {
            throw new AssertionError(interrupt);
        }
    }

    private void sendNext(FleetDevice sender, AtomicInteger started, int submissions, CountDownLatch answered) {
        int index = started.getAndIncrement();
        if (index < submissions) {
            sender.send(recipients().get(index % RECIPIENTS)).thenAccept(answer -> {
                answered.countDown();
                sendNext(sender, started, submissions, answered);
            });
        }
    }

    private void time(String what, Runnable step) {
        long startNanos = System.nanoTime();
        step.run();
        LOG.info(
                "{} after {} ms; journal {} MiB, image {} MiB",
                what,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos),
                bytes("journal") >> 20,
                bytes("image") >> 20);
    }

    private double metric(String name) {
        HttpRequest request = HttpRequest.newBuilder(relay.metrics()).build();
        try {
            return http.send(request, BodyHandlers.ofLines())
                    .body()
                    .filter(line -> line.startsWith(name + " "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException | InterruptedException failure) {
            throw new AssertionError(failure);
        }
    }

    /** Size of the files in a room's folder; those that go away meanwhile count nothing. */
    private long bytes(String room) {
        try (Stream<Path> files = Files.list(folder.resolve("data").resolve(room))) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
