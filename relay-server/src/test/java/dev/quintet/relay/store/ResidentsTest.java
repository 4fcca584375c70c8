package dev.quintet.relay.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.protocol.AccountId;
import dev.quintet.relay.journal.Entry;
import dev.quintet.relay.journal.MemoryJournal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Who is in memory, and in which order actions meet their account. */
class ResidentsTest {
    private static final AccountId ANN = new AccountId(1, 0);
    private static final AccountId BOB = new AccountId(2, 0);
    private static final AccountId EVE = new AccountId(3, 0);

    private final MemoryJournal journal = MemoryJournal.durableAtOnce();
    private final MemoryRows rows = new MemoryRows();
    private final LedgerChapter ledger = new LedgerChapter(true);
    private final UnreadableChapter unreadable = new UnreadableChapter();
    private final List<Throwable> failures = new ArrayList<>();
    private final Image image = new Image(journal, rows, List.of(ledger, unreadable), failures::add);
    private final Queue<Runnable> reads = new ArrayDeque<>();
    private final Queue<Runnable> home = new ArrayDeque<>();
    private final List<String> log = new ArrayList<>();
    private int readLimit = 1_000;
    private final Residents residents = residents(1 << 20);

    @Test
    void readsAnAccountOnceAndRunsWhatWaitedInOrder() {
        store(ANN);

        residents.with(ANN, resident -> log("first", resident));
        residents.with(ANN, resident -> log("second", resident));
        assertThat(log).isEmpty();
        assertThat(reads).hasSize(1);
        runAll();
        residents.with(ANN, resident -> log("third", resident));

        assertThat(log).containsExactly("first [1]", "second [1]", "third [1]");
        assertThat(reads).isEmpty();
    }

    @Test
    void queuesWhatAnActionAsksForBehindThoseThatWait() {
        store(ANN);
        residents.with(ANN, resident -> {
            log("first", resident);
            residents.with(ANN, again -> log("third", again));
        });
        residents.with(ANN, resident -> log("second", resident));

        runAll();

        assertThat(log).containsExactly("first [1]", "second [1]", "third [1]");
    }

    @Test
    void forgetsAnAccountOfWhichNothingIsKept() {
        residents.with(ANN, resident -> log("unknown", resident));
        runAll();

        assertThat(log).containsExactly("unknown null");
        assertThat(residents.count()).isZero();
    }

    @Test
    void keepsAChangedAccountUntilTheImageHasPassedTheChange() {
        Residents tight = residents(1);
        tight.with(ANN, resident -> {
            long position = LedgerChapter.add(journal, ANN, 1, 0);
            resident.setPart(ledger, List.of(1L));
            tight.changed(resident, position);
        });
        runAll();
        long position = journal.nextPosition();
        assertThat(tight.count()).isOne();
        tight.imageAdvanced(position - 40);
        assertThat(tight.count()).isOne();

        image.checkpoint();
        tight.imageAdvanced(position);
        assertThat(tight.count()).isZero();

        tight.with(ANN, resident -> log("again", resident));
        runAll();
        assertThat(log).containsExactly("again [1]");
    }

    @Test
    void goesByTheNewestChange() {
        Residents tight = residents(1);
        change(tight, ANN, 100);
        change(tight, BOB, 200);
        change(tight, ANN, 300);
        change(tight, EVE, 400);

        tight.imageAdvanced(201);
        assertThat(isPresent(tight, ANN)).isTrue();
        assertThat(isPresent(tight, BOB)).isFalse();
        assertThat(isPresent(tight, EVE)).isTrue();

        tight.imageAdvanced(301);
        assertThat(isPresent(tight, ANN)).isFalse();
        assertThat(isPresent(tight, EVE)).isTrue();
    }

