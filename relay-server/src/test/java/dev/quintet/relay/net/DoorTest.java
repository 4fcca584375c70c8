package dev.quintet.relay.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.server.RunningRelay;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever moves the bytes and whatever encrypts them: a device gets to its account's home loop and loses nothing. */
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
class DoorTest {
    private static final Map<String, ?> FOUR_LOOPS = Map.of("listen.event-loops", 4);

    @ParameterizedTest
    @EnumSource
    void handlesWhatComesRightBehindALoginInOrder(Door door) {
        try (RunningRelay relay = door.open(FOUR_LOOPS);
                RawDevice first = RawDevice.connect(relay)) {
            RawAccount account = first.register();
            for (int count = 0; count <= 16; count++) {
                try (RawDevice device = RawDevice.connect(relay)) {
                    byte[] sent = loginAndPings(device, account, count);
                    int cut = sent.length * count / 17;
                    device.send(part(sent, 0, cut)).send(part(sent, cut, sent.length));
                    assertThat(device.read().hasWelcome()).isTrue();
                    for (int token = 1; token <= count; token++) {
                        ServerFrame pong = device.read(ServerFrame::hasPong);
                        assertThat(pong.getPong().getToken()).isEqualTo(token);
                    }
                    assertThat(device.isAlive()).isTrue();
                }
            }
        }
    }

    private static byte[] loginAndPings(RawDevice device, RawAccount account, int pings) {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        sent.writeBytes(RawDevice.bytes(ClientFrame.newBuilder().setAuthenticate(device.authentication(account, 1))));
        for (int token = 1; token <= pings; token++) {
            sent.writeBytes(RawDevice.bytes(RawDevice.ping(token)));
        }
        return sent.toByteArray();
    }

    private static byte[] part(byte[] bytes, int from, int to) {
        return Arrays.copyOfRange(bytes, from, to);
    }

    @ParameterizedTest
    @EnumSource
    void letsTwoHundredDevicesInAtOnceAndTellsThemWhenItGoes(Door door) {
        List<RawDevice> devices = new ArrayList<>();
        RunningRelay relay = door.open(FOUR_LOOPS);
        try {
            for (int device = 0; device < 200; device++) {
                devices.add(RawDevice.connect(relay));
            }
            for (RawDevice device : devices) {
                device.send(device.registration(
                        new RawAccount(AccountId.of(device.challenge().getNewAccount()))));
            }
            devices.forEach(device -> device.read(ServerFrame::hasBacklogDelivered));
            assertThat(relay.metric("quintet_connections")).isEqualTo(200);
            CompletableFuture<Void> closed = CompletableFuture.runAsync(relay::close);
            for (RawDevice device : devices) {
                assertThat(device.read().getGoingAway().getReconnectAfterMillis())
                        .isPositive();
                assertThat(device.read()).isNull();
                device.close();
            }
            closed.join();
        } finally {
            devices.forEach(RawDevice::close);
            relay.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void deliversToFiveDevicesOfAnotherLoopsAccount(Door door) {
        try (RunningRelay relay = door.open(FOUR_LOOPS);
                RawDevice sender = RawDevice.connect(relay);
                RawDevice primary = RawDevice.connect(relay)) {
            sender.register();
            RawAccount account = primary.register();
            primary.putList(account, 2, 1, 2, 3, 4, 5);
            List<RawDevice> devices = new ArrayList<>(List.of(primary));
            for (int device = 2; device <= 5; device++) {
                devices.add(RawDevice.connect(relay).login(account, device));
            }
            for (int envelope = 1; envelope <= 50; envelope++) {
                sender.send(RawDevice.frame(RawDevice.submission(account, 1, 2, 3, 4, 5)));
            }
            for (RawDevice device : devices) {
                for (int sequence = 1; sequence <= 50; sequence++) {
                    assertThat(device.readDelivery().getSequence()).isEqualTo(sequence);
                }
                device.close();
            }
        }
    }
}
