package dev.quintet.relay.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When commits are due, on a clock that goes on only while the journal thread sleeps. */
class CommitPaceTest {
    private static final long NEVER = TimeUnit.SECONDS.toMicros(1);

    private final VirtualNap nap = new VirtualNap();
    private final CommitPace pace = new CommitPace(nap);
    private boolean isPending;

    /** Sleeps until what is to happen next has called {@link #wake}, or the time is over. */
    private static final class VirtualNap implements CommitPace.Nap {
        private final SortedMap<Long, Runnable> events = new TreeMap<>();
        private long nanos;
        private boolean isWoken;
        private int wakeUps;

        @Override
        public long nanoTime() {
            return nanos;
        }

        @Override
        public void sleep(long sleepNanos) {
            long until = nanos + sleepNanos;
            while (!isWoken && !events.isEmpty() && events.firstKey() <= until) {
                nanos = events.firstKey();
                events.remove(nanos).run();
            }
            nanos = isWoken ? nanos : until;
            isWoken = false;
        }

        @Override
        public void wake() {
            isWoken = true;
            wakeUps++;
        }
    }

    private void at(long micros, Runnable event) {
        nap.events.put(TimeUnit.MICROSECONDS.toNanos(micros), event);
    }

    private void append(EntryType type) {
        isPending = true;
        pace.appended(type, false);
    }

    /** When the next commit is due, in microseconds. */
    private long await() {
        pace.await(() -> isPending);
        return TimeUnit.NANOSECONDS.toMicros(nap.nanos);
    }

    private void commit(int entries, int awaited) {
        pace.committing();
        isPending = false;
        pace.committed(entries, awaited);
    }

    @Test
    void anEntryThatSomebodyWaitsForIsCommittedAtOnce() {
        at(300, () -> append(EntryType.SUBMISSION));
        assertThat(await()).isEqualTo(300);
        commit(1, 1);
        at(2_000, () -> append(EntryType.DEVICE_LIST));
        assertThat(await()).isEqualTo(2_000);
    }

    @Test
    void afterACommitTheNextWaitsTheLongerTheMoreItTook() {
        commit(30, 20);
        append(EntryType.SUBMISSION);
        assertThat(await()).as("20 that were awaited").isEqualTo(2_000);
        commit(1, 1);
        append(EntryType.SUBMISSION);
        assertThat(await()).as("one").isEqualTo(2_100);
    }

    @Test
    void aPauseIsNeverLongerThanFiveMillis() {
        commit(1_000, 1_000);
        append(EntryType.SUBMISSION);
        assertThat(await()).isEqualTo(5_000);
    }

    @Test
    void aPauseCostsNoWakeUp() {
        commit(20, 20);
        for (int micros = 100; micros < 2_000; micros += 100) {
            at(micros, () -> append(EntryType.SUBMISSION));
        }
        assertThat(await()).isEqualTo(2_000);
        assertThat(nap.wakeUps).isZero();
    }

    @Test
    void halfARingEndsThePause() {
        commit(1_000, 1_000);
        at(700, () -> {
            isPending = true;
            pace.appended(EntryType.ACKNOWLEDGEMENT, true);
        });
        assertThat(await()).isEqualTo(700);
    }

    @Test
    void patientEntriesWaitTenMillisForOthersAndWakeNobody() {
        commit(1, 1);
        at(1_000, () -> append(EntryType.ACKNOWLEDGEMENT));
        at(2_000, () -> append(EntryType.LAST_SEEN));
        assertThat(await()).isEqualTo(10_100);
        assertThat(nap.wakeUps).isZero();
    }

    @Test
    void patientEntriesGoWithTheNextThatSomebodyWaitsFor() {
        commit(1, 1);
        at(1_000, () -> append(EntryType.ACKNOWLEDGEMENT));
        at(3_000, () -> append(EntryType.SUBMISSION));
        assertThat(await()).isEqualTo(3_000);
    }

    @Test
    void aPatientEntryAfterALongRestWaitsTenMillisToo() {
        at(400_000, () -> append(EntryType.ACKNOWLEDGEMENT));
        assertThat(await()).isEqualTo(410_000);
    }

    @Test
    void whatACommitMissedIsDueSoonThoughNobodyWakesTheThread() {
        append(EntryType.SUBMISSION);
        pace.committing();
        pace.goOn();
        assertThat(await()).isEqualTo(100);
    }

    @Test
    void looksOnceASecondWhenNothingComes() {
        assertThat(await()).isEqualTo(NEVER);
        commit(0, 0);
        assertThat(await()).isEqualTo(2 * NEVER);
    }

    @Test
    void theEndIsNotWaitedFor() {
        at(500, pace::end);
        assertThat(await()).isEqualTo(500);
        commit(1_000, 1_000);
        assertThat(await()).isEqualTo(500);
    }
}
