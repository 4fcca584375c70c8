package dev.quintet.relay.simulation;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.FrameDecoder;
import dev.quintet.protocol.FrameReader;
import dev.quintet.protocol.wire.Limits;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.account.AccountChapter;
import dev.quintet.relay.account.ClockLimits;
import dev.quintet.relay.account.HandleChapter;
import dev.quintet.relay.account.Handles;
import dev.quintet.relay.account.Home;
import dev.quintet.relay.account.Homes;
import dev.quintet.relay.account.IdentityKeys;
import dev.quintet.relay.account.KeyLimits;
import dev.quintet.relay.account.LastSeen;
import dev.quintet.relay.account.PairAllowance;
import dev.quintet.relay.account.PrekeyChapter;
import dev.quintet.relay.account.PrekeyGround;
import dev.quintet.relay.account.Prekeys;
import dev.quintet.relay.account.UniqueNames;
import dev.quintet.relay.fanout.CallLimits;
import dev.quintet.relay.fanout.Calls;
import dev.quintet.relay.fanout.FanOut;
import dev.quintet.relay.fanout.FanOutMeters;
import dev.quintet.relay.fanout.OpenCalls;
import dev.quintet.relay.fanout.RecentChapter;
import dev.quintet.relay.fanout.RecentSenders;
import dev.quintet.relay.fanout.Submissions;
import dev.quintet.relay.journal.AfterDurable;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.journal.FileJournal;
import dev.quintet.relay.journal.ForgetfulDisk;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.journal.JournalEnvironment;
import dev.quintet.relay.link.Absences;
import dev.quintet.relay.link.DeviceLists;
import dev.quintet.relay.link.LinkAttemptChapter;
import dev.quintet.relay.link.LinkAttempts;
import dev.quintet.relay.link.LinkLimits;
import dev.quintet.relay.link.LinkOffers;
import dev.quintet.relay.link.LogOuts;
import dev.quintet.relay.link.Registrations;
import dev.quintet.relay.mailbox.ExpirySweep;
import dev.quintet.relay.mailbox.Ground;
import dev.quintet.relay.mailbox.HotTier;
import dev.quintet.relay.mailbox.MailboxChapter;
import dev.quintet.relay.mailbox.Mailboxes;
import dev.quintet.relay.mailbox.Overdue;
import dev.quintet.relay.net.Departures;
import dev.quintet.relay.net.Handshake;
import dev.quintet.relay.net.HomeRooms;
import dev.quintet.relay.net.LoopMover;
import dev.quintet.relay.net.NetMeters;
import dev.quintet.relay.net.Reception;
import dev.quintet.relay.net.RegistrationTerms;
import dev.quintet.relay.net.Watch;
import dev.quintet.relay.store.Checkpoints;
import dev.quintet.relay.store.Image;
import dev.quintet.relay.store.MemoryRows;
import dev.quintet.relay.store.Residents;
import dev.quintet.relay.store.Rows;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * One process of a relay, from its start on what the disk holds to its end, wired as the real one; each of its threads
 * is a worker of a {@link Scheduler}.
 */
final class SimulatedRelay {
    private static final int HOMES = 2;
    private static final KeyLimits KEYS = new KeyLimits(1000, 1000, 1, 1000);

    /**
     * What outlives a process.
     *
     * @param disk the journal's
     * @param rows the image's
     * @param clock of this machine
     * @param conditions of this run
     * @param flaw of this relay
     * @param audit reads the journal at every commit
     */
    record Machine(
            ForgetfulDisk disk,
            MemoryRows rows,
            SimulatedClock clock,
            Conditions conditions,
            Flaw flaw,
            LogAudit audit) {}

