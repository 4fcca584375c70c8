package dev.quintet.relay.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal on its own thread, with others that append to it. */
final class JournalThreadTest {
    private static final JournalConfig CONFIG = new JournalConfig(256 << 10, 64 << 10);
    private static final int PRODUCERS = 4;
    private static final int ENTRIES_EACH = 5_000;

    private final ExecutorService background = Executors.newSingleThreadExecutor();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();

    @AfterEach
    void stopBackground() {
        background.shutdown();
        assertThat(failures).isEmpty();
    }

    private FileJournal start(Disk disk) throws Exception {
        return start(disk, System::nanoTime);
    }

    private FileJournal start(Disk disk, LongSupplier nanoClock) throws Exception {
        FileJournal journal = FileJournal.open(
                CONFIG,
                new JournalEnvironment(
                        disk,
                        background,
                        nanoClock,
                        new SplittableRandom(1),
                        new SimpleMeterRegistry(),
                        failures::add));
        journal.start(task -> new Thread(task, "journal"));
        return journal;
    }

    @Test
    void keepsAllEntriesOfConcurrentThreadsInTheOrderOfEachPartition(@TempDir Path directory) throws Exception {
        FileJournal journal = start(new FileDisk(directory));
        List<Thread> producers = IntStream.range(0, PRODUCERS)
                .mapToObj(partition -> new Thread(() -> produce(journal, partition)))
                .toList();
        producers.forEach(Thread::start);
        for (Thread producer : producers) {
            producer.join();
        }
        journal.close();

        FileJournal again = start(new FileDisk(directory));
        List<List<Integer>> found = new ArrayList<>();
        IntStream.range(0, PRODUCERS).forEach(partition -> found.add(new ArrayList<>()));
        again.replay(
                0,
                again.durablePosition(),
                entry -> found.get(entry.partition()).add(entry.body().getInt(0)));
        again.close();
        List<Integer> expected = IntStream.range(0, ENTRIES_EACH).boxed().toList();
        assertThat(found).allMatch(expected::equals).hasSize(PRODUCERS);
    }

    private static void produce(FileJournal journal, int partition) {
        SplittableRandom random = new SplittableRandom(partition);
        ByteBuf body = Unpooled.buffer(1_024);
        for (int number = 0; number < ENTRIES_EACH; number++) {
            body.clear().writeInt(number).writeZero(random.nextInt(1_000));
            while (journal.append(partition, EntryType.SUBMISSION, body) < 0) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void wakesUpForEachEntry() throws Exception {
        FileJournal journal = start(new ForgetfulDisk());
        int late = 0;
        for (int round = 0; round < 10_000 && late < 5; round++) {
            long start = System.nanoTime();
            long position = append(journal, round);
            awaitDurable(journal, position);
            late += isLate(start) ? 1 : 0;
            journal.release(position);
        }
        journal.close();

        assertThat(late).isLessThan(2);
    }

    /** The clock is read whenever the thread looks whether to sleep; just then the second entry comes, at each look once. */
    @Test
    void neverSleepsOverAnEntryThatComesWhileItGoesToSleep() throws Exception {
        AtomicLong awaited = new AtomicLong(Long.MAX_VALUE);
        AtomicInteger looks = new AtomicInteger();
        AtomicLong answer = new AtomicLong(-1);
        AtomicReference<FileJournal> journal = new AtomicReference<>();
        journal.set(start(new ForgetfulDisk(), () -> {
            if (journal.get() != null
                    && journal.get().durablePosition() > awaited.get()
                    && looks.getAndDecrement() == 0) {
                awaited.set(Long.MAX_VALUE);
                answer.set(append(journal.get(), 2));
            }
            return System.nanoTime();
        }));
        int late = 0;
        for (int look = 0; look < 8; look++) {
            answer.set(-1);
            looks.set(look);
            long start = System.nanoTime();
            awaited.set(journal.get().durablePosition());
            append(journal.get(), 1);
            while (answer.get() < 0) {
                Thread.onSpinWait();
            }
            awaitDurable(journal.get(), answer.get());
            late += isLate(start) ? 1 : 0;
        }
        journal.get().close();

        assertThat(late).isLessThan(2);
    }

    private static long append(FileJournal journal, int number) {
        return journal.append(0, EntryType.SUBMISSION, Unpooled.buffer(4).writeInt(number));
    }

    private static void awaitDurable(FileJournal journal, long position) {
        while (journal.durablePosition() <= position) {
            Thread.onSpinWait();
        }
    }

    /** A lost wake-up costs a second; a busy machine may cost one once. */
    private static boolean isLate(long startNanos) {
        return System.nanoTime() - startNanos > TimeUnit.MILLISECONDS.toNanos(900);
    }

    @Test
    void makesAllDurableOnClose() throws Exception {
        ForgetfulDisk disk = new ForgetfulDisk();
        FileJournal journal = start(disk);
        for (int number = 0; number < 100; number++) {
            append(journal, number);
        }
        journal.close();
        disk.restart(new SplittableRandom(1));

        FileJournal again = start(disk);
        AtomicInteger count = new AtomicInteger();
        again.replay(0, again.durablePosition(), entry -> count.incrementAndGet());
        again.close();
        assertThat(count.get()).isEqualTo(100);
    }
}
