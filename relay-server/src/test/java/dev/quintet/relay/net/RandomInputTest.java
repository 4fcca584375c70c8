package dev.quintet.relay.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.GetDeviceList;
import dev.quintet.protocol.wire.PutDeviceList;
import dev.quintet.relay.server.RunningRelay;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whatever bytes come, nothing but an answer or an end comes of them: neither random ones, nor sessions that are valid
 * but for a few bytes. As many rounds as fit into the time; the seed of a round that fails is in the message.
 */
@Timeout(60)
class RandomInputTest {
    private static final long FIRST_SEED = 20_261_122;
    private static final int MOST_ROUNDS = 20_000;
    private static final long TIME_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** What one round sends, before or after login. */
    private interface Input {
        byte[] of(RawDevice device, Random random);
    }

    @Test
    void survivesRandomBytes() {
        survives((device, random) -> {
            byte[] bytes = new byte[1 + random.nextInt(300)];
            random.nextBytes(bytes);
            // Mostly as a frame, so that more than the length is looked at.
            return random.nextInt(4) == 0 ? bytes : RawDevice.framed(bytes);
        });
    }

    @Test
    void survivesFramesThatAreValidButForAFewBytes() {
        survives((device, random) -> changed(valid(device, random), random));
    }

    private static void survives(Input input) {
        try (RunningRelay relay = Door.EPOLL_PLAIN.open(
                        Map.of("connection.frames-burst", 1_000_000, "connection.submissions-burst", 1_000_000));
                Witnesses witnesses = new Witnesses(relay)) {
            RawAccount account;
            try (RawDevice primary = RawDevice.connect(relay)) {
                account = primary.register();
            }
            long end = System.nanoTime() + TIME_NANOS;
            for (int round = 0; round < MOST_ROUNDS && System.nanoTime() < end; round++) {
                long seed = FIRST_SEED + round;
                round(relay, account, input, new Random(seed));
                assertThat(relay.failures()).as("seed %d", seed).isEmpty();
            }
            witnesses.areServed();
        }
    }

    /** Many inputs go over one connection, until one ends it. */
    private static void round(RunningRelay relay, RawAccount account, Input input, Random random) {
        try (RawDevice device = RawDevice.connect(relay)) {
            if (random.nextInt(4) > 0) {
                device.login(account, 1);
            }
            for (int count = 0; count < 20; count++) {
                device.send(input.of(device, random));
            }
            device.socket().shutdownOutput();
            while (device.read() != null) {
                // Whatever it answers.
            }
        } catch (IOException closed) {
            // So it has been noticed.
        }
    }

    private static byte[] valid(RawDevice device, Random random) {
        RawAccount account = new RawAccount(new AccountId(random.nextInt(3), random.nextInt(3)));
        List<ClientFrame.Builder> frames = List.of(
                RawDevice.ping(random.nextLong()),
                RawDevice.acknowledgement(random.nextInt(3)),
                RawDevice.frame(RawDevice.submission(account, 1 + random.nextInt(3), 4)),
                RawDevice.frame(RawDevice.submission(account, 1).setEphemeral(random.nextBoolean())),
                device.registration(account),
                ClientFrame.newBuilder().setAuthenticate(device.authentication(account, 1)),
                ClientFrame.newBuilder()
                        .setGetDeviceList(GetDeviceList.newBuilder()
                                .setAccount(account.id().toByteString())),
                ClientFrame.newBuilder()
                        .setPutDeviceList(PutDeviceList.newBuilder().setDeviceList(account.list(2, 1, 2))));
        return frames.get(random.nextInt(frames.size()))
                .setRequestId(random.nextInt(3))
                .build()
                .toByteArray();
    }

    private static byte[] changed(byte[] frame, Random random) {
        for (int change = random.nextInt(4); change > 0; change--) {
            frame[random.nextInt(frame.length)] = (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(4));
        }
        return RawDevice.framed(frame);
    }
}