    private final Machine machine;
    private final Conditions conditions;
    private final SplittableRandom random;
    private final Scheduler scheduler;
    private final CountedBuffers buffers = new CountedBuffers();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<SimulatedLoop> loops = new ArrayList<>();
    private final List<Home> homes = new ArrayList<>();
    private final List<HomeRooms> rooms = new ArrayList<>();
    private final List<FanOut> fanOuts = new ArrayList<>();
    private final Map<EventLoop, Watch> watches = new HashMap<>();
    private final AccountChapter accounts = new AccountChapter();
    private final MailboxChapter mailboxes = new MailboxChapter();
    private final HandleChapter handles = new HandleChapter();
    private final LinkAttemptChapter linkAttempts = new LinkAttemptChapter();
    private final PrekeyChapter prekeys = new PrekeyChapter();
    private final RecentChapter recent = new RecentChapter();
    private final Scheduler.Worker readers;
    private final FileJournal fileJournal;
    private final Journal journal;
    private final Rows rows;
    private final Image image;
    private final UniqueNames handleNames;
    private final UniqueNames identityNames;
    private final LinkOffers linkOffers;
    private final Checkpoints checkpoints;
    private final ExpirySweep sweep;
    private final Reception reception;
    private final List<SimulatedSocket> sockets = new ArrayList<>();
    private Throwable failure;

    /** Starts on what {@code machine} holds. */
    SimulatedRelay(Machine machine, SplittableRandom random) throws IOException {
        this.machine = machine;
        this.conditions = machine.conditions();
        this.random = random;
        scheduler = new Scheduler(random, this::fail);
        readers = scheduler.worker(conditions.queuedTasks());
        fileJournal = FileJournal.open(
                conditions.journal(),
                new JournalEnvironment(
                        machine.disk(), scheduler.worker(), machine.clock()::nanos, random, meters, this::fail));
        machine.audit().read(fileJournal);
        journal = flawed(fileJournal);
        rows = machine.flaw() == Flaw.REPETITIONS_FORGOTTEN
                ? new FlawedRows(machine.rows(), "recent_submissions")
                : machine.rows();
        image = new Image(
                journal, rows, List.of(accounts, handles, linkAttempts, mailboxes, prekeys, recent), this::fail);
        checkpoints = new Checkpoints(image, conditions.store(), machine.clock()::nanos, meters);
        image.recover();
        handleNames = new UniqueNames(handles.names(), rows, readers);
        image.onAdvance(handleNames::imageAdvanced);
        identityNames = new UniqueNames(accounts.identityKeys(), rows, readers);
        image.onAdvance(identityNames::imageAdvanced);
        linkOffers = new LinkOffers(LinkLimits.defaults(), machine.clock()::nanos, random, meters);
        sweep = new ExpirySweep(rows, readers, machine.clock(), this::expire, this::fail);
        for (int index = 0; index < HOMES; index++) {
            buildFloor(index);
        }
        reception = reception();
    }

    private Journal flawed(Journal honest) {
        return switch (machine.flaw()) {
            case ACKNOWLEDGEMENTS_FORGOTTEN -> FlawedJournal.forgetting(EntryType.ACKNOWLEDGEMENT, honest);
            case LISTS_FORGOTTEN -> FlawedJournal.forgetting(EntryType.DEVICE_LIST, honest);
            case KEYS_FORGOTTEN -> FlawedJournal.forgetting(EntryType.PREKEYS_HANDED_OUT, honest);
            case REMOVALS_FORGOTTEN -> FlawedJournal.forgettingRemovals(honest);
            default -> honest;
        };
    }

