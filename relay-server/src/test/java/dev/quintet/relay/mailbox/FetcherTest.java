package dev.quintet.relay.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.AccountId;
import dev.quintet.relay.journal.MemoryJournal;
import dev.quintet.relay.store.MemoryRows;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class FetcherTest {
    private static final AccountId ACCOUNT = new AccountId(1, 2);

    private final Queue<Runnable> home = new ArrayDeque<>();
    private final Queue<Runnable> reads = new ArrayDeque<>();
    private final List<Long> fetched = new ArrayList<>();
    private final Fetcher fetcher =
            new Fetcher(new MemoryRows(), MemoryJournal.durableAtOnce(), this::read, home::add, failure -> {
                throw new AssertionError(failure);
            });
    private int places = Integer.MAX_VALUE;

    private void read(Runnable task) {
        if (reads.size() >= places) {
            throw new RejectedExecutionException();
        }
        reads.add(task);
    }

    private void fetch(long from) {
        fetch(from, () -> true);
    }

    private void fetch(long from, BooleanSupplier isWanted) {
        var request =
                new Fetcher.Request(isWanted, page -> fetched.add(page.get(0).sequence()));
        fetcher.fetchFromImage(ACCOUNT, 1, from, from + 1, request);
    }

    private void runAll() {
        while (!reads.isEmpty() || !home.isEmpty()) {
            Queue<Runnable> next = reads.isEmpty() ? home : reads;
            next.remove().run();
        }
    }

    @Test
    void readsAFewPagesAtATimeInTheirOrder() {
        for (long from = 1; from <= 3 * Fetcher.CONCURRENT; from++) {
            fetch(from);
        }

        assertThat(reads).hasSize(Fetcher.CONCURRENT);
        runAll();
        assertThat(fetched).hasSize(3 * Fetcher.CONCURRENT).isSorted();
    }

    @Test
    void triesAgainWhenTheReadThreadsRefuse() {
        places = 0;
        fetch(1);
        fetch(2);
        home.remove().run();
        assertThat(reads).isEmpty();

        places = 1;
        home.remove().run();
        runAll();

        assertThat(fetched).containsExactly(1L, 2L);
    }

    @Test
    void readsNothingThatNobodyWantsAnyMore() {
        for (long from = 1; from <= Fetcher.CONCURRENT; from++) {
            fetch(from, () -> false);
        }
        fetch(99);

        runAll();

        assertThat(fetched).containsExactly(99L);
    }
}
