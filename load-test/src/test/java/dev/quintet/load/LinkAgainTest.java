package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.client.ClientTransport;
import dev.quintet.client.Delivery;
import dev.quintet.client.Device;
import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceListener;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.Disconnection;
import dev.quintet.client.KnownDeviceLists;
import dev.quintet.client.LinkDisplay;
import dev.quintet.client.LinkQr;
import dev.quintet.client.LinkRequest;
import dev.quintet.client.NewDevice;
import dev.quintet.client.Outbox;
import dev.quintet.client.Registration;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.Welcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A companion whose primary stays away for too long, where too long is three seconds; and how it comes back. */
@Timeout(90)
class LinkAgainTest {
    @TempDir
    private Path folder;

    private RelayProcess relay;
    private ClientTransport transport;

    @BeforeEach
    void start() {
        transport = new ClientTransport();
    }

    @AfterEach
    void stop() {
        transport.close();
        relay.close();
    }

    private void startRelay(String sealedMailbox) throws Exception {
        Path config = Files.writeString(folder.resolve("clocks.conf"), """
                clocks { primary-away = 3 s, warning = 1 s, seen-every = 1 s, sealed-mailbox = %s }
                """.formatted(sealedMailbox));
        relay = new RelayProcess(folder, RelayProcess.SHORT_LIFE, List.of("--plain", "--config", config.toString()));
        relay.start();
    }

    /** Hears what a device is told. */
    private static final class Heard implements DeviceListener {
        private final BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();
        private final CompletableFuture<Welcome> welcome = new CompletableFuture<>();
        private final CompletableFuture<Disconnection> end = new CompletableFuture<>();
        private final CompletableFuture<Integer> daysLeft = new CompletableFuture<>();
        private final CompletableFuture<Long> hole = new CompletableFuture<>();

        @Override
        public void delivered(Delivery delivery) {
            deliveries.add(delivery);
        }

        @Override
        public void hole(long missingSequence) {
            hole.complete(missingSequence);
        }

        @Override
        public void connected(Welcome said) {
            welcome.complete(said);
        }

        @Override
        public void expiring(int companionDaysLeft) {
            daysLeft.complete(companionDaysLeft);
        }

        @Override
        public void disconnected(Disconnection disconnection) {
            if (disconnection.isFinal()) {
                end.complete(disconnection);
            }
        }

        private Delivery next() throws InterruptedException {
            Delivery next = deliveries.poll(20, TimeUnit.SECONDS);
            assertThat(next).as("a delivery").isNotNull();
            return next;
        }
    }

    /** A new device's code, for the test. */
    private static final class Code implements LinkDisplay {
        private final CompletableFuture<LinkQr> qr = new CompletableFuture<>();

        @Override
        public void show(LinkQr shown, long validForMillis) {
            qr.complete(shown);
        }

        @Override
        public void compare(String digits) {}

        @Override
        public void store(DeviceKeys stored) {}
    }

    private Device open(DeviceKeys keys, Heard heard) {
        Device device = new Device(transport, relay.address(), keys, DeviceOptions.DEFAULTS, heard);
        device.connect();
        return device;
    }

    private DeviceKeys link(Device primary, DeviceKeys former) {
        Code code = new Code();
        NewDevice device = former == null
                ? NewDevice.open(transport, relay.address(), Platform.LINUX, "laptop", DeviceOptions.DEFAULTS, code)
                : NewDevice.openAgain(
                        former, transport, relay.address(), Platform.LINUX, "laptop", DeviceOptions.DEFAULTS, code);
        LinkRequest request = Fleet.join(primary.claim(Fleet.join(code.qr)));
        DeviceList list = Fleet.join(request.approve());
        DeviceKeys linked = Fleet.join(device.linked());
        assertThat(request.numberIn(list)).isEqualTo(linked.device());
        return linked;
    }

    private static void send(Device from, DeviceKeys to, String text) {
        Fleet.join(
                new Outbox(from, new KnownDeviceLists()).send(to.account(), member -> ByteString.copyFromUtf8(text)));
    }

    @Test
    void comesBackUnderItsNumberToWhereItsMailboxStopped() throws Exception {
        startRelay("1 h");
        DeviceKeys keys =
                Fleet.join(Registration.register(transport, relay.address(), Platform.ANDROID, DeviceOptions.DEFAULTS));
        Device primary = open(keys, new Heard());
        DeviceKeys companion = link(primary, null);
        send(primary, keys, "first");
        send(primary, keys, "second");
        Heard before = new Heard();
        Device taken = open(companion, before);
        before.next().acknowledge();
        while (Fleet.join(taken.confirmedSequence()) < 1) {
            Sleep.millis(10);
        }
        primary.close();

        assertThat(Fleet.join(before.daysLeft)).isEqualTo(1);
        assertThat(Fleet.join(before.end).code()).isEqualTo(ErrorCode.PRIMARY_INACTIVE);
        Heard again = new Heard();
        Device refused = open(companion, again);
        assertThat(Fleet.join(again.end).code()).isEqualTo(ErrorCode.PRIMARY_INACTIVE);

        Heard back = new Heard();
        primary = open(keys, back);
        assertThat(Fleet.join(back.welcome).getLoggedOutList()).containsExactly(2);
        DeviceKeys linked = link(primary, companion);
        assertThat(linked.address()).isEqualTo(companion.address());
        send(primary, keys, "third");
        Heard after = new Heard();
        Device resumed = Device.resumeAfter(1, transport, relay.address(), linked, DeviceOptions.DEFAULTS, after);
        resumed.connect();
        assertThat(after.next().ciphertext().toStringUtf8()).isEqualTo("second");
        assertThat(after.next().ciphertext().toStringUtf8()).isEqualTo("third");
        assertThat(after.hole).isNotDone();
        List.of(primary, taken, refused, resumed).forEach(Device::close);
    }

    @Test
    void getsANewNumberAndAnEmptyMailboxIfNothingIsSealed() throws Exception {
        startRelay("0 s");
        DeviceKeys keys =
                Fleet.join(Registration.register(transport, relay.address(), Platform.ANDROID, DeviceOptions.DEFAULTS));
        Device primary = open(keys, new Heard());
        DeviceKeys companion = link(primary, null);
        send(primary, keys, "lost");
        primary.close();
        Sleep.millis(4_000);

        primary = open(keys, new Heard());
        DeviceKeys linked = link(primary, companion);
        assertThat(linked.device()).isEqualTo(3);
        send(primary, keys, "first");
        Heard after = new Heard();
        Device resumed = open(linked, after);
        assertThat(after.next().ciphertext().toStringUtf8()).isEqualTo("first");
        primary.close();
        resumed.close();
    }
}
