package dev.quintet.benchmarks;

import dev.quintet.benchmarks.BenchmarkJournal.Place;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Secret;
import dev.quintet.protocol.Submission;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.ListedDevice;
import dev.quintet.protocol.wire.Role;
import dev.quintet.relay.account.AccountChapter;
import dev.quintet.relay.account.ClockLimits;
import dev.quintet.relay.account.GuardedClock;
import dev.quintet.relay.account.Home;
import dev.quintet.relay.account.Homes;
import dev.quintet.relay.account.IdentityKeys;
import dev.quintet.relay.account.KeyLimits;
import dev.quintet.relay.account.PrekeyChapter;
import dev.quintet.relay.account.PrekeyGround;
import dev.quintet.relay.account.Prekeys;
import dev.quintet.relay.account.UniqueNames;
import dev.quintet.relay.fanout.CallLimits;
import dev.quintet.relay.fanout.FanOut;
import dev.quintet.relay.fanout.FanOutMeters;
import dev.quintet.relay.fanout.OpenCalls;
import dev.quintet.relay.fanout.RecentChapter;
import dev.quintet.relay.fanout.Sender;
import dev.quintet.relay.fanout.SubmissionLimits;
import dev.quintet.relay.fanout.Submissions;
import dev.quintet.relay.journal.AfterDurable;
import dev.quintet.relay.link.DeviceLists;
import dev.quintet.relay.link.ListAnswer;
import dev.quintet.relay.mailbox.Ground;
import dev.quintet.relay.mailbox.HotTier;
import dev.quintet.relay.mailbox.MailboxChapter;
import dev.quintet.relay.mailbox.MailboxLimits;
import dev.quintet.relay.mailbox.Mailboxes;
import dev.quintet.relay.store.Chapter;
import dev.quintet.relay.store.Image;
import dev.quintet.relay.store.Residents;
import dev.quintet.relay.store.RocksRows;
import dev.quintet.relay.store.StoreConfig;
import dev.quintet.relay.store.Table;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.stream.Stream;

/**
 * The relay's rooms from the fan-out down, as the relay builds them, on one thread, with one account of five devices.
 *
 * <p><b>Thread:</b> the benchmark's. What would be tasks of a loop or reads on other threads waits for {@link #run}.
 */
final class BenchmarkRooms implements AutoCloseable {
    /** Devices of the account. */
    static final int DEVICES = 5;

    private static final int MANY = 1 << 24;
    private static final long DUE_BYTES = 32 << 20;

    private final AccountId account = new AccountId(1, 2);
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final AccountChapter accounts = new AccountChapter();
    private final MailboxChapter mailboxChapter = new MailboxChapter();
    private final PrekeyChapter prekeyChapter = new PrekeyChapter();
    private final RecentChapter recent = new RecentChapter();
    private final BenchmarkJournal journal;
    private final Path folder;
    private final RocksRows rows;
    private final Image image;
    private final Home home;
    private final HotTier hotTier;
    private final Mailboxes mailboxes;
    private final DeviceLists deviceLists;
    private final Submissions submissions;

    /** @param hotTierBytes memory for envelopes just accepted */
    BenchmarkRooms(Place place, long hotTierBytes) {
        List<Chapter<?>> chapters = List.of(accounts, mailboxChapter, prekeyChapter, recent);
        List<Table> tables =
                chapters.stream().flatMap(chapter -> chapter.tables().stream()).toList();
        folder = temporaryFolder();
        journal = new BenchmarkJournal(place, meters);
        rows = RocksRows.open(folder, tables, StoreConfig.defaults(), meters);
        image = new Image(journal.journal(), rows, chapters, BenchmarkRooms::fail);
        image.recover();
        Residents residents = new Residents(image, StoreConfig.defaults(), tasks::add, tasks::add, () -> true);
        home = new Home(0, tasks::add, () -> true, residents, new AfterDurable(() -> 0, tasks::add));
        hotTier = new HotTier(hotTierBytes, 0, meters);
        mailboxes = new Mailboxes(mailboxChapter, new MailboxLimits(MANY, 1L << 40, MANY, 1 << 30, 1 << 30), ground());
        Prekeys prekeys = new Prekeys(
                accounts,
                prekeyChapter,
                new KeyLimits(1_000, 6, 600_000, 1_000),
                new PrekeyGround(
                        home, 1, journal.journal(), rows, tasks::add, System::nanoTime, BenchmarkRooms::fail, meters),
                mailboxes::tellKeysExhausted);
        UniqueNames identityNames = new UniqueNames(accounts.identityKeys(), rows, tasks::add);
        image.onAdvance(identityNames::imageAdvanced);
        deviceLists = new DeviceLists(
                home,
                accounts,
                mailboxes,
                prekeys,
                new IdentityKeys(home, identityNames),
                (changed, list) -> {},
                journal.journal(),
                InstantSource.system());
        SubmissionLimits limits = new SubmissionLimits(1024, 64 << 10, 30 * 86_400, 3, 3_600, 10_000, 30_000);
        FanOut fanOut = new FanOut(
                home,
                mailboxes,
                prekeys,
                journal.journal(),
                new FanOut.Chapters(accounts, recent),
                limits,
                InstantSource.system(),
                new FanOutMeters(meters),
                new OpenCalls(CallLimits.defaults(), 1, System::nanoTime, meters));
        submissions = new Submissions(new Homes(List.of(home)), List.of(fanOut), limits);
        journal.journal().onDurable(home.afterDurable()::advance);
        image.onAdvance(position -> {
            mailboxes.imageAdvanced(position);
            prekeys.imageAdvanced(position);
            residents.imageAdvanced(position);
        });
        register();
    }

