package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.quintet.client.ClientTransport;
import dev.quintet.client.Delivery;
import dev.quintet.client.Device;
import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceListDraft;
import dev.quintet.client.DeviceListener;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.KnownDeviceLists;
import dev.quintet.client.Outbox;
import dev.quintet.client.PrimaryHandover;
import dev.quintet.client.Registration;
import dev.quintet.client.RelayErrorException;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.wire.EnvelopeClass;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.SignedDeviceList;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two devices agree on a handover by envelopes through a real relay, and then the other one is the primary. */
@Timeout(60)
class PrimaryHandoverByRelayTest {
    @TempDir
    private Path folder;

    private final SecureRandom random = new SecureRandom();
    private final Inbox primaryInbox = new Inbox();
    private final Inbox companionInbox = new Inbox();
    private RelayProcess relay;
    private ClientTransport transport;
    private DeviceKeys primaryKeys;
    private DeviceKeys companionKeys;
    private Device primary;
    private Device companion;

    /** What a device is told by the others of its account. */
    private static final class Inbox implements DeviceListener {
        private final BlockingQueue<ByteString> said = new LinkedBlockingQueue<>();

        @Override
        public void delivered(Delivery delivery) {
            assertThat(delivery.envelopeClass()).isEqualTo(EnvelopeClass.SYNC);
            said.add(delivery.ciphertext());
            delivery.acknowledge();
        }

        ByteString next() throws InterruptedException {
            return said.poll(20, TimeUnit.SECONDS);
        }
    }

    @BeforeEach
    void start() throws Exception {
        relay = new RelayProcess(folder, RelayProcess.SHORT_LIFE, List.of("--plain"));
        relay.start();
        transport = new ClientTransport();
        primaryKeys =
                Fleet.join(Registration.register(transport, relay.address(), Platform.ANDROID, DeviceOptions.DEFAULTS));
        companionKeys = DeviceKeys.companion(primaryKeys.account(), 2, random);
        primary = connect(primaryKeys, primaryInbox);
        Fleet.join(primary.putDeviceList(DeviceListDraft.after(list(primary))
                .add(companionKeys, Platform.LINUX)
                .sign(primaryKeys)));
        companion = connect(companionKeys, companionInbox);
    }

    @AfterEach
    void stop() throws Exception {
        companion.close();
        primary.close();
        transport.close();
        relay.close();
    }

    private Device connect(DeviceKeys keys, Inbox inbox) {
        Device device = new Device(transport, relay.address(), keys, DeviceOptions.DEFAULTS, inbox);
        Fleet.join(device.connect());
        return device;
    }

    private static DeviceList list(Device device) {
        return DeviceList.parse(Fleet.join(device.deviceList(device.address().account())));
    }

    private static void say(Device device, ByteString message) {
        Fleet.join(new Outbox(device, new KnownDeviceLists()).sync(member -> message));
    }

    private static SignedDeviceList proposal(ByteString said) {
        try {
            return SignedDeviceList.parseFrom(said);
        } catch (InvalidProtocolBufferException broken) {
            throw new AssertionError(broken);
        }
    }

    @Test
    void makesTheCompanionThePrimary() throws Exception {
        KnownDeviceLists contact = new KnownDeviceLists();
        contact.learn(primaryKeys.account(), list(primary).signed());
        DeviceKeys successor = companionKeys.withNewAccountSecret(random);

        say(companion, successor.accountSecret().orElseThrow().publicKey().toByteString());
        Ed25519Key accountKey = Ed25519Key.of(primaryInbox.next());
        say(
                primary,
                PrimaryHandover.propose(primaryKeys, list(primary), 2, accountKey)
                        .toByteString());
        say(
                companion,
                PrimaryHandover.countersign(successor, list(companion), proposal(companionInbox.next()))
                        .toByteString());
        SignedDeviceList handover = proposal(primaryInbox.next());
        PrimaryHandover.checkMayFollow(list(primary), handover);
        assertThat(Fleet.join(primary.putDeviceList(handover))).isEqualTo(3);

        SignedDeviceList next = DeviceListDraft.after(list(companion)).sign(successor);
        assertThatThrownBy(() -> Fleet.join(primary.putDeviceList(next)))
                .isInstanceOfSatisfying(
                        RelayErrorException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.FORBIDDEN));
        assertThat(Fleet.join(companion.putDeviceList(next))).isEqualTo(4);
        DeviceList learned = contact.learn(primaryKeys.account(), list(primary).signed());
        assertThat(learned.version()).isEqualTo(4);
        assertThat(learned.primary().number()).isEqualTo(2);
    }
}
