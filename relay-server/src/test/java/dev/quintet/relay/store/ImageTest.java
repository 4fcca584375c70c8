package dev.quintet.relay.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.protocol.AccountId;
import dev.quintet.relay.journal.MemoryJournal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The image is the fold of the journal, whatever happens on the way. */
class ImageTest {
    private static final long SMALL_PAGE_BYTES = 500;
    private static final AccountId ACCOUNT = new AccountId(1, 1);

    private final MemoryJournal journal = MemoryJournal.durableAtOnce();
    private final MemoryRows rows = new MemoryRows();
    private final LedgerChapter ledger = new LedgerChapter(true);

    @Test
    void holdsWhatWasFoldedAndReleasesTheJournal() {
        LedgerChapter.add(journal, ACCOUNT, 1, 10);
        LedgerChapter.add(journal, ACCOUNT, 2, 10);
        LedgerChapter.strike(journal, ACCOUNT, 1);
        Image image = open();

        assertThat(image.checkpoint()).isTrue();

        assertThat(image.position()).isEqualTo(journal.nextPosition());
        assertThat(image.lagBytes()).isZero();
        assertThat(journal.releasedPosition()).isEqualTo(journal.nextPosition());
        assertThat(image.load(ACCOUNT)).containsExactly(List.of(2L));
    }

    @Test
    void foldsOnlyWhatIsDurable() {
        MemoryJournal held = MemoryJournal.held();
        LedgerChapter.add(held, ACCOUNT, 1, 10);
        held.commit();
        LedgerChapter.add(held, ACCOUNT, 2, 10);
        Image image = new Image(held, rows, List.of(ledger), ImageTest::fail);

        image.checkpoint();

        assertThat(image.load(ACCOUNT)).containsExactly(List.of(1L));
        assertThat(image.position()).isEqualTo(held.durablePosition());
    }

    @Test
    void neverWritesALineThatTheSamePageStrikesOff() {
        var written = new ArrayList<RowChange>();
        LedgerChapter.add(journal, ACCOUNT, 1, 10);
        LedgerChapter.strike(journal, ACCOUNT, 1);

        new Image(journal, watched(written::add), List.of(ledger), ImageTest::fail).checkpoint();

        assertThat(written).extracting(RowChange::table).containsExactlyInAnyOrder(LedgerChapter.STRUCK, Image.TABLE);
    }

    @Test
    void tellsListenersBeforeTheJournalForgets() {
        var told = new ArrayList<String>();
        Image image = open();
        image.onAdvance(position -> told.add(position + " released " + journal.releasedPosition()));
        LedgerChapter.add(journal, ACCOUNT, 1, 0);

        image.checkpoint();
        image.checkpoint();

        assertThat(told).containsExactly("40 released 0");
    }

    @Test
    void goesOnAfterARestart() {
        LedgerChapter.add(journal, ACCOUNT, 1, 10);
        open().checkpoint();
        LedgerChapter.add(journal, ACCOUNT, 2, 10);
        rows.crash();

        Image image = open();
        assertThat(image.position()).isEqualTo(journal.releasedPosition());
        image.recover();

        assertThat(image.load(ACCOUNT)).containsExactly(List.of(1L, 2L));
    }

    @Test
    void passesOverDamagedEntries() {
        long damaged = LedgerChapter.add(journal, ACCOUNT, 1, 10);
        LedgerChapter.add(journal, ACCOUNT, 2, 10);
        journal.damage(damaged);
        Image image = open();

        image.checkpoint();

        assertThat(image.load(ACCOUNT)).containsExactly(List.of(2L));
    }

    @Test
    void keepsTheJournalWhileTheDiskIsFullAndGoesOnLater() {
        LedgerChapter.add(journal, ACCOUNT, 1, 10);
        Image image = open();
        rows.setFull(true);

        assertThat(image.checkpoint()).isFalse();
        LedgerChapter.add(journal, ACCOUNT, 2, 10);
        assertThat(image.checkpoint()).isFalse();
        assertThat(journal.releasedPosition()).isZero();
        assertThat(image.load(ACCOUNT)).containsExactly(List.of(1L));

        rows.setFull(false);
        assertThat(image.checkpoint()).isTrue();
        assertThat(journal.releasedPosition()).isEqualTo(journal.nextPosition());
        assertThat(image.load(ACCOUNT)).containsExactly(List.of(1L, 2L));
    }