    @Test
    void keepsAPinnedAccountUntilItIsUnpinnedAsOften() {
        store(ANN);
        Residents tight = residents(1);
        var held = new ArrayList<Resident>();
        tight.with(ANN, held::add);
        tight.with(ANN, resident -> {
            tight.pin(resident);
            tight.pin(resident);
        });
        runAll();

        tight.unpin(held.get(0));
        assertThat(tight.count()).isOne();
        tight.unpin(held.get(0));
        assertThat(tight.count()).isZero();
    }

    @Test
    void keepsAnAccountThatIsUnpinnedWhileItsChangeIsNotInTheImage() {
        Residents tight = residents(1);
        tight.with(ANN, resident -> {
            resident.setPart(ledger, List.of());
            tight.pin(resident);
            tight.changed(resident, 100);
            tight.unpin(resident);
        });
        runAll();

        assertThat(tight.count()).isOne();
    }

    @Test
    void letsTheLeastWantedGoWhenTheyWeighTooMuch() {
        for (int i = 0; i < 100; i++) {
            store(new AccountId(i, 9));
        }
        Residents few = residents(20 * new Weighed().weight());
        for (int i = 0; i < 100; i++) {
            few.with(new AccountId(i, 9), resident -> {});
            runAll();
        }

        assertThat(few.count()).isEqualTo(20);
    }

    @Test
    void keepsAnAccountInUseWhileOthersPushItOut() {
        store(ANN);
        store(BOB);
        store(EVE);
        Residents tight = residents(new Weighed().weight());
        tight.with(ANN, resident -> {});
        runAll();

        tight.with(ANN, resident -> {
            tight.with(BOB, other -> {});
            tight.with(EVE, other -> {});
            runAll();
            tight.changed(resident, 10);
        });

        assertThat(isPresent(tight, ANN)).isTrue();
    }

    @Test
    void refusesWhenTheReadersAreBusy() {
        readLimit = 1;
        assertThat(residents.with(ANN, resident -> log("ann", resident))).isTrue();

        assertThat(residents.with(BOB, resident -> log("bob", resident))).isFalse();
        assertThat(residents.with(ANN, resident -> log("ann", resident))).isTrue();
        runAll();
        assertThat(log).hasSize(2);
        assertThat(residents.with(BOB, resident -> log("bob", resident))).isTrue();
    }

    @Test
    void refusesWhenTooManyActionsWait() {
        for (int i = 0; i < 100; i++) {
            assertThat(residents.with(ANN, resident -> log("ann", resident))).isTrue();
        }

        assertThat(residents.with(ANN, resident -> log("ann", resident))).isFalse();
        assertThat(residents.with(BOB, resident -> log("bob", resident))).isFalse();
        runAll();
        assertThat(log).hasSize(100);
        assertThat(residents.with(BOB, resident -> log("bob", resident))).isTrue();
    }

    @Test
    void reportsALoadThatFailed() {
        unreadable.isBroken = true;

        residents.with(ANN, resident -> log("never", resident));
        runAll();

        assertThat(failures).singleElement().isInstanceOf(StoreException.class);
        assertThat(log).isEmpty();
    }

    @Test
    void runsTheOthersWhenOneActionThrows() {
        residents.with(ANN, resident -> {
            throw new IllegalStateException("a bug");
        });
        residents.with(ANN, resident -> log("second", resident));

        assertThatThrownBy(this::runAll).hasMessage("a bug");
        runAll();

        assertThat(log).containsExactly("second null");
        assertThat(residents.count()).isZero();
    }

    @Test
    void refusesTheChapterOfAnotherImage() {
        residents.with(
                ANN,
                resident -> assertThatThrownBy(() -> resident.part(new LedgerChapter(true)))
                        .isInstanceOf(IllegalArgumentException.class));
        runAll();
    }

    /** A model of the truth beside many small steps in random order: whoever looks at an account sees all of it. */
    @Test
    void showsEveryChangeWhateverIsEvictedFoldedAndKilledMeanwhile() {
        for (int seed = 0; seed < 100; seed++) {
            new Model(seed).run();
        }
    }

