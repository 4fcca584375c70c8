package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.KnownDeviceLists;
import dev.quintet.client.Outbox;
import dev.quintet.client.Sent;
import dev.quintet.client.Sessions;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.protocol.wire.KeyBundle;
import dev.quintet.protocol.wire.OneTimePrekey;
import dev.quintet.protocol.wire.PutKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A first message to an account of which its sender knows nothing but the id, at a real relay. */
@Timeout(60)
class FirstMessageTest {
    @TempDir
    private Path folder;

    private FleetAtRelay house;
    private Fleet fleet;

    @BeforeEach
    void start() {
        house = new FleetAtRelay(folder, DeviceOptions.DEFAULTS, new DeliveryChecker(), 2);
        fleet = house.fleet();
    }

    @AfterEach
    void stop() throws IOException {
        house.close();
    }

    /** Seals for nobody with whom it has not begun a session. */
    private static final class Begun implements Sessions {
        private final Map<Integer, KeyBundle> bundles = new HashMap<>();

        @Override
        public boolean has(AccountId account, MemberDevice device) {
            return bundles.containsKey(device.number());
        }

        @Override
        public void begin(AccountId account, MemberDevice device, KeyBundle keys) {
            bundles.put(device.number(), keys);
        }

        ByteString seal(MemberDevice device) {
            return ByteString.copyFromUtf8(
                    "with key " + bundles.get(device.number()).getOneTime().getId());
        }
    }

    @Test
    void learnsListAndKeysByOneMismatchAndIsAcceptedByAllFiveDevicesWithTheNextSubmission() {
        FleetAccount to = fleet.accounts().get(1);
        to.devices().forEach(device -> Fleet.join(device.device().putKeys(oneTimePrekeys(device))));
        Begun begun = new Begun();
        Outbox outbox = new Outbox(fleet.accounts().get(0).device(1).device(), new KnownDeviceLists(), begun);

        Sent first = Fleet.join(outbox.send(to.id(), begun::seal));
        Sent second = Fleet.join(outbox.send(to.id(), begun::seal));

        assertThat(first.attempts()).as("submissions until accepted").isEqualTo(2);
        assertThat(first.devices()).containsExactly(1, 2, 3, 4, 5);
        assertThat(second.attempts()).isEqualTo(1);
        begun.bundles.forEach(
                (device, keys) -> assertThat(keys.getOneTime().getId()).isEqualTo(10 * device));
        to.devices()
                .forEach(device -> assertThat(
                                Fleet.join(device.device().keyCount()).getOneTime())
                        .as("one key of device %s is gone", device.address())
                        .isEqualTo(1));
    }

    private static PutKeys oneTimePrekeys(FleetDevice device) {
        PutKeys.Builder keys = PutKeys.newBuilder();
        for (int id :
                List.of(10 * device.address().device(), 10 * device.address().device() + 1)) {
            keys.addOneTime(OneTimePrekey.newBuilder().setId(id).setKey(ByteString.copyFrom(new byte[32])));
        }
        return keys.build();
    }
}
