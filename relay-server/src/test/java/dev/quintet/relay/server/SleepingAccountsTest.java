package dev.quintet.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.AccountId;
import dev.quintet.relay.account.LinkAlerts;
import dev.quintet.relay.journal.DeviceListEntry;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.journal.FileDisk;
import dev.quintet.relay.journal.FileJournal;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.journal.JournalConfig;
import dev.quintet.relay.journal.JournalEnvironment;
import dev.quintet.relay.journal.Partitions;
import dev.quintet.relay.rooms.TestAccount;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What accounts cost that nobody talks to: disk, and nothing else. Alone, since it looks at the heap of its JVM. */
@Isolated
class SleepingAccountsTest {
    private static final Logger LOG = LoggerFactory.getLogger(SleepingAccountsTest.class);
    private static final int FEW = 1_000;
    private static final int MANY = Integer.getInteger("quintet.sleeping.accounts", 100_000);

    /** Less than an account id. What a heap differs by from one start to the next is about a tenth of it. */
    private static final int BYTES_FOR_EACH = 12;

    private static final Consumer<Throwable> FAILURE = failure -> {
        throw new AssertionError(failure);
    };

    @TempDir
    private Path folder;

    @Test
    void takeNoMemoryAndAreNotReadAtStart() throws IOException {
        Path few = folder.resolve("few");
        Path many = folder.resolve("many");
        register(few, FEW);
        register(many, MANY);
        long unusedHeap = heapAfterStart(few);

        long fewHeap = heapAfterStart(few);
        long manyHeap = heapAfterStart(many);

        LOG.info(
                "heap: {} KiB at first, {} KiB with {} accounts, {} KiB with {}",
                unusedHeap >> 10,
                fewHeap >> 10,
                FEW,
                manyHeap >> 10,
                MANY);
        assertThat(manyHeap - fewHeap).isLessThan((long) BYTES_FOR_EACH * (MANY - FEW));
    }

    /** Makes a data directory in which so many accounts are in the image. */
    private static void register(Path data, int count) throws IOException {
        start(data).close();
        ExecutorService background = Executors.newSingleThreadExecutor();
        try (FileJournal journal = FileJournal.open(
                new JournalConfig(16 << 20, 8 << 20),
                new JournalEnvironment(
                        new FileDisk(data.resolve("journal")),
                        background,
                        System::nanoTime,
                        new Random(1),
                        new SimpleMeterRegistry(),
                        FAILURE))) {
            journal.start(Thread::new);
            appendAccounts(journal, count);
        } finally {
            background.shutdown();
        }
        start(data).close();
    }

    /** The list is the same in all: nobody looks at it again. */
    private static void appendAccounts(Journal journal, int count) {
        byte[] list = new TestAccount(1).list(1, 1, 2, 3, 4, 5).signed().toByteArray();
        Random random = new Random(count);
        for (int index = 0; index < count; index++) {
            AccountId account = new AccountId(random.nextLong(), random.nextLong());
            ByteBuf entry = Unpooled.buffer();
            DeviceListEntry.write(entry, account, 1, List.of(), LinkAlerts.NONE.toBytes(), list);
            while (journal.append(Partitions.of(account), EntryType.DEVICE_LIST, entry) < 0) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
        }
    }

    private static RelayServer start(Path data) {
        Map<String, ?> options = Map.of(
                "data-directory",
                data.toString(),
                "listen.address",
                "127.0.0.1",
                "listen.port",
                0,
                "admin.port",
                0,
                "tls.mode",
                "off",
                "journal.segment-bytes",
                "16 MiB");
        return RelayServer.start(RelayConfig.read(null, options), FAILURE);
    }

    /** In bytes, of all that is reachable in this JVM. */
    private static long heapAfterStart(Path data) {
        long startNanos = System.nanoTime();
        try (RelayServer ready = start(data)) {
            LOG.info(
                    "{} ready after {} ms, at {}",
                    data.getFileName(),
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos),
                    ready.address());
            System.gc();
            System.gc();
            return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        }
    }
}
