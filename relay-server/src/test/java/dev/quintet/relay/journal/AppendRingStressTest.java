package dev.quintet.relay.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Appends from several threads at once while another one takes batches out, and asks whether what came of it could also
 * have come of one append after the other.
 */
@Timeout(60)
class AppendRingStressTest {
    private static final int CAPACITY = 4 << 10;
    private static final int PRODUCERS = 3;
    private static final int ENTRIES_EACH = 400;
    private static final int ROUNDS = 10;
    private static final long NO_LIMIT = Long.MAX_VALUE;

    /** What is under test: answers the position of an entry, or a negative number while there is no room. */
    private interface Log {
        long append(int producer, int number, int bytes);
    }

    /**
     * One append that has come to its end.
     *
     * @param began tick of a clock that all threads share, before it
     * @param ended and after it
     */
    private record Appended(int producer, int number, long position, long began, long ended) {}

    /** Lets all producers loose on the log; answers all appends. */
    private static List<Appended> race(Log log, long seed) throws Exception {
        AtomicLong ticks = new AtomicLong();
        CyclicBarrier start = new CyclicBarrier(PRODUCERS);
        ExecutorService threads = Executors.newFixedThreadPool(PRODUCERS);
        try {
            List<Future<List<Appended>>> racing = new ArrayList<>();
            for (int producer = 0; producer < PRODUCERS; producer++) {
                racing.add(threads.submit(producer(log, producer, seed, ticks, start)));
            }
            List<Appended> all = new ArrayList<>();
            for (Future<List<Appended>> done : racing) {
                all.addAll(done.get());
            }
            return all;
        } finally {
            threads.shutdownNow();
        }
    }

    private static Callable<List<Appended>> producer(
            Log log, int producer, long seed, AtomicLong ticks, CyclicBarrier start) {
        return () -> {
            SplittableRandom random = new SplittableRandom(seed * PRODUCERS + producer);
            List<Appended> done = new ArrayList<>();
            start.await();
            for (int number = 0; number < ENTRIES_EACH; number++) {
                long position;
                long began;
                do {
                    began = ticks.incrementAndGet();
                    position = log.append(producer, number, random.nextInt(Long.BYTES, 200));
                } while (position < 0);
                done.add(new Appended(producer, number, position, began, ticks.incrementAndGet()));
            }
            return done;
        };
    }

    /** What is wrong with a history: whoever began after another one had ended stands behind it; no two in one place. */
    private static String fault(List<Appended> history) {
        List<Appended> inOrder = new ArrayList<>(history);
        inOrder.sort(Comparator.comparingLong(Appended::position));
        long latestBegin = 0;
        for (int index = 0; index < inOrder.size(); index++) {
            Appended next = inOrder.get(index);
            if (index > 0 && inOrder.get(index - 1).position() == next.position()) {
                return "two stand in one place: " + inOrder.get(index - 1) + " and " + next;
            }
            if (next.ended() < latestBegin) {
                return next + " stands behind one that began later than it ended";
            }
            latestBegin = Math.max(latestBegin, next.began());
        }
        return "";
    }

    @Test
    void appendsAsIfOneCameAfterTheOther() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            AppendRing ring = new AppendRing(CAPACITY, 0, round, 0);
            Consumer consumer = new Consumer(ring);
            Thread thread = new Thread(consumer, "consumer");
            thread.start();
            List<Appended> history = race((producer, number, bytes) -> append(ring, producer, number, bytes), round);
            consumer.isLast = true;
            thread.join();

            assertThat(fault(history)).as("round %d", round).isEmpty();
            Map<Long, Long> expected = new HashMap<>();
            history.forEach(each -> expected.put(each.position(), named(each.producer(), each.number())));
            assertThat(consumer.found).as("round %d", round).isEqualTo(expected);
        }
    }

    private static long append(AppendRing ring, int producer, int number, int bytes) {
        ByteBuf body = Unpooled.buffer(bytes).writeLong(named(producer, number)).writeZero(bytes - Long.BYTES);
        return ring.append(producer, EntryType.SUBMISSION, body, NO_LIMIT);
    }

    private static long named(int producer, int number) {
        return (long) producer << Integer.SIZE | number;
    }

    /** Takes batches out, as the journal thread does, and reads every entry in them. */
    private static final class Consumer implements Runnable {
        private final AppendRing ring;
        private final Map<Long, Long> found = new HashMap<>();
        private volatile boolean isLast;

        Consumer(AppendRing ring) {
            this.ring = ring;
        }

        @Override
        public void run() {
            long position = 0;
            while (!isLast || position < ring.tail()) {
                AppendRing.Batch batch = ring.published(position);
                for (int index = 0; index < batch.bytes().limit(); ) {
                    int length = batch.bytes().getInt(index);
                    if (batch.bytes().get(index + EntryLayout.TYPE) == EntryType.SUBMISSION.number()) {
                        found.put(position + index, batch.bytes().getLong(index + EntryLayout.HEADER_BYTES));
                    }
                    index += EntryLayout.occupied(length);
                }
                position = batch.end();
                ring.reclaim(batch);
            }
        }
    }

    /** The control: a log that looks and then takes, without holding on in between. */
    @Test
    void findsOutALogThatClaimsCarelessly() throws Exception {
        String fault = "";
        for (int round = 0; round < ROUNDS && fault.isEmpty(); round++) {
            AtomicInteger tail = new AtomicInteger();
            fault = fault(race(
                    (producer, number, bytes) -> {
                        int position = tail.get();
                        Thread.yield();
                        tail.set(position + 1);
                        return position;
                    },
                    round));
        }
        assertThat(fault).isNotEmpty();
    }

    /** The other control: places are given out once, but not in the order of time. */
    @Test
    void findsOutALogThatLetsTheLateOvertakeTheEarly() throws Exception {
        AtomicLong next = new AtomicLong(1L << 40);

        assertThat(fault(race((producer, number, bytes) -> next.decrementAndGet(), 1)))
                .contains("began later than it ended");
    }
}