    private void buildFloor(int index) {
        Scheduler.Worker worker = scheduler.worker();
        AfterDurable afterDurable = new AfterDurable(journal::durablePosition, worker);
        if (machine.flaw() == Flaw.ANSWERS_TOO_EARLY) {
            afterDurable.advance(Long.MAX_VALUE);
        }
        Residents residents = new Residents(image, conditions.store(), readers, worker, worker::isHere);
        Home home = new Home(index, worker, worker::isHere, residents, afterDurable);
        HotTier hotTier = new HotTier(conditions.mailbox().hotTierBytes(), index, meters);
        Mailboxes homeMailboxes = new Mailboxes(
                mailboxes,
                conditions.mailbox(),
                new Ground(
                        residents,
                        journal,
                        afterDurable,
                        hotTier,
                        rows,
                        readers,
                        worker,
                        machine.clock(),
                        this::fail,
                        meters));
        Prekeys homePrekeys = new Prekeys(
                accounts,
                prekeys,
                KEYS,
                new PrekeyGround(home, HOMES, journal, rows, readers, machine.clock()::nanos, this::fail, meters),
                homeMailboxes::tellKeysExhausted);
        RecentSenders senders = new RecentSenders(recent, conditions.submission(), machine.clock(), this::mailboxesOf);
        DeviceLists lists = new DeviceLists(
                home,
                accounts,
                homeMailboxes,
                homePrekeys,
                new IdentityKeys(home, identityNames),
                senders,
                journal,
                machine.clock());
        ClockLimits periods = ClockLimits.defaults();
        LastSeen lastSeen = new LastSeen(residents, journal, periods, machine.clock());
        LogOuts logOuts = new LogOuts(home, accounts, homeMailboxes, homePrekeys, senders, journal, meters);
        Absences absences = new Absences(home, accounts, homeMailboxes, lastSeen, logOuts, periods, machine.clock());
        fanOuts.add(new FanOut(
                home,
                homeMailboxes,
                homePrekeys,
                journal,
                new FanOut.Chapters(accounts, recent),
                conditions.submission(),
                machine.clock(),
                new FanOutMeters(meters),
                new OpenCalls(CallLimits.defaults(), HOMES, machine.clock()::nanos, meters)));
        journal.onDurable(position -> {
            if (afterDurable.isAwaited()) {
                worker.execute(() -> afterDurable.advance(position));
            }
        });
        image.onAdvance(position -> worker.execute(() -> {
            homeMailboxes.imageAdvanced(position);
            homePrekeys.imageAdvanced(position);
            residents.imageAdvanced(position);
        }));
        SimulatedLoop loop = new SimulatedLoop(worker);
        loops.add(loop);
        watches.put(loop, new Watch(new Departures(worker, worker, buffers)));
        homes.add(home);
        Handles homeHandles = new Handles(home, handles, handleNames, journal);
        Registrations registrations = new Registrations(lists, homeHandles);
        LinkAttempts homeAttempts = new LinkAttempts(
                linkAttempts,
                LinkLimits.defaults(),
                new LinkAttempts.Ground(
                        home, accounts, homeHandles, homeMailboxes, journal, linkOffers, machine.clock(), meters));
        rooms.add(new HomeRooms(
                home,
                homeMailboxes,
                lists,
                new PairAllowance(1_000_000, 1, 1_000, machine.clock()::nanos),
                registrations,
                homeHandles,
                homeAttempts,
                homePrekeys,
                logOuts,
                absences));
    }

    private Mailboxes mailboxesOf(AccountId account) {
        return rooms.get(new Homes(homes).of(account).index()).mailboxes();
    }

    private Reception reception() {
        Homes all = new Homes(homes);
        Ticker ticker = machine.clock()::nanos;
        return new Reception(
                new Reception.Rooms(
                        all,
                        rooms,
                        new Submissions(all, fanOuts, conditions.submission()),
                        new Calls(all, fanOuts),
                        linkOffers,
                        handleNames),
                new Reception.Ways(
                        scheduler.worker(conditions.queuedTasks()),
                        new LoopMover(List.copyOf(loops)),
                        channel -> watches.get(channel.eventLoop()),
                        machine.clock(),
                        ticker,
                        random,
                        this::fail),
                new Reception.Terms(
                        conditions.connection(),
                        conditions.mailbox(),
                        RegistrationTerms.open(),
                        announced(),
                        CertificateHash.UNBOUND,
                        new NetMeters(meters)));
    }

    private Limits announced() {
        return Limits.newBuilder()
                .setFrameBytes(conditions.connection().frameBytes())
                .setPreLoginFrameBytes(conditions.connection().preLoginFrameBytes())
                .setCiphertextBytes(conditions.submission().ciphertextBytes())
                .setRecipients(conditions.submission().recipients())
                .setDevices(DeviceList.MAX_DEVICES)
                .setUnansweredSubmissions(Submissions.REMEMBERED)
                .setTimeToLiveSeconds((int) conditions.submission().timeToLiveSeconds())
                .build();
    }

    private void expire(Overdue overdue) {
        Home home = new Homes(homes).of(overdue.account());
        home.executor().execute(() -> rooms.get(home.index()).mailboxes().expire(overdue));
    }

    private void fail(Throwable thrown) {
        if (failure == null) {
            failure = thrown;
        }
    }

