package dev.quintet.relay.rooms;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RandomWalkTest {
    private static final long SEEDS = Long.getLong("quintet.walk.seeds", 200);
    private static final long FIRST_SEED = Long.getLong("quintet.walk.first", 1);

    @Test
    void keepsItsPromisesWhateverHappensInWhateverOrder() {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            try {
                new RandomWalk(seed, TestJournal.honest()).run();
            } catch (AssertionError | RuntimeException broken) {
                throw new AssertionError("seed " + seed + ": " + broken.getMessage(), broken);
            }
        }
    }

    @Test
    void isFoundOutWhenTheDiskLies() {
        assertThat(LongStream.range(0, 20).anyMatch(seed -> isBroken(seed, TestJournal.lying())))
                .isTrue();
    }

    private static boolean isBroken(long seed, TestJournal journal) {
        try {
            new RandomWalk(seed, journal).run();
            return false;
        } catch (AssertionError broken) {
            return true;
        }
    }
}
