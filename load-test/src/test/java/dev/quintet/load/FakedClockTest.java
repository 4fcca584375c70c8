package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.Delivery;
import dev.quintet.client.Device;
import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceListDraft;
import dev.quintet.client.DeviceListener;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.DisconnectedException;
import dev.quintet.client.Disconnection;
import dev.quintet.client.Registration;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.Welcome;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packaged relay on a machine whose clocks go as libfaketime says. */
@Timeout(240)
class FakedClockTest {
    private static final List<Path> LIBRARIES = List.of(
            Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"),
            Path.of("/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"));

    private static final int MOST_PROCESSES = 3;

    @TempDir
    private Path folder;

    private Path offset;
    private RelayProcess relay;
    private ClientTransport transport;
    private DeviceKeys primary;
    private DeviceKeys companion;

    @BeforeEach
    void findLibrary() throws Exception {
        Stream<Path> found = LIBRARIES.stream().filter(Files::exists);
        Path library = found.findFirst().orElse(null);
        RequiredTool.check("faketime", "faketime", library != null);
        offset = Files.writeString(folder.resolve("offset"), "+0");
        relay = new RelayProcess(folder, RelayProcess.SHORT_LIFE, List.of("--plain"));
        relay.setVariable("LD_PRELOAD", library.toString());
        relay.setVariable("FAKETIME_TIMESTAMP_FILE", offset.toString());
        relay.setVariable("FAKETIME_CACHE_DURATION", "1");
        transport = new ClientTransport();
    }

    @AfterEach
    void stop() {
        if (transport != null) {
            transport.close();
            relay.close();
        }
    }

    /**
     * The primary is away from now on. Under libfaketime a thread of the JVM sometimes sleeps for good from the start: then
     * another process is tried, before any clock has moved.
     */
    private void startAndLink() {
        for (int process = 1; ; process++) {
            relay.start();
            try {
                link();
                return;
            } catch (DisconnectedException asleep) {
                if (process == MOST_PROCESSES) {
                    throw asleep;
                }
                relay.kill();
            }
        }
    }

    private void link() {
        primary =
                Fleet.join(Registration.register(transport, relay.address(), Platform.ANDROID, DeviceOptions.DEFAULTS));
        companion = DeviceKeys.companion(primary.account(), 2, new SecureRandom());
        FirstConnection connection = new FirstConnection();
        try (Device device = new Device(transport, relay.address(), primary, DeviceOptions.DEFAULTS, connection)) {
            connection.await(device);
            DeviceList first = DeviceList.parse(Fleet.join(device.deviceList(primary.account())));
            Fleet.join(device.putDeviceList(
                    DeviceListDraft.after(first).add(companion, Platform.LINUX).sign(primary)));
            device.disconnect().join();
        }
    }

    private void setClock(String relative) throws Exception {
        Files.writeString(offset, relative);
        Sleep.millis(3_000);
    }

    private double metric(String name) throws Exception {
        URI metrics = relay.metrics();
        String text = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
                .body();
        return text.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }

    /** What a login ends with, or null if it is let in. */
    private ErrorCode login(DeviceKeys keys) {
        CompletableFuture<ErrorCode> outcome = new CompletableFuture<>();
        DeviceListener listener = new DeviceListener() {
            @Override
            public void connected(Welcome welcome) {
                outcome.complete(null);
            }

            @Override
            public void disconnected(Disconnection disconnection) {
                if (disconnection.isFinal()) {
                    outcome.complete(disconnection.code());
                }
            }

            @Override
            public void delivered(Delivery delivery) {}
        };
        try (Device device = new Device(transport, relay.address(), keys, DeviceOptions.DEFAULTS, listener)) {
            device.connect();
            return Fleet.join(outcome);
        }
    }

    @Test
    void removesNobodyWhenTheSystemsClockAloneJumpsAndRaisesTheAlarm() throws Exception {
        relay.setVariable("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        // Else threads that wait until a monotonic time do not wake up.
        relay.setVariable("FAKETIME_FORCE_MONOTONIC_FIX", "1");
        startAndLink();
        assertThat(metric("quintet_clock_trusted")).isEqualTo(1);

        setClock("+30d");

        assertThat(login(companion)).isNull();
        assertThat(metric("quintet_clock_trusted")).isZero();
        assertThat(metric("quintet_clock_jumps_total")).isEqualTo(1);
        setClock("-30d");
        assertThat(login(companion)).isNull();
        assertThat(metric("quintet_clock_jumps_total")).isEqualTo(2);
        relay.kill();
        relay.start();
        assertThat(login(companion)).isNull();
        assertThat(metric("quintet_clock_trusted")).isZero();
    }

    @Test
    void logsTheCompanionOutWhenFourteenDaysHavePassed() throws Exception {
        startAndLink();
        setClock("+13d");
        assertThat(login(companion)).isNull();

        setClock("+15d");

        assertThat(metric("quintet_clock_trusted")).isEqualTo(1);
        assertThat(login(companion)).isEqualTo(ErrorCode.PRIMARY_INACTIVE);
        assertThat(login(primary)).isNull();
    }
}