    /** What would have stopped the process, or null. */
    Throwable failure() {
        return failure;
    }

    // What happens to it

    /** One of its threads does one thing; false if none has anything to do. */
    boolean runOne() {
        return scheduler.runOne();
    }

    /** The journal thread writes and forces what was appended. */
    boolean commit() {
        boolean isMoved = fileJournal.commit();
        if (failure == null && !machine.disk().isDown()) {
            machine.audit().read(fileJournal);
        }
        return isMoved;
    }

    /** The fold thread takes a checkpoint. */
    void checkpoint() {
        try {
            checkpoints.run();
        } catch (RuntimeException thrown) {
            fail(thrown);
        }
    }

    /** Whether a checkpoint is due. */
    boolean isCheckpointDue() {
        return checkpoints.isDue();
    }

    /** Overdue envelopes are looked for. */
    void sweep() {
        sweep.run();
    }

    /** A second has passed. */
    void tick() {
        loops.forEach(loop -> loop.execute(watches.get(loop)::tick));
    }

    /** A device has connected. */
    void accept(Wire wire) {
        SimulatedLoop loop = loops.get(random.nextInt(HOMES));
        SimulatedSocket socket =
                new SimulatedSocket(wire, buffers, conditions.connection().unsentBytes(), this::isLost);
        FrameDecoder decoder = new FrameDecoder(conditions.connection().preLoginFrameBytes());
        socket.pipeline().addLast("outgoing", new OutgoingFrames(wire));
        if (machine.flaw() == Flaw.FRAMES_LATE && random.nextBoolean()) {
            socket.pipeline().addLast("late", new LateFrames(random));
        }
        socket.pipeline()
                .addLast("single", new SingleFrames())
                .addLast("frames", decoder)
                .addLast("handshake", new Handshake(reception, decoder));
        sockets.add(socket);
        wire.whenTaken(() -> tell(socket, socket::writable));
        loop.execute(() -> loop.register(socket));
    }

    /** Something has happened to a socket that its loop should look at. */
    void tell(SimulatedSocket socket, Runnable look) {
        if (socket.isRegistered()) {
            socket.eventLoop().execute(look);
        }
    }

    private boolean isLost(ByteBuf frame) {
        return machine.flaw() == Flaw.DELIVERIES_SKIPPED && random.nextInt(20) == 0 && isDelivery(frame);
    }

    private static boolean isDelivery(ByteBuf framed) {
        int prefixBytes = framed.getByte(framed.readerIndex()) < 0 ? 2 : 1;
        ByteBuf frame = framed.slice(framed.readerIndex() + prefixBytes, framed.readableBytes() - prefixBytes);
        ServerFrame parsed = FrameReader.serverFrame(frame);
        return parsed.hasDeliver() && parsed.getDeliver().getSequence() > 0;
    }

    /** The sockets that are open. */
    List<SimulatedSocket> sockets() {
        sockets.removeIf(socket -> !socket.isOpen());
        return sockets;
    }

    // Its end

    /** The process ends without a word; its memory is gone. */
    void kill() {
        scheduler.end();
        sockets.forEach(socket -> socket.wire().relayLeaves());
        rooms.forEach(each -> each.mailboxes().close());
        buffers.releaseAll();
    }

    /** What is in memory that should not be there when nobody is connected and nothing waits; empty if all is well. */
    String leftovers() {
        StringBuilder found = new StringBuilder();
        if (buffers.count() > 0) {
            found.append(buffers.count()).append(" buffers of sockets; ");
        }
        meters.find("quintet.hot.tier.bytes").gauges().forEach(gauge -> {
            if (gauge.value() != 0) {
                found.append(gauge.value()).append(" bytes in a hot tier; ");
            }
        });
        for (Home home : homes) {
            if (home.afterDurable().size() > 0) {
                found.append(home.afterDurable().size()).append(" actions that wait for the journal; ");
            }
            if (conditions.store().warmBytes() == 1 && home.residents().count() > 0) {
                found.append(home.residents().count()).append(" accounts in memory; ");
            }
        }
        watches.values().stream()
                .filter(watch -> !watch.isEmpty())
                .forEach(watch -> found.append("sockets that are watched; "));
        return found.toString();
    }
}
