package dev.quintet.relay.net;

import static dev.quintet.protocol.wire.ErrorCode.DEVICE_REMOVED;
import static dev.quintet.protocol.wire.ErrorCode.REPLACED;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.GetDeviceList;
import dev.quintet.protocol.wire.PutDeviceList;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.server.RunningRelay;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Two things at once: each has one of the outcomes that it would have had alone. */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class RacesTest {
    private static RunningRelay relay;

    @BeforeAll
    static void open() {
        relay = Door.EPOLL_BORING_SSL.open(Map.of("listen.event-loops", 3));
    }

    @AfterAll
    static void close() {
        relay.close();
    }

    @Test
    void leavesOneOfTwoConnectionsThatLogInAtOnce() {
        try (RawDevice first = RawDevice.connect(relay)) {
            RawAccount account = first.register();
            for (int round = 0; round < 20; round++) {
                try (RawDevice one = RawDevice.connect(relay);
                        RawDevice other = RawDevice.connect(relay)) {
                    one.sendLogin(account, 1);
                    other.sendLogin(account, 1);
                    one.read(ServerFrame::hasWelcome);
                    other.read(ServerFrame::hasWelcome);
                    CompletableFuture<Boolean> isOneLeft = CompletableFuture.supplyAsync(() -> isLeft(one));
                    assertThat(isLeft(other)).isNotEqualTo(isOneLeft.join());
                }
            }
        }
    }

    /** Whether a ping is answered; else the connection has been replaced. */
    private static boolean isLeft(RawDevice device) {
        device.send(RawDevice.ping(1));
        ServerFrame answer = device.read(frame -> frame.hasPong() || frame.hasError());
        if (answer.hasPong()) {
            // It may be replaced after that.
            device.send(RawDevice.ping(2));
            answer = device.read(frame -> frame.hasPong() || frame.hasError());
        }
        assertThat(answer.hasPong() || answer.getError().getCode() == REPLACED).isTrue();
        return answer.hasPong();
    }

    @Test
    void cutsADeviceThatIsRemovedInTheMiddleOfItsBacklog() {
        try (RawDevice sender = RawDevice.connect(relay);
                RawDevice primary = RawDevice.connect(relay)) {
            sender.register();
            RawAccount account = primary.register();
            primary.putList(account, 2, 1, 2);
            for (int envelope = 0; envelope < 300; envelope++) {
                sender.ask(RawDevice.frame(RawDevice.submission(account, 1, 2)));
            }
            try (RawDevice companion = RawDevice.connect(relay).login(account, 2)) {
                companion.readDelivery();
                primary.putList(account, 3, 1);
                assertThat(RawDevice.lastErrorOf(companion)).isEqualTo(DEVICE_REMOVED);
            }
        }
    }

    @Test
    void keepsADeviceOutThatIsRemovedWhileItLogsIn() {
        try (RawDevice primary = RawDevice.connect(relay)) {
            RawAccount account = primary.register();
            for (int round = 0; round < 20; round++) {
                int companion = 2 + round;
                primary.putList(account, 2 + 2 * round, 1, companion);
                try (RawDevice device = RawDevice.connect(relay)) {
                    primary.send(ClientFrame.newBuilder()
                            .setPutDeviceList(
                                    PutDeviceList.newBuilder().setDeviceList(account.list(3 + 2 * round, 1))));
                    device.sendLogin(account, companion);
                    primary.read(ServerFrame::hasDeviceListStored);
                    assertThat(RawDevice.lastErrorOf(device)).isEqualTo(DEVICE_REMOVED);
                }
            }
        }
    }

    /** Small requests with large answers: the relay stops reading, and goes on where it stopped. */
    @Test
    void answersEveryRequestOfADeviceThatReadsLate() {
        int requests = 5_000;
        try (RawDevice device = RawDevice.connect(relay)) {
            RawAccount account = device.register();
            putLargeList(device, account);
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int request = 1; request <= requests; request++) {
                all.writeBytes(RawDevice.bytes(ClientFrame.newBuilder()
                        .setRequestId(request)
                        .setGetDeviceList(GetDeviceList.newBuilder()
                                .setAccount(account.id().toByteString()))));
            }
            CompletableFuture<RawDevice> sending = CompletableFuture.supplyAsync(() -> device.send(all.toByteArray()));
            for (int request = 1; request <= requests; request++) {
                ServerFrame answer = device.read();
                assertThat(answer.getRequestId()).isEqualTo(request);
                assertThat(answer.hasDeviceList()).isTrue();
            }
            sending.join();
            assertThat(device.isAlive()).isTrue();
        }
    }

    private static void putLargeList(RawDevice device, RawAccount account) {
        DeviceListContent.Builder content = account.content(2, 1, 2, 3, 4, 5);
        content.getDevicesBuilderList().forEach(listed -> listed.setName(ByteString.copyFrom(new byte[256])));
        ServerFrame stored = device.ask(ClientFrame.newBuilder()
                .setPutDeviceList(PutDeviceList.newBuilder()
                        .setDeviceList(DeviceList.sign(content.build(), account.accountSecret()))));
        assertThat(stored.hasDeviceListStored()).isTrue();
    }

    /** The last word comes through though the device goes on talking, which would make an early close a reset. */
    @Test
    void hearsTheLastWordThoughItKeepsTalking() {
        for (int round = 0; round < 10; round++) {
            try (RawDevice device = RawDevice.connect(relay)) {
                device.register();
                device.send(new byte[] {0});
                for (int more = 0; more < 20; more++) {
                    device.send(new byte[10_000]);
                }
                assertThat(device.readError().getClosing()).isTrue();
            }
        }
    }
}