    private final class Model {
        private final Random random;
        private final MemoryJournal log = MemoryJournal.held();
        private final MemoryRows image = new MemoryRows();
        private final Map<AccountId, List<Long>> truth = new HashMap<>();
        private Image folded = fold();
        private Residents present = present();

        Model(int seed) {
            random = new Random(seed);
        }

        void run() {
            for (int i = 0; i < 300; i++) {
                step(random.nextInt(12));
            }
        }

        private void step(int kind) {
            switch (kind) {
                case 0 -> log.commit();
                case 1 -> folded.checkpoint();
                case 2 -> restart();
                case 3, 4 -> poll(reads);
                case 5, 6 -> poll(home);
                default -> present.with(new AccountId(random.nextInt(5), 0), this::look);
            }
        }

        private void look(Resident resident) {
            List<Long> lines = resident.part(ledger);
            List<Long> expected = truth.get(resident.account());
            assertThat(lines).isEqualTo(expected);
            var next = new ArrayList<>(expected == null ? List.of() : expected);
            next.add(next.size() + 1L);
            if (random.nextBoolean()) {
                truth.put(resident.account(), next);
                resident.setPart(ledger, next);
                present.changed(resident, LedgerChapter.add(log, resident.account(), next.size(), 0));
            }
        }

        private void restart() {
            log.commit();
            reads.clear();
            home.clear();
            image.crash(random);
            folded = fold();
            folded.recover();
            present = present();
        }

        private Image fold() {
            return new Image(log, image, List.of(ledger), failures::add);
        }

        private Residents present() {
            var made = new Residents(folded, config(1), ResidentsTest.this::read, home::add, () -> true);
            folded.onAdvance(position -> home.add(() -> made.imageAdvanced(position)));
            return made;
        }

        private void poll(Queue<Runnable> queue) {
            if (!queue.isEmpty()) {
                queue.poll().run();
            }
        }
    }

    /** What one of the stored accounts weighs. */
    private final class Weighed {
        int weight() {
            var resident = new Resident(ANN, image.chapters());
            resident.loaded(new Object[] {List.of(1L), null});
            return resident.weight();
        }
    }

    private static final class UnreadableChapter implements Chapter<String> {
        private boolean isBroken;

        @Override
        public List<Table> tables() {
            return List.of();
        }

        @Override
        public void fold(Entry entry, Page page) {}

        @Override
        public String load(AccountId account, Rows rows) {
            if (isBroken) {
                throw new StoreException("cannot read the image");
            }
            return null;
        }
    }

    private Residents residents(long warmBytes) {
        return new Residents(image, config(warmBytes), this::read, home::add, () -> true);
    }

    private static StoreConfig config(long warmBytes) {
        return new StoreConfig(1 << 20, 1 << 20, 32, warmBytes, 100, 1, 100, 1, 1);
    }

    private void read(Runnable read) {
        if (reads.size() >= readLimit) {
            throw new RejectedExecutionException();
        }
        reads.add(read);
    }

    private void store(AccountId account) {
        LedgerChapter.add(journal, account, 1, 0);
        image.checkpoint();
    }

    private void change(Residents of, AccountId account, long position) {
        of.with(account, resident -> {
            resident.setPart(ledger, List.of());
            of.changed(resident, position);
        });
        runAll();
    }

    private boolean isPresent(Residents of, AccountId account) {
        var ran = new ArrayList<Resident>();
        of.with(account, ran::add);
        boolean isPresent = !ran.isEmpty();
        runAll();
        return isPresent;
    }

    private void log(String name, Resident resident) {
        log.add(name + " " + resident.part(ledger));
    }

    private void runAll() {
        while (!reads.isEmpty() || !home.isEmpty()) {
            (reads.isEmpty() ? home : reads).poll().run();
        }
    }
}
