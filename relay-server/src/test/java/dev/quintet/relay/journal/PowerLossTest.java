package dev.quintet.relay.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.relay.journal.JournalFixture.Read;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Power cuts and kills at random moments, recovery included, over a few lives of one journal per seed. */
final class PowerLossTest {
    private static final int SEEDS = 400;
    private static final int LIVES = 6;

    @Test
    void losesNothingThatWasReportedDurableAndInventsNothing() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            assertThat(new Run(seed, new ForgetfulDisk()).complaint())
                    .as("seed %d", seed)
                    .isEmpty();
        }
    }

    @Test
    void losesWhatWasReportedDurableOnADiskThatOnlyPretendsToForce() throws Exception {
        int complaints = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            ForgetfulDisk disk = new ForgetfulDisk();
            disk.ignoreForce();
            complaints += new Run(seed, disk).complaint().isEmpty() ? 0 : 1;
        }
        assertThat(complaints).isGreaterThan(SEEDS / 2);
    }

    private static final class Run {
        private final SplittableRandom random;
        private final ForgetfulDisk disk;
        /** What the log must hold, as far as it was durable; the rest it may hold, without a hole. */
        private final List<Read> appended = new ArrayList<>();

        private long reported;
        private long released;
        private int nextNumber;

        Run(int seed, ForgetfulDisk disk) {
            this.random = new SplittableRandom(seed);
            this.disk = disk;
        }

        /** Empty if all was well. */
        String complaint() throws IOException {
            for (int life = 0; life < LIVES; life++) {
                disk.cutPowerAfter(random.nextInt(life == 0 ? 20 : 0, 120));
                try {
                    JournalFixture fixture = new JournalFixture(disk, JournalFixture.SMALL, random.split());
                    String complaint = disk.isDown() ? "" : check(fixture);
                    if (!complaint.isEmpty()) {
                        return complaint;
                    }
                    live(fixture);
                } catch (IOException powerCut) {
                    // In the middle of recovery: just once more.
                }
                if (random.nextInt(3) > 0) {
                    disk.restart(random);
                } else {
                    disk.replaceProcess();
                }
            }
            return check(new JournalFixture(disk, JournalFixture.SMALL, random.split()));
        }

        private String check(JournalFixture fixture) {
            appended.removeIf(read -> read.position() < released);
            List<Read> found = new ArrayList<>(fixture.replay());
            found.removeIf(read -> read.position() < released);
            long due =
                    appended.stream().filter(read -> read.position() < reported).count();
            boolean isPrefix = found.size() <= appended.size() && found.equals(appended.subList(0, found.size()));
            if (!isPrefix
                    || found.size() < due
                    || fixture.damaged() > 0
                    || fixture.journal.durablePosition() < reported) {
                return "found " + found + " of " + appended + ", durable below " + reported + ", damaged "
                        + fixture.damaged();
            }
            appended.subList(found.size(), appended.size()).clear();
            reported = fixture.journal.durablePosition();
            return "";
        }

        private void live(JournalFixture fixture) {
            fixture.journal.onDurable(position -> reported = position);
            while (!disk.isDown() && random.nextInt(200) > 0) {
                switch (random.nextInt(8)) {
                    case 0 -> fixture.pass(random.nextInt(3));
                    case 1 -> release(fixture);
                    case 2, 3 -> fixture.journal.commit();
                    default -> append(fixture);
                }
            }
        }

        private void append(JournalFixture fixture) {
            int bytes = random.nextInt(10) == 0 ? random.nextInt(2_000) : random.nextInt(60);
            long position = fixture.append(nextNumber, bytes);
            if (position >= 0) {
                appended.add(new Read(position, nextNumber));
                nextNumber++;
            }
        }

        private void release(JournalFixture fixture) {
            if (random.nextInt(4) == 0) {
                released = Math.max(released, reported - random.nextInt(8 << 10));
                fixture.journal.release(released);
            }
        }
    }
}
