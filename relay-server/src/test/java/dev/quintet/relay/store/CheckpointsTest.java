package dev.quintet.relay.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.quintet.protocol.AccountId;
import dev.quintet.relay.journal.MemoryJournal;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Checkpoints come in time, wait for a full disk, and run on a thread of their own. */
class CheckpointsTest {
    private static final AccountId ACCOUNT = new AccountId(1, 1);
    private static final StoreConfig CONFIG =
            new StoreConfig(1 << 20, 1 << 20, 32, 1 << 20, 100, 1, 100, 1_000, 60_000);

    private final MemoryJournal journal = MemoryJournal.durableAtOnce();
    private final MemoryRows rows = new MemoryRows();
    private final LedgerChapter ledger = new LedgerChapter(true);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Image image = new Image(journal, rows, List.of(ledger), failure::set);
    private volatile long nanos = TimeUnit.DAYS.toNanos(-3);
    private final Checkpoints checkpoints = new Checkpoints(image, CONFIG, () -> nanos, meters);

    @Test
    void isDueWhenTheJournalIsLongEnough() {
        LedgerChapter.add(journal, ACCOUNT, 1, 900);
        assertThat(checkpoints.isDue()).isFalse();

        LedgerChapter.add(journal, ACCOUNT, 2, 900);
        assertThat(checkpoints.isDue()).isTrue();

        checkpoints.run();
        assertThat(checkpoints.isDue()).isFalse();
        assertThat(image.lagBytes()).isZero();
    }

    @Test
    void isDueAfterAWhileIfThereIsAnythingNew() {
        pass(3_600);
        assertThat(checkpoints.isDue()).isFalse();

        LedgerChapter.add(journal, ACCOUNT, 1, 0);
        assertThat(checkpoints.isDue()).isTrue();
        checkpoints.run();

        LedgerChapter.add(journal, ACCOUNT, 2, 0);
        pass(59);
        assertThat(checkpoints.isDue()).isFalse();
        pass(1);
        assertThat(checkpoints.isDue()).isTrue();
    }

    @Test
    void triesAFullDiskAgainAfterFiveSeconds() {
        LedgerChapter.add(journal, ACCOUNT, 1, 2_000);
        rows.setFull(true);
        checkpoints.run();
        assertThat(checkpoints.isDue()).isFalse();
        assertThat(meters.get("quintet.checkpoint.disk.full").gauge().value()).isEqualTo(1);

        pass(5);
        assertThat(checkpoints.isDue()).isTrue();
        rows.setFull(false);
        checkpoints.run();

        assertThat(journal.releasedPosition()).isEqualTo(journal.nextPosition());
        assertThat(checkpoints.isDue()).isFalse();
        assertThat(meters.get("quintet.checkpoint.disk.full").gauge().value()).isZero();
    }

    @Test
    void measuresWhatIsMissingInTheImage() {
        LedgerChapter.add(journal, ACCOUNT, 1, 0);
        assertThat(meters.get("quintet.checkpoint.position.lag").gauge().value())
                .isEqualTo(journal.nextPosition());

        checkpoints.run();

        assertThat(meters.get("quintet.checkpoint.position.lag").gauge().value())
                .isZero();
        assertThat(meters.get("quintet.checkpoint.duration").timer().count()).isOne();
    }

    @Test
    void runsOnItsThreadWhenDueAndOnceMoreAtTheEnd() {
        var thread = FoldThread.start(checkpoints, journal, failure::set);
        LedgerChapter.add(journal, ACCOUNT, 1, 2_000);
        await().until(() -> image.lagBytes() == 0);
        LedgerChapter.add(journal, ACCOUNT, 2, 10);

        thread.close();

        assertThat(image.lagBytes()).isZero();
        assertThat(journal.releasedPosition()).isEqualTo(journal.nextPosition());
        assertThat(failure).hasNullValue();
    }

    @Test
    void reportsWhatEndsTheThread() {
        rows.write(List.of(new RowChange(LedgerChapter.STRUCK, ACCOUNT.toBytes(), new byte[1])));
        var thread = FoldThread.start(checkpoints, journal, failure::set);

        LedgerChapter.strike(journal, ACCOUNT, 1);
        LedgerChapter.add(journal, ACCOUNT, 2, 2_000);
        await().until(() -> failure.get() != null);
        thread.close();

        assertThat(image.position()).isZero();
        assertThat(journal.releasedPosition()).isZero();
    }

    private void pass(long seconds) {
        nanos += TimeUnit.SECONDS.toNanos(seconds);
    }
}
