package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.Device;
import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceListDraft;
import dev.quintet.client.DeviceListener;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.DisconnectedException;
import dev.quintet.client.KnownDeviceLists;
import dev.quintet.client.Registration;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.Platform;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A removed device and a relay that is killed the moment it has confirmed the removal. */
@Timeout(180)
class KilledRemovalTest {
    private static final int ROUNDS = 3;
    private static final DeviceOptions OPTIONS = DeviceOptions.DEFAULTS.withPauses(10, 200);
    private static final DeviceListener DEAF = delivery -> {};

    private final SecureRandom random = new SecureRandom();

    @TempDir
    private Path folder;

    private RelayProcess relay;
    private ClientTransport transport;
    private DeviceKeys primaryKeys;
    private Device primary;

    @BeforeEach
    void start() {
        relay = new RelayProcess(folder, RelayProcess.SHORT_LIFE);
        relay.start();
        transport = new ClientTransport();
        primaryKeys = Fleet.join(Registration.register(transport, relay.address(), Platform.LINUX, OPTIONS));
        primary = device(primaryKeys);
        Fleet.join(primary.connect());
    }

    @AfterEach
    void stop() throws Exception {
        primary.close();
        transport.close();
        relay.close();
    }

    private Device device(DeviceKeys keys) {
        return new Device(transport, relay.address(), keys, OPTIONS, DEAF);
    }

    @Test
    void isStillOutWhenTheRelayIsKilledAsSoonAsItHasConfirmedTheRemoval() {
        for (int round = 0; round < ROUNDS; round++) {
            DeviceKeys companion = DeviceKeys.companion(primaryKeys.account(), 2 + round, random);
            put(draft().add(companion, Platform.LINUX));
            try (Device before = device(companion)) {
                Fleet.join(before.connect());
            }

            put(draft().remove(companion.device()));
            relay.kill();
            relay.start();

            try (Device after = device(companion)) {
                assertThatThrownBy(() -> after.connect().get(30, TimeUnit.SECONDS))
                        .cause()
                        .isInstanceOfSatisfying(
                                DisconnectedException.class,
                                end -> assertThat(end.disconnection().code()).isEqualTo(ErrorCode.DEVICE_REMOVED));
            }
            assertThat(current().devices()).hasSize(1);
        }
    }

    @Test
    void isStillOutWhenTheRelayIsKilledAsSoonAsItHasLetTheDeviceLeave() throws Exception {
        DeviceKeys companion = DeviceKeys.companion(primaryKeys.account(), 2, random);
        put(draft().add(companion, Platform.LINUX));
        try (Device leaving = device(companion)) {
            Fleet.join(leaving.connect());
            Fleet.join(leaving.leaveAccount());
        }

        relay.kill();
        relay.start();

        assertThat(current().devices()).hasSize(1);
        assertThat(current().loggedOut()).containsExactly(2);
        try (Device after = device(companion)) {
            assertThatThrownBy(() -> after.connect().get(30, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(DisconnectedException.class);
        }
    }

    private DeviceList current() {
        return new KnownDeviceLists()
                .learn(primaryKeys.account(), Fleet.join(primary.deviceList(primaryKeys.account())));
    }

    private DeviceListDraft draft() {
        return DeviceListDraft.after(current());
    }

    private void put(DeviceListDraft draft) {
        Fleet.join(primary.putDeviceList(draft.sign(primaryKeys)));
    }
}