    @Test
    void picksUpAFoldThatAFullDiskHasBrokenOff() {
        var limited = new LimitedRows(rows);
        Image image = new Image(journal, limited, List.of(ledger), ImageTest::fail);
        for (int i = 1; i <= 20; i++) {
            LedgerChapter.add(journal, ACCOUNT, i, 1 << 20);
        }
        limited.writes = 1;

        assertThat(image.checkpoint()).isFalse();
        assertThat(image.position()).isZero();
        assertThatThrownBy(image::recover).isInstanceOf(StoreException.class).hasMessageContaining("no space");

        LedgerChapter.strike(journal, ACCOUNT, 19);
        limited.writes = 100;
        assertThat(image.checkpoint()).isTrue();
        assertThat(image.load(ACCOUNT)).containsExactly(List.of(20L));
    }

    @Test
    void refusesAJournalThatEndsBeforeTheImage() {
        LedgerChapter.add(journal, ACCOUNT, 1, 10);
        open().checkpoint();

        assertThatThrownBy(() -> new Image(MemoryJournal.durableAtOnce(), rows, List.of(ledger), ImageTest::fail))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("part of the data is missing");
    }

    @Test
    void refusesAJournalThatBeginsAfterTheImage() {
        LedgerChapter.add(journal, ACCOUNT, 1, 10);
        open().checkpoint();

        assertThatThrownBy(() -> new Image(journal, new MemoryRows(), List.of(ledger), ImageTest::fail))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("part of the data is missing");
    }

    @Test
    void refusesAnotherFormat() {
        byte[] key = "quintet.position".getBytes(StandardCharsets.US_ASCII);
        rows.write(List.of(new RowChange(Image.TABLE, key, new byte[] {2, 0, 0, 0, 0, 0, 0, 0, 0})));

        assertThatThrownBy(this::open).isInstanceOf(StoreException.class).hasMessageContaining("format 2");
    }

    @Test
    void comesToTheSameRowsHoweverOftenItIsKilled() {
        for (int seed = 0; seed < 1_000; seed++) {
            assertSameRows(seed);
        }
    }

    private static void assertSameRows(int seed) {
        var random = new Random(seed);
        var kept = MemoryJournal.durableAtOnce();
        var released = MemoryJournal.durableAtOnce();
        var killed = new MemoryRows();
        var numbers = new long[3];
        for (int round = 0; round < 6; round++) {
            appendSome(random, numbers, kept, released);
            Image image =
                    new Image(released, killed, List.of(new LedgerChapter(true)), ImageTest::fail, SMALL_PAGE_BYTES);
            killed.setFull(random.nextInt(3) == 0);
            image.checkpoint();
            appendSome(random, numbers, kept, released);
            image.checkpoint();
            killed.setFull(false);
            killed.crash(random);
        }
        new Image(released, killed, List.of(new LedgerChapter(true)), ImageTest::fail, SMALL_PAGE_BYTES).recover();

        var once = new MemoryRows();
        new Image(kept, once, List.of(new LedgerChapter(false)), ImageTest::fail).recover();
        assertThat(killed.dump()).as("seed %d", seed).isEqualTo(once.dump());
    }

    private static void appendSome(Random random, long[] numbers, MemoryJournal kept, MemoryJournal released) {
        for (int i = random.nextInt(12); i > 0; i--) {
            int index = random.nextInt(numbers.length);
            var account = new AccountId(index, 0);
            int bytes = random.nextInt(100);
            long number = random.nextInt(3) == 0 ? random.nextLong(numbers[index] + 1) : 0;
            if (number == 0) {
                numbers[index]++;
                LedgerChapter.add(kept, account, numbers[index], bytes);
                LedgerChapter.add(released, account, numbers[index], bytes);
            } else {
                LedgerChapter.strike(kept, account, number);
                LedgerChapter.strike(released, account, number);
            }
        }
    }

    private Image open() {
        return new Image(journal, rows, List.of(ledger), ImageTest::fail);
    }

    private static void fail(Throwable cause) {
        throw new AssertionError(cause);
    }

    private Rows watched(Consumer<RowChange> watcher) {
        return new LimitedRows(rows) {
            @Override
            public boolean write(long bytes, Changes changes) {
                return super.write(bytes, batch -> changes.handTo(watcher.andThen(batch)));
            }
        };
    }

    /** Rows on a disk with room for so many writes. */
    private static class LimitedRows implements Rows {
        private final Rows rows;
        int writes = 100;

        LimitedRows(Rows rows) {
            this.rows = rows;
        }

        @Override
        public boolean write(long bytes, Changes changes) {
            return writes-- > 0 && rows.write(bytes, changes);
        }

        @Override
        public boolean flush() {
            return writes > 0 && rows.flush();
        }

        @Override
        public byte[] get(Table table, byte[] key) {
            return rows.get(table, key);
        }

        @Override
        public void scan(Table table, byte[] from, byte[] to, BiPredicate<byte[], byte[]> visitor) {
            rows.scan(table, from, to, visitor);
        }

        @Override
        public void close() {
            rows.close();
        }
    }
}
