package dev.quintet.relay.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.LinkCloseReason;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.ServerFrame;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several primaries, a new device and the clock act on one offer at once: what comes of it, one order could have given. */
@Timeout(60)
class LinkOffersStressTest {
    private static final LinkLimits LIMITS = new LinkLimits(3, 1_000_000, 60, 20, 160, 120, 600, 3, 5, 8, 1_000);
    private static final Asking ASKING =
            new Asking(ByteString.copyFrom(new byte[32]), Platform.LINUX, "laptop", "192.0.2.0/24");
    private static final int PRIMARIES = 3;
    private static final int ROUNDS = 1_500;

    private final LinkOffers offers = new LinkOffers(LIMITS, () -> 1, new Random(1), new SimpleMeterRegistry());

    /** Remembers what it is told, by whichever thread. */
    private static final class Party implements LinkParty {
        private final ConcurrentLinkedQueue<ServerFrame> told = new ConcurrentLinkedQueue<>();
        private final ConcurrentLinkedQueue<LinkCloseReason> ends = new ConcurrentLinkedQueue<>();

        @Override
        public void tell(ServerFrame.Builder frame) {
            told.add(frame.build());
        }

        @Override
        public void ended(ServerFrame.Builder last) {
            ends.add(last.getLinkOfferClosed().getReason());
        }

        long claims() {
            return told.stream().filter(ServerFrame::hasLinkOfferClaimed).count();
        }
    }

    @Test
    void letsOneClaimWinAndEndsEveryOfferOnceForBoth() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(PRIMARIES + 1);
        Map<ErrorCode, Integer> lost = new EnumMap<>(ErrorCode.class);
        long won = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Party newDevice = new Party();
            assertThat(offers.open(newDevice, ASKING, false, "192.0.2.7", 1)).isNull();
            List<Party> primaries = List.of(new Party(), new Party(), new Party());
            List<ErrorCode> answers = race(threads, newDevice, primaries, round);
            long winners = answers.stream().filter(answer -> answer == null).count();
            answers.stream().filter(answer -> answer != null).forEach(answer -> lost.merge(answer, 1, Integer::sum));

            assertThat(offers.count()).isZero();
            assertThat(winners).isLessThanOrEqualTo(1);
            assertThat(newDevice.claims()).isEqualTo(winners);
            assertThat(newDevice.ends).hasSize(1);
            for (int index = 0; index < PRIMARIES; index++) {
                int own = answers.get(index) == null ? 1 : 0;
                assertThat(primaries.get(index).claims()).isEqualTo(own);
                assertThat(primaries.get(index).ends).hasSize(own);
            }
            won += winners;
        }
        threads.shutdown();
        assertThat(won).as("claims that won").isBetween(1L, (long) ROUNDS);
        assertThat(lost).as("and were lost").containsKeys(ErrorCode.LINK_OFFER_USED, ErrorCode.LINK_OFFER_EXPIRED);
    }

    /** All at once: the primaries claim, and the new device looks and leaves sooner or later. */
    private List<ErrorCode> race(ExecutorService threads, Party newDevice, List<Party> primaries, int round)
            throws Exception {
        ByteString reference = newDevice.told.peek().getLinkOffer().getReference();
        CyclicBarrier start = new CyclicBarrier(PRIMARIES + 1);
        SplittableRandom random = new SplittableRandom(round);
        List<Future<ErrorCode>> claims = new ArrayList<>();
        for (Party primary : primaries) {
            int spins = random.nextInt(300);
            claims.add(threads.submit(() -> {
                spin(start, spins);
                LinkRefusal refusal = offers.claim(primary, 4, reference, 2);
                return refusal == null ? null : refusal.code();
            }));
        }
        int spins = random.nextInt(600);
        Future<?> leaving = threads.submit(() -> {
            spin(start, spins);
            offers.look(newDevice);
            offers.left(newDevice);
            return null;
        });
        leaving.get();
        List<ErrorCode> answers = new ArrayList<>();
        for (Future<ErrorCode> claim : claims) {
            answers.add(claim.get());
        }
        return answers;
    }

    private static void spin(CyclicBarrier start, int spins) throws Exception {
        start.await();
        for (int spin = 0; spin < spins; spin++) {
            Thread.onSpinWait();
        }
    }
}
