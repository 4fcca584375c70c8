package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.client.Device;
import dev.quintet.client.DeviceOptions;
import dev.quintet.protocol.wire.KeyBundle;
import dev.quintet.protocol.wire.KeyBundles;
import dev.quintet.protocol.wire.OneTimePrekey;
import dev.quintet.protocol.wire.PutKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One-time prekeys and a relay that is killed, again and again, while it hands them out. */
@Timeout(180)
class KilledKeysTest {
    private static final int ROUNDS = 3;
    private static final int REQUESTS = 6;
    private static final DeviceOptions OPTIONS = DeviceOptions.DEFAULTS.withPauses(10, 200);

    private final long seed = Long.getLong("quintet.kill.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final Queue<KeyBundles> handedOut = new ConcurrentLinkedQueue<>();

    @TempDir
    private Path folder;

    private FleetAtRelay house;
    private Fleet fleet;

    @BeforeEach
    void start() {
        house = new FleetAtRelay(folder, OPTIONS, new DeliveryChecker(), 3);
        fleet = house.fleet();
    }

    @AfterEach
    void stop() throws IOException {
        house.close();
    }

    @Test
    void handsNoOneTimePrekeyOutTwiceHoweverOftenItIsKilled() {
        FleetAccount owner = fleet.accounts().get(0);
        for (int device = 1; device <= 5; device++) {
            Fleet.join(owner.device(device).device().putKeys(hundredPrekeys()));
        }
        List<CompletableFuture<?>> requests = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            for (int request = 0; request < REQUESTS; request++) {
                requests.add(ask(fleet.accounts().get(1), owner));
                requests.add(ask(fleet.accounts().get(2), owner));
                Sleep.millis(random.nextInt(3));
            }
            house.killRelay();
        }
        requests.forEach(Fleet::join);

        Set<List<Integer>> seen = new HashSet<>();
        for (KeyBundles bundles : handedOut) {
            for (KeyBundle bundle : bundles.getBundlesList()) {
                assertThat(seen.add(
                                List.of(bundle.getDevice(), bundle.getOneTime().getId())))
                        .as("seed %s: %s is new", seed, bundle)
                        .isTrue();
            }
        }
        assertThat(seen).as("seed %s", seed).isNotEmpty();
    }

    /** Completed by keys, or by the limit of requests, which a new process counts anew. */
    private CompletableFuture<?> ask(FleetAccount requester, FleetAccount owner) {
        Device device = requester.device(1).device();
        return device.keys(owner.device(1).device().address().account()).handle((bundles, limited) -> {
            if (limited == null) {
                handedOut.add(bundles);
            }
            return null;
        });
    }

    private static PutKeys hundredPrekeys() {
        PutKeys.Builder keys = PutKeys.newBuilder();
        for (int id = 1; id <= 100; id++) {
            keys.addOneTime(OneTimePrekey.newBuilder().setId(id).setKey(ByteString.copyFrom(new byte[32])));
        }
        return keys.build();
    }
}
