package dev.quintet.relay.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.AccountId;
import dev.quintet.relay.account.UniqueNames.Verdict;
import dev.quintet.relay.store.MemoryRows;
import dev.quintet.relay.store.Table;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class UniqueNamesTest {
    private static final NameRows NAMES = new NameRows(new Table("names"));
    private static final byte[] NAME = {1};
    private static final AccountId ALICE = new AccountId(1, 1);
    private static final AccountId BOB = new AccountId(2, 2);

    private final UniqueNames names = new UniqueNames(NAMES, new MemoryRows(), Runnable::run);

    private Verdict claim(AccountId account) {
        List<Verdict> verdicts = new ArrayList<>();
        names.claim(NAME, account, verdicts::add);
        return verdicts.get(0);
    }

    @Test
    void isBusyWhileTheSameAccountClaims() {
        assertThat(claim(ALICE)).isEqualTo(Verdict.GRANTED);
        assertThat(claim(ALICE)).isEqualTo(Verdict.BUSY);
        assertThat(claim(BOB)).isEqualTo(Verdict.TAKEN);
    }

    @Test
    void isFreeAgainAfterAClaimWasWithdrawn() {
        claim(ALICE);
        names.withdraw(NAME);
        assertThat(names.count()).isZero();
        assertThat(claim(BOB)).isEqualTo(Verdict.GRANTED);
    }

    @Test
    void staysHeldWhenASecondClaimOfItsOwnerIsWithdrawn() {
        claim(ALICE);
        names.journaled(NAME, ALICE, 100);
        assertThat(claim(ALICE)).isEqualTo(Verdict.GRANTED);
        names.withdraw(NAME);
        assertThat(claim(BOB)).isEqualTo(Verdict.TAKEN);
    }

    @Test
    void isHeldInMemoryUntilTheImageHasPassedTheEntry() {
        claim(ALICE);
        names.imageAdvanced(1_000);
        assertThat(names.count()).isOne();
        names.journaled(NAME, ALICE, 1_000);
        names.imageAdvanced(1_000);
        assertThat(names.count()).isOne();
        names.imageAdvanced(1_001);
        assertThat(names.count()).isZero();
    }

    @Test
    void leavesNothingBehindWhenTooManyReadsWait() {
        UniqueNames full = new UniqueNames(NAMES, new MemoryRows(), task -> {
            throw new RejectedExecutionException();
        });
        List<Verdict> verdicts = new ArrayList<>();
        full.claim(NAME, ALICE, verdicts::add);
        assertThat(verdicts).containsExactly(Verdict.BUSY);
        assertThat(full.count()).isZero();
        assertThat(full.find(NAME, found -> {})).isFalse();
    }

    @Test
    @Timeout(30)
    void grantsEachNameOnceWhateverRacesForIt() throws InterruptedException {
        ExecutorService readers = Executors.newFixedThreadPool(2);
        ExecutorService claimers = Executors.newFixedThreadPool(8);
        UniqueNames raced = new UniqueNames(NAMES, new MemoryRows(), readers);
        AtomicInteger granted = new AtomicInteger();
        CountDownLatch verdicts = new CountDownLatch(8 * 500);
        for (int index = 0; index < 8 * 500; index++) {
            byte[] name = ByteBuffer.allocate(4).putInt(index / 8).array();
            AccountId account = new AccountId(index % 8, 0);
            claimers.execute(() -> raced.claim(name, account, verdict -> {
                if (verdict == Verdict.GRANTED) {
                    granted.incrementAndGet();
                }
                verdicts.countDown();
            }));
        }
        verdicts.await();
        claimers.shutdownNow();
        readers.shutdownNow();
        assertThat(granted).hasValue(500);
    }
}
