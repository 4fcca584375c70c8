package dev.quintet.relay.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two loops append to a journal on its own thread, and let actions wait for it: handed back by the way of a relay. */
@Timeout(60)
class HandOverStressTest {
    private static final JournalConfig CONFIG = new JournalConfig(256 << 10, 64 << 10);
    private static final int LOOPS = 2;
    private static final int ACTIONS = 4_000;

    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();

    /** One loop with its actions: which have run, and which of them before their entry was durable. */
    private static final class Loop {
        private final FileJournal journal;
        private final int partition;
        private final ExecutorService thread = Executors.newSingleThreadExecutor();
        private final AfterDurable afterDurable;
        private final AtomicBoolean isDue = new AtomicBoolean();
        private final CountDownLatch done = new CountDownLatch(ACTIONS);
        private final List<Integer> ran = new ArrayList<>();
        private int early;

        Loop(FileJournal journal, int partition) {
            this.journal = journal;
            this.afterDurable = new AfterDurable(journal::durablePosition, thread);
            this.partition = partition;
        }

        /** Called on the journal thread: one task at a time takes the newest position over, if anybody waits for it. */
        void durable() {
            if (afterDurable.isAwaited() && isDue.compareAndSet(false, true)) {
                thread.execute(() -> {
                    isDue.set(false);
                    afterDurable.advance(journal.durablePosition());
                });
            }
        }

        void append(int number) {
            ByteBuf body = Unpooled.buffer(Integer.BYTES).writeInt(number);
            long position = journal.append(partition, EntryType.SUBMISSION, body);
            if (position < 0) {
                thread.execute(() -> append(number));
                return;
            }
            afterDurable.after(position, () -> run(number, position));
            if (number + 1 < ACTIONS) {
                thread.execute(() -> append(number + 1));
            }
        }

        private void run(int number, long position) {
            early += journal.durablePosition() <= position ? 1 : 0;
            ran.add(number);
            done.countDown();
        }
    }

    private List<Loop> race(boolean isHasty) throws Exception {
        ExecutorService background = Executors.newSingleThreadExecutor();
        FileJournal journal = FileJournal.open(
                CONFIG,
                new JournalEnvironment(
                        new ForgetfulDisk(),
                        background,
                        System::nanoTime,
                        new SplittableRandom(1),
                        new SimpleMeterRegistry(),
                        failures::add));
        List<Loop> loops = new ArrayList<>();
        for (int partition = 0; partition < LOOPS; partition++) {
            Loop loop = new Loop(journal, partition);
            loops.add(loop);
            journal.onDurable(position -> loop.durable());
            if (isHasty) {
                loop.thread.execute(() -> loop.afterDurable.advance(Long.MAX_VALUE));
            }
        }
        journal.start(task -> new Thread(task, "journal"));
        loops.forEach(loop -> loop.thread.execute(() -> loop.append(0)));
        for (Loop loop : loops) {
            assertThat(loop.done.await(40, TimeUnit.SECONDS)).isTrue();
        }
        journal.close();
        for (Loop loop : loops) {
            assertThat(loop.thread.submit(loop.afterDurable::size).get()).isZero();
            loop.thread.shutdown();
        }
        background.shutdown();
        return loops;
    }

    @Test
    void runsEveryActionOnceInItsOrderAndNotBeforeItsEntryIsDurable() throws Exception {
        for (Loop loop : race(false)) {
            assertThat(loop.early).isZero();
            assertThat(loop.ran).hasSize(ACTIONS).isSorted().doesNotHaveDuplicates();
        }
        assertThat(failures).isEmpty();
    }

    /** The control: a hand-over that does not wait. */
    @Test
    void findsOutAHandOverThatDoesNotWait() throws Exception {
        assertThat(race(true)).anyMatch(loop -> loop.early > 0);
    }
}
