package dev.quintet.relay.account;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.wire.KeyBundle;
import dev.quintet.protocol.wire.KeyBundles;
import dev.quintet.protocol.wire.OneTimePrekey;
import dev.quintet.protocol.wire.PutKeys;
import dev.quintet.relay.mailbox.MailboxLimits;
import dev.quintet.relay.rooms.Rooms;
import dev.quintet.relay.rooms.TestAccount;
import dev.quintet.relay.rooms.TestJournal;
import dev.quintet.relay.store.StoreConfig;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Uploads, requests, commits, checkpoints and power cuts in random order: nobody ever gets a one-time prekey that
 * somebody else got, and what was confirmed and not handed out is there at the end.
 */
class PrekeyWalkTest {
    private static final long SEEDS = Long.getLong("quintet.walk.seeds", 60);
    private static final int DEVICES = 3;
    private static final int STEPS = 300;
    private static final StoreConfig STORE = new StoreConfig(1 << 20, 1 << 20, 32, 1, 1_000, 1, 1_000, 1 << 20, 60_000);

    @Test
    void neverHandsAOneTimePrekeyOutTwice() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            try {
                new Walk(seed, TestJournal.honest()).run();
            } catch (AssertionError | RuntimeException broken) {
                throw new AssertionError("seed " + seed + ": " + broken.getMessage(), broken);
            }
        }
    }

    @Test
    void isFoundOutWhenTheDiskLies() {
        assertThat(LongStream.range(0, 20).anyMatch(PrekeyWalkTest::isBroken)).isTrue();
    }

    private static boolean isBroken(long seed) {
        try {
            new Walk(seed, TestJournal.lying()).run();
            return false;
        } catch (AssertionError broken) {
            return broken.getMessage().contains("is new");
        }
    }

    private static final class Walk {
        private final Random random;
        private final Rooms rooms;
        private final TestAccount bob;
        private final Set<List<Integer>> handedOut = new HashSet<>();
        private final int[] uploaded = new int[DEVICES + 1];
        private final int[] confirmed = new int[DEVICES + 1];
        private int life;
        private int requester = 100;
        private int unanswered;

        Walk(long seed, TestJournal journal) {
            random = new Random(seed);
            rooms = new Rooms(2, new MailboxLimits(10, 1_000, 4, 400, 1 << 20), STORE, journal);
            bob = rooms.account(2, DEVICES);
        }

        void run() {
            try {
                for (int step = 0; step < STEPS; step++) {
                    step();
                }
                rooms.run();
                // An upload, then the hand-outs that waited for it.
                rooms.commit();
                rooms.commit();
                rooms.checkpoint();
                check();
            } finally {
                rooms.close();
            }
        }

        private void step() {
            switch (random.nextInt(12)) {
                case 0 -> upload(1 + random.nextInt(DEVICES));
                case 1, 2, 3, 4 -> fetch();
                case 5 -> rooms.commitOnly();
                case 6 -> rooms.commit();
                case 7 -> checkpoint();
                case 8 -> restart();
                default -> rooms.runSome(random, 5);
            }
        }

        private void upload(int device) {
            PutKeys.Builder keys = PutKeys.newBuilder();
            int first = uploaded[device] + 1;
            for (int id = first; id < first + 5; id++) {
                byte[] key = new byte[32];
                Arrays.fill(key, (byte) (id + device));
                keys.addOneTime(OneTimePrekey.newBuilder().setId(id).setKey(ByteString.copyFrom(key)));
            }
            uploaded[device] += 5;
            int last = uploaded[device];
            rooms.putKeys(bob, device, keys.build(), answer -> {
                assertThat(answer.isGranted()).as(answer.message()).isTrue();
                confirmed[device] = last;
            });
        }

        private void fetch() {
            int asked = life;
            Integer[] devices = random.nextBoolean() ? new Integer[0] : new Integer[] {1 + random.nextInt(DEVICES)};
            unanswered++;
            rooms.getKeysOnly(bob, new TestAccount(requester++), List.of(devices), answer -> {
                assertThat(asked).as("answered by the process that was asked").isEqualTo(life);
                unanswered--;
                if (answer.isGranted()) {
                    take(answer.value());
                }
            });
        }

        private void take(KeyBundles bundles) {
            for (KeyBundle bundle : bundles.getBundlesList()) {
                if (bundle.hasOneTime()) {
                    int id = bundle.getOneTime().getId();
                    assertThat(bundle.getOneTime().getKey().byteAt(7)).isEqualTo((byte) (id + bundle.getDevice()));
                    assertThat(handedOut.add(List.of(bundle.getDevice(), id)))
                            .as("prekey %d of device %d is new", id, bundle.getDevice())
                            .isTrue();
                }
            }
        }

        private void checkpoint() {
            if (random.nextBoolean()) {
                rooms.checkpointOnly();
            } else {
                rooms.checkpoint();
            }
        }

        private void restart() {
            if (random.nextInt(3) == 0) {
                rooms.restart();
                life++;
                unanswered = 0;
            }
        }

        private void check() {
            assertThat(unanswered).isZero();
            for (int device = 1; device <= DEVICES; device++) {
                int expected = device;
                rooms.countKeys(
                        bob,
                        device,
                        count -> assertThat(count.value().getHighestOneTimeId())
                                .isGreaterThanOrEqualTo(confirmed[expected]));
            }
            assertThat(rooms.residentCount()).as("nothing stays pinned").isLessThanOrEqualTo(1);
        }
    }
}
