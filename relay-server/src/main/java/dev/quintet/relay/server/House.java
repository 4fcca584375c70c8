package dev.quintet.relay.server;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.Limits;
import dev.quintet.relay.account.AccountChapter;
import dev.quintet.relay.account.Correspondents;
import dev.quintet.relay.account.GuardedClock;
import dev.quintet.relay.account.HandleChapter;
import dev.quintet.relay.account.Handles;
import dev.quintet.relay.account.Home;
import dev.quintet.relay.account.Homes;
import dev.quintet.relay.account.IdentityKeys;
import dev.quintet.relay.account.LastSeen;
import dev.quintet.relay.account.PairAllowance;
import dev.quintet.relay.account.PrekeyChapter;
import dev.quintet.relay.account.PrekeyGround;
import dev.quintet.relay.account.Prekeys;
import dev.quintet.relay.account.UniqueNames;
import dev.quintet.relay.fanout.Calls;
import dev.quintet.relay.fanout.FanOut;
import dev.quintet.relay.fanout.FanOutMeters;
import dev.quintet.relay.fanout.OpenCalls;
import dev.quintet.relay.fanout.RecentChapter;
import dev.quintet.relay.fanout.RecentSenders;
import dev.quintet.relay.fanout.Submissions;
import dev.quintet.relay.journal.AfterDurable;
import dev.quintet.relay.journal.FileDisk;
import dev.quintet.relay.journal.FileJournal;
import dev.quintet.relay.journal.JournalEnvironment;
import dev.quintet.relay.link.Absences;
import dev.quintet.relay.link.DeviceLists;
import dev.quintet.relay.link.LinkAttemptChapter;
import dev.quintet.relay.link.LinkAttempts;
import dev.quintet.relay.link.LinkOffers;
import dev.quintet.relay.link.ListLimits;
import dev.quintet.relay.link.LogOuts;
import dev.quintet.relay.link.Registrations;
import dev.quintet.relay.mailbox.ExpirySweep;
import dev.quintet.relay.mailbox.Ground;
import dev.quintet.relay.mailbox.HotTier;
import dev.quintet.relay.mailbox.MailboxChapter;
import dev.quintet.relay.mailbox.Mailboxes;
import dev.quintet.relay.net.Departures;
import dev.quintet.relay.net.HomeRooms;
import dev.quintet.relay.net.Listener;
import dev.quintet.relay.net.LoopMover;
import dev.quintet.relay.net.NetMeters;
import dev.quintet.relay.net.Reception;
import dev.quintet.relay.net.Tls;
import dev.quintet.relay.net.Transport;
import dev.quintet.relay.net.Watch;
import dev.quintet.relay.store.Chapter;
import dev.quintet.relay.store.Checkpoints;
import dev.quintet.relay.store.FoldThread;
import dev.quintet.relay.store.Image;
import dev.quintet.relay.store.ReadThreads;
import dev.quintet.relay.store.Residents;
import dev.quintet.relay.store.RocksRows;
import dev.quintet.relay.store.StoreConfig;
import dev.quintet.relay.store.StoreException;
import dev.quintet.relay.store.Table;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rooms of a relay, built from the ground up: journal, image, then for each event loop what lives on it, and the
 * listener last.
 *
 * <p><b>Thread:</b> the one that builds it; {@link #close} from any, once. <b>Failure:</b> {@link StartRefused}.
 */
final class House implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(House.class);
    private static final int CRYPTO_THREADS = 2;
    private static final int FRAME_CHUNK_ORDER = 5;
    private static final int WAITING_CHECKS = 4096;
    private static final long GOODBYE_MILLIS = 1_500;

    /** How long a frame that need not leave alone waits for company. */
    private static final long COMPANY_MILLIS = 100;

    /**
     * For frames on their way out. Netty's default would make a new view of each buffer that something is copied into; its
     * pool by default grows by 4 MiB, this one by 256 KiB, so that what thousands of logins need at once goes back.
     */
    private static final ByteBufAllocator FRAME_BUFFERS = new PooledByteBufAllocator(
            true,
            0,
            PooledByteBufAllocator.defaultNumDirectArena(),
            PooledByteBufAllocator.defaultPageSize(),
            FRAME_CHUNK_ORDER,
            PooledByteBufAllocator.defaultSmallCacheSize(),
            PooledByteBufAllocator.defaultNormalCacheSize(),
            false);

    private static final long LOOK_MILLIS = 10;
    private static final long SWEEP_MINUTES = 60;
    private static final long NOTE_SECONDS = 300;

    private final RelayConfig config;
    private final DataDirectory directory;
    private final MeterRegistry meters;
    private final Consumer<Throwable> failure;
    private final InstantSource clock = InstantSource.system();
    private final SecureRandom random = new SecureRandom();
    private final Opened open = new Opened();

    private final AccountChapter accounts = new AccountChapter();
    private final MailboxChapter mailboxes = new MailboxChapter();
    private final HandleChapter handles = new HandleChapter();
    private final LinkAttemptChapter linkAttempts = new LinkAttemptChapter();
    private final PrekeyChapter prekeys = new PrekeyChapter();
    private final RecentChapter recent = new RecentChapter();

    private FileJournal journal;
    private GuardedClock sure;
    private RocksRows rows;
    private Image image;
    private UniqueNames handleNames;
    private UniqueNames identityNames;
    private final LinkOffers linkOffers;
    private ReadThreads readers;
    private Listener listener;

    House(RelayConfig config, DataDirectory directory, MeterRegistry meters, Consumer<Throwable> failure) {
        this.config = config;
        this.directory = directory;
        this.meters = meters;
        this.failure = failure;
        linkOffers = new LinkOffers(config.link(), System::nanoTime, random, meters);
    }

    /** Builds everything and listens. If something refuses, {@link #close} tears down what was built. */
    void build(Optional<ServerCertificate> certificate) {
        try {
            CompletableFuture<Transport> transport = loadLibraries();
            openJournal();
            openImage();
            MultiThreadIoEventLoopGroup loops = openLoops(transport.join());
            List<Floor> floors = buildFloors(loops);
            sweepExpired(floors);
            Reception reception = buildReception(floors, certificate);
            listener =
                    open.keep(Listener.open(bindAddress(), transport.join(), loops, context(certificate), reception));
        } catch (IOException broken) {
            throw new StartRefused("cannot open the data in " + directory.path() + ": " + broken.getMessage());
        } catch (StoreException | IllegalArgumentException refused) {
            throw new StartRefused(refused.getMessage());
        }
    }

    /** Where devices connect. */
    InetSocketAddress address() {
        return listener.address();
    }

    private InetSocketAddress bindAddress() {
        return new InetSocketAddress(config.listen().address(), config.listen().port());
    }

    // The ground floor

    /** Native libraries take as long as recovering the journal, so they are loaded meanwhile. */
    private CompletableFuture<Transport> loadLibraries() {
        return CompletableFuture.supplyAsync(
                () -> {
                    RocksRows.loadLibrary(directory.room("image"));
                    return config.listen().transport().orFallBack(eventLoops());
                },
                task -> named("quintet-libraries").newThread(task).start());
    }

    private void openJournal() throws IOException {
        ExecutorService background = keepThreads(Executors.newSingleThreadExecutor(named("quintet-segments")));
        FileDisk disk = new FileDisk(directory.room("journal"));
        journal = open.keep(FileJournal.open(
                config.journal(), new JournalEnvironment(disk, background, System::nanoTime, random, meters, failure)));
        journal.start(named("quintet-journal"));
    }

    private void openImage() {
        List<Chapter<?>> chapters = List.of(accounts, handles, linkAttempts, mailboxes, prekeys, recent);
        List<Table> tables =
                chapters.stream().flatMap(chapter -> chapter.tables().stream()).toList();
        rows = open.keep(RocksRows.open(directory.room("image"), tables, config.store(), meters));
        image = new Image(journal, rows, chapters, failure);
        Checkpoints checkpoints = new Checkpoints(image, config.store(), System::nanoTime, meters);
        recoverImage();
        sure = new GuardedClock(clock, System::nanoTime, config.clocks(), AccountChapter.newestMillis(rows), meters);
        open.keep(FoldThread.start(checkpoints, journal, failure));
        readers = open.keep(new ReadThreads(config.store(), failure));
        handleNames = new UniqueNames(handles.names(), rows, readers);
        image.onAdvance(handleNames::imageAdvanced);
        identityNames = new UniqueNames(accounts.identityKeys(), rows, readers);
        image.onAdvance(identityNames::imageAdvanced);
    }

    private void recoverImage() {
        long replayedBytes = image.lagBytes();
        long startNanos = System.nanoTime();
        image.recover();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
        LOG.info("image recovered: {} bytes of the journal replayed in {} ms", replayedBytes, millis);
        Gauge.builder("quintet.recovery.replayed", () -> replayedBytes)
                .description("Journal that was not in the image at start and had to be replayed")
                .baseUnit("bytes")
                .register(meters);
    }

    // What lives on each event loop

    /**
     * One event loop with its rooms.
     *
     * @param loop the loop
     * @param rooms what the connections on it need
     * @param fanOut to its accounts
     * @param watch the deadlines of its sockets
     */
    private record Floor(EventLoop loop, HomeRooms rooms, FanOut fanOut, Watch watch) {}

    private int eventLoops() {
        int configured = config.listen().eventLoops();
        return configured == 0 ? Runtime.getRuntime().availableProcessors() : configured;
    }

    private MultiThreadIoEventLoopGroup openLoops(Transport transport) {
        MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(eventLoops(), transport.handlers());
        open.keep(() -> loops.shutdownGracefully(0, GOODBYE_MILLIS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly());
        EventLoopLag.watch(loops, meters);
        return loops;
    }

    private List<Floor> buildFloors(MultiThreadIoEventLoopGroup loops) {
        List<Floor> floors = new ArrayList<>();
        Correspondents correspondents = new RecentSenders(
                recent,
                config.submission(),
                clock,
                account -> homeOf(account, floors).mailboxes());
        loops.forEach(executor ->
                floors.add(buildFloor((EventLoop) executor, floors.size(), loops.executorCount(), correspondents)));
        open.keep(() -> sayGoodbye(floors));
        return floors;
    }

    private Floor buildFloor(EventLoop loop, int index, int count, Correspondents correspondents) {
        Executor later = action -> runLater(loop, action);
        AfterDurable afterDurable = new AfterDurable(journal::durablePosition, later);
        Residents residents = new Residents(image, shareOf(config.store(), count), readers, later, loop::inEventLoop);
        Home home = new Home(index, later, loop::inEventLoop, residents, afterDurable);
        HotTier hotTier = new HotTier(config.mailbox().hotTierBytes() / count, index, meters);
        Mailboxes homeMailboxes = new Mailboxes(
                mailboxes,
                config.mailbox(),
                new Ground(residents, journal, afterDurable, hotTier, rows, readers, later, sure, failure, meters));
        Prekeys homePrekeys = new Prekeys(
                accounts,
                prekeys,
                config.keys(),
                new PrekeyGround(home, count, journal, rows, readers, System::nanoTime, failure, meters),
                homeMailboxes::tellKeysExhausted);
        Handles homeHandles = new Handles(home, handles, handleNames, journal);
        DeviceLists lists = new DeviceLists(
                home,
                accounts,
                homeMailboxes,
                homePrekeys,
                new IdentityKeys(home, identityNames),
                correspondents,
                journal,
                clock);
        LogOuts logOuts = new LogOuts(home, accounts, homeMailboxes, homePrekeys, correspondents, journal, meters);
        LastSeen lastSeen = new LastSeen(residents, journal, config.clocks(), clock);
        Absences absences = new Absences(home, accounts, homeMailboxes, lastSeen, logOuts, config.clocks(), sure);
        FanOut fanOut = new FanOut(
                home,
                homeMailboxes,
                homePrekeys,
                journal,
                new FanOut.Chapters(accounts, recent),
                config.submission(),
                clock,
                new FanOutMeters(meters),
                new OpenCalls(config.calls(), count, System::nanoTime, meters));
        journal.onDurable(onceAtATime(later, afterDurable));
        image.onAdvance(position -> later.execute(() -> {
            homeMailboxes.imageAdvanced(position);
            homePrekeys.imageAdvanced(position);
            residents.imageAdvanced(position);
        }));
        Watch watch = new Watch(new Departures(
                later,
                action -> loop.schedule(() -> runOrFail(action), COMPANY_MILLIS, TimeUnit.MILLISECONDS),
                FRAME_BUFFERS));
        loop.scheduleWithFixedDelay(() -> runOrFail(watch::tick), 1, 1, TimeUnit.SECONDS);
        Registrations registrations = new Registrations(lists, homeHandles);
        LinkAttempts homeAttempts = new LinkAttempts(
                linkAttempts,
                config.link(),
                new LinkAttempts.Ground(
                        home, accounts, homeHandles, homeMailboxes, journal, linkOffers, clock, meters));
        HomeRooms rooms = new HomeRooms(
                home,
                homeMailboxes,
                lists,
                listReads(count),
                registrations,
                homeHandles,
                homeAttempts,
                homePrekeys,
                logOuts,
                absences);
        return new Floor(loop, rooms, fanOut, watch);
    }

    private PairAllowance listReads(int count) {
        ListLimits limits = config.lists();
        return new PairAllowance(limits.reads(), limits.readPauseMillis(), limits.readers() / count, System::nanoTime);
    }

    private void sweepExpired(List<Floor> floors) {
        ExpirySweep sweep = new ExpirySweep(
                rows,
                readers,
                sure,
                overdue -> {
                    HomeRooms rooms = homeOf(overdue.account(), floors);
                    rooms.home().executor().execute(() -> rooms.mailboxes().expire(overdue));
                },
                failure);
        EventLoop first = floors.get(0).loop();
        first.scheduleWithFixedDelay(() -> runOrFail(sweep::run), 1, SWEEP_MINUTES, TimeUnit.MINUTES);
        first.scheduleWithFixedDelay(() -> runOrFail(sure::instant), 1, 1, TimeUnit.SECONDS);
        first.scheduleWithFixedDelay(() -> runOrFail(() -> sure.note(journal)), 1, NOTE_SECONDS, TimeUnit.SECONDS);
    }

    /** Once all floors are built. */
    private static HomeRooms homeOf(AccountId account, List<Floor> floors) {
        return floors.get(homes(floors).of(account).index()).rooms();
    }

    private static Homes homes(List<Floor> floors) {
        return new Homes(floors.stream().map(floor -> floor.rooms().home()).toList());
    }

    private void runLater(EventLoop loop, Runnable action) {
        try {
            loop.execute(() -> runOrFail(action));
        } catch (RejectedExecutionException ended) {
            // The loop has ended, and with it everybody who would have been told.
        }
    }

    private void runOrFail(Runnable action) {
        try {
            action.run();
        } catch (Throwable bug) {
            failure.accept(bug);
        }
    }

    /** Tells a loop the durable position if it waits for it, without queueing one task for each commit. */
    private LongConsumer onceAtATime(Executor loop, AfterDurable afterDurable) {
        AtomicBoolean isDue = new AtomicBoolean();
        return position -> {
            if (afterDurable.isAwaited() && isDue.compareAndSet(false, true)) {
                loop.execute(() -> {
                    isDue.set(false);
                    afterDurable.advance(journal.durablePosition());
                });
            }
        };
    }

    private static StoreConfig shareOf(StoreConfig store, int count) {
        return new StoreConfig(
                store.cacheBytes(),
                store.memtableBytes(),
                store.openFiles(),
                Math.max(1, store.warmBytes() / count),
                store.waitingActions(),
                store.readThreads(),
                store.queuedReads(),
                store.checkpointBytes(),
                store.checkpointMillis());
    }

    // The door

    private Reception buildReception(List<Floor> floors, Optional<ServerCertificate> certificate) {
        Homes homes = homes(floors);
        List<FanOut> fanOuts = floors.stream().map(Floor::fanOut).toList();
        Submissions submissions = new Submissions(homes, fanOuts, config.submission());
        Calls calls = new Calls(homes, fanOuts);
        Map<EventLoop, Watch> watches = new HashMap<>();
        floors.forEach(floor -> watches.put(floor.loop(), floor.watch()));
        ThreadPoolExecutor crypto = keepThreads(new ThreadPoolExecutor(
                CRYPTO_THREADS,
                CRYPTO_THREADS,
                1,
                TimeUnit.MINUTES,
                new LinkedBlockingQueue<>(WAITING_CHECKS),
                named("quintet-crypto")));
        return new Reception(
                new Reception.Rooms(
                        homes, floors.stream().map(Floor::rooms).toList(), submissions, calls, linkOffers, handleNames),
                new Reception.Ways(
                        check -> crypto.execute(() -> runOrFail(check)),
                        new LoopMover(floors.stream().map(Floor::loop).toList()),
                        (Channel channel) -> watches.get(channel.eventLoop()),
                        clock,
                        System::nanoTime,
                        random,
                        failure),
                new Reception.Terms(
                        config.connection(),
                        config.mailbox(),
                        config.registration(),
                        announced(),
                        certificate
                                .map(shown -> CertificateHash.of(shown.leaf()))
                                .orElse(CertificateHash.UNBOUND),
                        new NetMeters(meters)));
    }

    private Limits announced() {
        return Limits.newBuilder()
                .setFrameBytes(config.connection().frameBytes())
                .setPreLoginFrameBytes(config.connection().preLoginFrameBytes())
                .setCiphertextBytes(config.submission().ciphertextBytes())
                .setRecipients(config.submission().recipients())
                .setDevices(DeviceList.MAX_DEVICES)
                .setUnansweredSubmissions(Submissions.REMEMBERED)
                .setTimeToLiveSeconds((int) config.submission().timeToLiveSeconds())
                .build();
    }

    private SslContext context(Optional<ServerCertificate> certificate) {
        if (certificate.isEmpty()) {
            return null;
        }
        ServerCertificate shown = certificate.get();
        SslContext context = Tls.context(config.tls().provider(), shown.chain(), shown.privateKey());
        open.keep(() -> ReferenceCountUtil.release(context));
        return context;
    }

    // Tearing down

    private static void sayGoodbye(List<Floor> floors) throws InterruptedException {
        floors.forEach(floor -> floor.loop().execute(floor.watch()::goAway));
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GOODBYE_MILLIS);
        while (System.nanoTime() < deadline
                && floors.stream().anyMatch(floor -> !floor.watch().isEmpty())) {
            Thread.sleep(LOOK_MILLIS);
        }
        for (Floor floor : floors) {
            floor.loop().submit(floor.rooms().mailboxes()::close).awaitUninterruptibly();
        }
    }

    @Override
    public void close() {
        open.close();
    }

    private <T extends ExecutorService> T keepThreads(T threads) {
        open.keep(() -> {
            threads.shutdown();
            threads.awaitTermination(GOODBYE_MILLIS, TimeUnit.MILLISECONDS);
        });
        return threads;
    }

    private static ThreadFactory named(String name) {
        return task -> new Thread(task, name);
    }
}