    private Ground ground() {
        GuardedClock clock =
                new GuardedClock(InstantSource.system(), System::nanoTime, ClockLimits.defaults(), 0, meters);
        return new Ground(
                home.residents(),
                journal.journal(),
                home.afterDurable(),
                hotTier,
                rows,
                tasks::add,
                tasks::add,
                clock,
                BenchmarkRooms::fail,
                meters);
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("quintet-benchmark-image-");
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
    }

    private static void fail(Throwable failure) {
        throw new IllegalStateException("the process would have stopped", failure);
    }

    private void register() {
        Random random = new Random(1);
        Ed25519Secret accountSecret = secret(random);
        DeviceListContent.Builder content = DeviceListContent.newBuilder()
                .setAccount(account.toByteString())
                .setVersion(1)
                .setAccountKey(accountSecret.publicKey().toByteString())
                .addDevices(listed(1, random));
        DeviceList first = DeviceList.parseKnown(DeviceList.sign(content.build(), accountSecret));
        deviceLists.register(first, BenchmarkRooms::checkStored);
        commit();
        for (int number = 2; number <= DEVICES; number++) {
            content.addDevices(listed(number, random));
        }
        DeviceList all =
                DeviceList.parseKnown(DeviceList.sign(content.setVersion(2).build(), accountSecret));
        home.residents()
                .with(account, resident -> deviceLists.put(resident, 1, all, List.of(), BenchmarkRooms::checkStored));
        commit();
    }

    private static void checkStored(ListAnswer answer) {
        if (!answer.isStored()) {
            throw new IllegalStateException(answer.message());
        }
    }

    private static Ed25519Secret secret(Random random) {
        byte[] seed = new byte[Ed25519Secret.SEED_BYTES];
        random.nextBytes(seed);
        return Ed25519Secret.of(seed);
    }

    private static ListedDevice listed(int number, Random random) {
        return ListedDevice.newBuilder()
                .setDevice(number)
                .setIdentityKey(secret(random).publicKey().toByteString())
                .setRegistrationId(registrationId(number))
                .setRole(number == 1 ? Role.PRIMARY : Role.COMPANION)
                .build();
    }

    /** The account that submissions go to. */
    AccountId account() {
        return account;
    }

    static int registrationId(int device) {
        return 1_000 + device;
    }

    /** Connects one subscriber for each device, in the place of those before. */
    void subscribe(BenchmarkDevice[] devices) {
        home.residents().with(account, resident -> {
            for (BenchmarkDevice device : devices) {
                device.opens(mailboxes, resident, mailboxes.mailbox(resident, device.number()));
            }
        });
        commit();
    }

    /** Disconnects them. */
    void unsubscribe(BenchmarkDevice[] devices) {
        home.residents().with(account, resident -> {
            for (BenchmarkDevice device : devices) {
                mailboxes.unsubscribe(resident, mailboxes.mailbox(resident, device.number()), device);
            }
        });
        commit();
    }

    /** Hands a submission in; it is owned by the rooms now. */
    void submit(Sender sender, Submission submission) {
        if (submissions.submit(sender, submission) != null) {
            throw new IllegalStateException("the submission was refused");
        }
        run();
    }

    /** Runs what waits, and lets the disk take what was appended, until nothing more is to do. */
    void commit() {
        do {
            run();
        } while (journal.journal().commit());
        run();
    }

    /** Runs everything that waits. */
    void run() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Brings the image up to date, which frees journal and memory, if that is worth it. */
    void checkpointIfDue() {
        commit();
        if (image.lagBytes() > DUE_BYTES) {
            image.checkpoint();
            run();
        }
    }

    @Override
    public void close() {
        commit();
        mailboxes.close();
        hotTier.close();
        rows.close();
        journal.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
    }
}
