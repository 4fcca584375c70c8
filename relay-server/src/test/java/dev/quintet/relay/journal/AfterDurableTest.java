package dev.quintet.relay.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class AfterDurableTest {
    private long newest;
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final AfterDurable afterDurable = new AfterDurable(() -> newest, tasks::add);
    private final List<Integer> ran = new ArrayList<>();

    @Test
    void runsAnActionOnlyOnceItsEntryIsDurable() {
        afterDurable.after(100, () -> ran.add(1));
        afterDurable.advance(100);
        assertThat(ran).isEmpty();

        afterDurable.advance(116);
        assertThat(ran).containsExactly(1);
        assertThat(afterDurable.size()).isZero();
    }

    @Test
    void runsAtOnceWhatIsDurableAlreadyUnlessSomethingWaits() {
        afterDurable.advance(100);
        afterDurable.after(50, () -> ran.add(1));
        afterDurable.after(150, () -> ran.add(2));
        afterDurable.after(60, () -> ran.add(3));
        assertThat(ran).containsExactly(1);

        afterDurable.advance(200);
        assertThat(ran).containsExactly(1, 2, 3);
    }

    @Test
    void saysWhetherACommitIsAwaited() {
        assertThat(afterDurable.isAwaited()).isFalse();
        afterDurable.after(100, () -> ran.add(1));
        afterDurable.after(200, () -> ran.add(2));
        afterDurable.advance(150);
        assertThat(afterDurable.isAwaited()).isTrue();
        afterDurable.advance(250);
        assertThat(afterDurable.isAwaited()).isFalse();
    }

    /** Nobody has told it, since nobody waited. */
    @Test
    void seesItselfWhatBecameDurableUnawaited() {
        newest = 150;
        afterDurable.after(100, () -> ran.add(1));
        assertThat(ran).as("within the call").isEmpty();
        tasks.remove().run();
        assertThat(ran).containsExactly(1);
        assertThat(tasks).isEmpty();
    }

    @Test
    void keepsTheOrderHoweverManyWait() {
        SplittableRandom random = new SplittableRandom(1);
        int appended = 0;
        for (int round = 0; round < 200; round++) {
            for (int count = random.nextInt(30); count > 0; count--) {
                int number = appended++;
                afterDurable.after(number, () -> ran.add(number));
            }
            afterDurable.advance(random.nextInt(ran.size(), appended + 1));
        }
        afterDurable.advance(appended);

        assertThat(ran).isEqualTo(IntStream.range(0, appended).boxed().toList());
    }

    @Test
    void letsAnActionAddAnother() {
        afterDurable.after(10, () -> afterDurable.after(30, () -> ran.add(2)));
        afterDurable.after(20, () -> ran.add(1));

        afterDurable.advance(40);

        assertThat(ran).containsExactly(1, 2);
    }
}
