package dev.quintet.relay.rooms;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.FrameChecker;
import dev.quintet.protocol.Handle;
import dev.quintet.protocol.KeyUpload;
import dev.quintet.protocol.Submission;
import dev.quintet.protocol.wire.CallClaim;
import dev.quintet.protocol.wire.CallClaimed;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.DeviceEnvelope;
import dev.quintet.protocol.wire.KeyBundles;
import dev.quintet.protocol.wire.KeyCount;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.PutKeys;
import dev.quintet.protocol.wire.Recipient;
import dev.quintet.protocol.wire.Submit;
import dev.quintet.relay.account.Account;
import dev.quintet.relay.account.AccountChapter;
import dev.quintet.relay.account.ClockLimits;
import dev.quintet.relay.account.GuardedClock;
import dev.quintet.relay.account.HandleAnswer;
import dev.quintet.relay.account.HandleChapter;
import dev.quintet.relay.account.Handles;
import dev.quintet.relay.account.Home;
import dev.quintet.relay.account.Homes;
import dev.quintet.relay.account.IdentityKeys;
import dev.quintet.relay.account.KeyAnswer;
import dev.quintet.relay.account.KeyLimits;
import dev.quintet.relay.account.LastSeen;
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
import dev.quintet.relay.fanout.SubmissionLimits;
import dev.quintet.relay.fanout.Submissions;
import dev.quintet.relay.journal.AfterDurable;
import dev.quintet.relay.link.Absences;
import dev.quintet.relay.link.Asking;
import dev.quintet.relay.link.DeviceLists;
import dev.quintet.relay.link.LinkAttemptChapter;
import dev.quintet.relay.link.LinkAttempts;
import dev.quintet.relay.link.LinkLimits;
import dev.quintet.relay.link.LinkOffers;
import dev.quintet.relay.link.LinkParty;
import dev.quintet.relay.link.ListAnswer;
import dev.quintet.relay.link.LogOuts;
import dev.quintet.relay.link.Registrations;
import dev.quintet.relay.mailbox.Acknowledgement;
import dev.quintet.relay.mailbox.ExpirySweep;
import dev.quintet.relay.mailbox.Ground;
import dev.quintet.relay.mailbox.HotTier;
import dev.quintet.relay.mailbox.Mailbox;
import dev.quintet.relay.mailbox.MailboxChapter;
import dev.quintet.relay.mailbox.MailboxLimits;
import dev.quintet.relay.mailbox.Mailboxes;
import dev.quintet.relay.mailbox.Overdue;
import dev.quintet.relay.mailbox.Subscriber;
import dev.quintet.relay.store.Image;
import dev.quintet.relay.store.MemoryRows;
import dev.quintet.relay.store.Resident;
import dev.quintet.relay.store.Residents;
import dev.quintet.relay.store.StoreConfig;
import dev.quintet.relay.store.Table;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * A relay without sockets: all rooms below {@code net}, on one thread, over a disk in memory.
 *
 * <p>Every loop has a queue of its own, and so have the read threads; {@link #run()} empties them all, {@link
 * #runSome} some of them. Nothing is durable before {@link #commit}, nothing is in the image before {@link
 * #checkpoint}, and {@link #restart} forgets what was not.
 */
public final class Rooms implements AutoCloseable {
    /** Limits that a test reaches quickly. */
    public static final MailboxLimits SMALL = new MailboxLimits(20, 2_000, 4, 400, 1 << 20);

    /** As in the relay's defaults. */
    public static final KeyLimits KEY_LIMITS = new KeyLimits(1_000, 6, 600_000, 1_000);

    /** As in the relay's defaults, but for the calls that may ring at once. */
    public static final CallLimits CALL_LIMITS = new CallLimits(6, 10_000, 1_000, 3, 60_000);

    private static final int READERS = -1;
    private static final StoreConfig STORE =
            new StoreConfig(1 << 20, 1 << 20, 32, 1 << 20, 100, 1, 100, 1 << 20, 60_000);

    private final int homeCount;
    private final MailboxLimits limits;
    private final StoreConfig storeConfig;
    private final TestJournal journal;
    private final MemoryRows rows = new MemoryRows();
    private final List<ByteBuf> frames = new ArrayList<>();
    private final ClockLimits clocks;
    private long nowMillis = 1_000_000_000_000L;
    private long steadyMillis;
    private long nextRequestId = 1;
    private Life life;

    /** Two homes and limits that are not reached. */
    public Rooms() {
        this(2, new MailboxLimits(10_000, 64 << 20, 256, 1 << 20, 1 << 20));
    }

    public Rooms(int homeCount, MailboxLimits limits) {
        this(homeCount, limits, STORE, TestJournal.honest());
    }

    public Rooms(int homeCount, MailboxLimits limits, StoreConfig storeConfig, TestJournal journal) {
        this(homeCount, limits, storeConfig, journal, ClockLimits.defaults());
    }

    /** With these periods, of devices that stay away and of the clock. */
    public Rooms(ClockLimits clocks) {
        this(2, new MailboxLimits(10_000, 64 << 20, 256, 1 << 20, 1 << 20), STORE, TestJournal.honest(), clocks);
    }

    private Rooms(
            int homeCount, MailboxLimits limits, StoreConfig storeConfig, TestJournal journal, ClockLimits clocks) {
        this.clocks = clocks;
        this.homeCount = homeCount;
        this.limits = limits;
        this.storeConfig = storeConfig;
        this.journal = journal;
        life = new Life();
    }

    /** Two homes over this journal. */
    public static Rooms over(TestJournal journal) {
        return new Rooms(2, new MailboxLimits(10_000, 64 << 20, 256, 1 << 20, 1 << 20), STORE, journal);
    }

    /** What one process holds: all that a restart makes anew. */
    private final class Life {
        private final List<Queue<Runnable>> loops = new ArrayList<>();
        private final Queue<Runnable> reads = new ArrayDeque<>();
        private final AccountChapter accounts = new AccountChapter();
        private final MailboxChapter mailboxChapter = new MailboxChapter();
        private final HandleChapter handleChapter = new HandleChapter();
        private final LinkAttemptChapter attemptChapter = new LinkAttemptChapter();
        private final PrekeyChapter prekeyChapter = new PrekeyChapter();
        private final RecentChapter recent = new RecentChapter();
        private final Image image = new Image(
                journal,
                rows,
                List.of(accounts, handleChapter, attemptChapter, mailboxChapter, prekeyChapter, recent),
                Rooms::fail);
        private final UniqueNames handleNames = new UniqueNames(handleChapter.names(), rows, reads::add);
        private final UniqueNames identityNames = new UniqueNames(accounts.identityKeys(), rows, reads::add);
        private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
        private final List<Home> homes = new ArrayList<>();
        private final List<HotTier> hotTiers = new ArrayList<>();
        private final List<Mailboxes> mailboxes = new ArrayList<>();
        private final List<Prekeys> prekeys = new ArrayList<>();
        private final List<DeviceLists> deviceLists = new ArrayList<>();
        private final List<Handles> handles = new ArrayList<>();
        private final List<Absences> absences = new ArrayList<>();
        private final GuardedClock sure;
        private final List<LinkAttempts> linkAttempts = new ArrayList<>();
        private final LinkOffers linkOffers =
                new LinkOffers(LinkLimits.defaults(), Rooms.this::nanoTime, new Random(1), meters);
        private final Submissions submissions;
        private final Calls calls;
        private final ExpirySweep sweep;
        private int here = READERS;

        Life() {
            image.checkpoint();
            sure = new GuardedClock(
                    Rooms.this::tick, Rooms.this::nanoTime, clocks, AccountChapter.newestMillis(rows), meters);
            sweep = new ExpirySweep(rows, reads::add, sure, this::expire, Rooms::fail);
            SubmissionLimits submissionLimits =
                    new SubmissionLimits(1024, 64 << 10, 30 * 86_400, 3, 3_600, 10_000, 30_000);
            RecentSenders senders = new RecentSenders(
                    recent,
                    submissionLimits,
                    Rooms.this::tick,
                    account -> mailboxes.get(homeOf(account).index()));
            List<FanOut> fanOuts = new ArrayList<>();
            for (int index = 0; index < homeCount; index++) {
                Home home = makeHome(index);
                Mailboxes itsMailboxes = makeMailboxes(home);
                Prekeys itsPrekeys = makePrekeys(home, itsMailboxes);
                deviceLists.add(new DeviceLists(
                        home,
                        accounts,
                        itsMailboxes,
                        itsPrekeys,
                        new IdentityKeys(home, identityNames),
                        senders,
                        journal,
                        Rooms.this::tick));
                absences.add(new Absences(
                        home,
                        accounts,
                        itsMailboxes,
                        new LastSeen(home.residents(), journal, clocks, Rooms.this::tick),
                        new LogOuts(home, accounts, itsMailboxes, itsPrekeys, senders, journal, meters),
                        clocks,
                        sure));
                Handles itsHandles = new Handles(home, handleChapter, handleNames, journal);
                handles.add(itsHandles);
                linkAttempts.add(new LinkAttempts(
                        attemptChapter,
                        LinkLimits.defaults(),
                        new LinkAttempts.Ground(
                                home,
                                accounts,
                                itsHandles,
                                itsMailboxes,
                                journal,
                                linkOffers,
                                Rooms.this::tick,
                                meters)));
                fanOuts.add(new FanOut(
                        home,
                        itsMailboxes,
                        itsPrekeys,
                        journal,
                        new FanOut.Chapters(accounts, recent),
                        submissionLimits,
                        Rooms.this::tick,
                        new FanOutMeters(meters),
                        new OpenCalls(CALL_LIMITS, homeCount, Rooms.this::nanoTime, meters)));
            }
            submissions = new Submissions(new Homes(homes), fanOuts, submissionLimits);
            calls = new Calls(new Homes(homes), fanOuts);
            journal.onDurable(position -> homes.forEach(
                    home -> home.executor().execute(() -> home.afterDurable().advance(position))));
            image.onAdvance(handleNames::imageAdvanced);
            image.onAdvance(identityNames::imageAdvanced);
            image.onAdvance(position -> homes.forEach(home -> home.executor().execute(() -> {
                mailboxes.get(home.index()).imageAdvanced(position);
                prekeys.get(home.index()).imageAdvanced(position);
                home.residents().imageAdvanced(position);
            })));
        }

        private Home makeHome(int index) {
            loops.add(new ArrayDeque<>());
            Executor executor = loops.get(index)::add;
            Residents residents = new Residents(image, storeConfig, reads::add, executor, () -> here == index);
            Home home = new Home(index, executor, () -> here == index, residents, new AfterDurable(() -> 0, executor));
            homes.add(home);
            return home;
        }

        private Mailboxes makeMailboxes(Home home) {
            HotTier hotTier = new HotTier(limits.hotTierBytes(), home.index(), meters);
            hotTiers.add(hotTier);
            Mailboxes made = new Mailboxes(
                    mailboxChapter,
                    limits,
                    new Ground(
                            home.residents(),
                            journal,
                            home.afterDurable(),
                            hotTier,
                            rows,
                            reads::add,
                            home.executor(),
                            sure,
                            Rooms::fail,
                            meters));
            mailboxes.add(made);
            return made;
        }

        private Prekeys makePrekeys(Home home, Mailboxes itsMailboxes) {
            PrekeyGround ground = new PrekeyGround(
                    home, homeCount, journal, rows, reads::add, Rooms.this::nanoTime, Rooms::fail, meters);
            Prekeys made = new Prekeys(accounts, prekeyChapter, KEY_LIMITS, ground, itsMailboxes::tellKeysExhausted);
            prekeys.add(made);
            return made;
        }

        private void expire(Overdue overdue) {
            Home home = homeOf(overdue.account());
            home.executor().execute(() -> mailboxes.get(home.index()).expire(overdue));
        }

        private boolean runOne(int loop) {
            Runnable task = loop == READERS ? reads.poll() : loops.get(loop).poll();
            if (task == null) {
                return false;
            }
            here = loop;
            task.run();
            here = READERS;
            return true;
        }

        private Home homeOf(AccountId account) {
            return new Homes(homes).of(account);
        }
    }

    /** No two looks at the clock see the same time. */
    private Instant tick() {
        steadyMillis++;
        return Instant.ofEpochMilli(nowMillis++);
    }

    private long nanoTime() {
        return steadyMillis * 1_000_000;
    }

    private static void fail(Throwable failure) {
        throw new AssertionError("the process would have stopped", failure);
    }

    // Time

    /** Runs everything that can run. */
    public void run() {
        boolean isMoved = true;
        while (isMoved) {
            isMoved = false;
            for (int loop = READERS; loop < homeCount; loop++) {
                while (life.runOne(loop)) {
                    isMoved = true;
                }
            }
        }
    }

    /** Runs up to so many tasks, of loops and read threads as they come. */
    public void runSome(RandomGenerator random, int tasks) {
        for (int task = 0; task < tasks; task++) {
            life.runOne(random.nextInt(READERS, homeCount));
        }
    }

    /** Lets the disk take what was appended, and everybody hear of it. */
    public void commit() {
        journal.commit();
        run();
    }

    /** Lets the disk take what was appended; the loops have not heard of it yet. */
    public void commitOnly() {
        journal.commit();
    }

    /** Brings the image up to date, and lets everybody hear of it. */
    public void checkpoint() {
        checkpointOnly();
        run();
    }

    /** Brings the image up to date; the loops have not heard of it yet. */
    public void checkpointOnly() {
        assertThat(life.image.checkpoint()).isTrue();
    }

    /** Notes the time, as the relay does now and then. */
    public void noteTime() {
        life.sure.note(journal);
    }

    /** Reads the guarded clock, as the relay does every second; answers whether it is believed. */
    public boolean isClockTrusted() {
        return life.sure.isTrusted();
    }

    /** The process is killed and the power cut, and a new one starts. */
    public void restart() {
        release();
        frames.clear();
        journal.crash();
        rows.crash();
        life = new Life();
    }

    /** Time goes on. */
    public void pass(long millis) {
        nowMillis += millis;
        steadyMillis += millis;
    }

    /** The system's clock is set, forward or back; time does not go on. */
    public void jump(long millis) {
        nowMillis += millis;
    }

    /** The time now. */
    public long nowMillis() {
        return nowMillis;
    }

    // Accounts

    /** Registers the account with device 1 and adds the others; durable. */
    public TestAccount account(int number, int devices) {
        TestAccount account = new TestAccount(number);
        List<ListAnswer> answers = new ArrayList<>();
        on(account, () -> deviceLists(account).register(account.list(1, 1), answers::add));
        commit();
        if (devices > 1) {
            put(account, 1, account.list(2, IntStream.rangeClosed(1, devices).toArray()), answers::add);
            commit();
        }
        assertThat(answers).allMatch(ListAnswer::isStored);
        return account;
    }

    /** Registers with this list. */
    public void register(TestAccount account, DeviceList list, Consumer<ListAnswer> answer) {
        registerOnly(account, list, answer);
        run();
    }

    /** Begins to; nothing runs yet. */
    public void registerOnly(TestAccount account, DeviceList list, Consumer<ListAnswer> answer) {
        on(account, () -> deviceLists(account).register(list, answer));
    }

    /** This device begins to put a list; nothing runs yet. */
    public void putOnly(TestAccount account, int device, DeviceList list, Consumer<ListAnswer> answer) {
        with(account, resident -> deviceLists(account).put(resident, device, list, List.of(), answer));
    }

    /** This device puts a list. */
    public void put(TestAccount account, int device, DeviceList list, Consumer<ListAnswer> answer) {
        put(account, device, list, List.of(), answer);
    }

    /** This device puts a list, while it has claimed link offers of others. */
    public void put(TestAccount account, int device, DeviceList list, List<Asking> asked, Consumer<ListAnswer> answer) {
        with(account, resident -> deviceLists(account).put(resident, device, list, asked, answer));
        run();
    }

    /** Identity keys that are being claimed, or are in no checkpoint yet. */
    public int identityKeysInMemory() {
        return life.identityNames.count();
    }

    /** Asks for the account's list. */
    public void find(TestAccount account, Consumer<Account> answer) {
        on(
                account,
                () -> assertThat(deviceLists(account).find(account.id(), answer))
                        .isTrue());
        run();
    }

    /** Registers with this list and this handle, null for none. */
    public void register(TestAccount account, DeviceList list, Handle handle, Consumer<ListAnswer> answer) {
        Registrations registrations = new Registrations(deviceLists(account), handles(account));
        on(account, () -> registrations.register(list, handle, answer));
        run();
    }

    /** Gives the account this handle, null for none. */
    public void putHandle(TestAccount account, Handle handle, Consumer<HandleAnswer> answer) {
        on(account, () -> handles(account).put(account.id(), handle, answer));
        run();
    }

    /** Whether the account has the handle, and whoever asks for the handle is told of it. */
    public boolean hasHandle(TestAccount account, Handle handle) {
        List<AccountId> found = new ArrayList<>();
        assertThat(life.handleNames.find(handle.toBytes(), found::add)).isTrue();
        List<Boolean> has = new ArrayList<>();
        with(account, resident -> has.add(handles(account).has(resident, handle)));
        run();
        return has.get(0) && account.id().equals(found.get(0));
    }

    /** Handles that are in memory. */
    public int handlesInMemory() {
        return life.handleNames.count();
    }

    /** A new device opens an offer for this account's handle, and the account is asked. */
    public void askByHandle(TestAccount account, Handle handle, LinkParty newDevice, String name) {
        Asking asking = new Asking(ByteString.copyFrom(new byte[32]), Platform.LINUX, name, "");
        assertThat(life.linkOffers.open(newDevice, asking, true, name, 0)).isNull();
        on(
                account,
                () -> life.linkAttempts.get(life.homeOf(account.id()).index()).ask(account.id(), handle, newDevice));
        run();
    }

    /** The account's primary looks who asks for it. */
    public void lookForRequests(TestAccount account, LinkParty primary) {
        life.linkOffers.arrived(primary, account.id());
    }

    private Handles handles(TestAccount account) {
        return life.handles.get(life.homeOf(account.id()).index());
    }

    private DeviceLists deviceLists(TestAccount account) {
        return life.deviceLists.get(life.homeOf(account.id()).index());
    }

    private Mailboxes mailboxes(TestAccount account) {
        return life.mailboxes.get(life.homeOf(account.id()).index());
    }

    private void on(TestAccount account, Runnable action) {
        life.homeOf(account.id()).executor().execute(action);
    }

    private void with(TestAccount account, Consumer<Resident> action) {
        on(
                account,
                () -> assertThat(life.homeOf(account.id()).residents().with(account.id(), action))
                        .isTrue());
    }

    // Keys

    /** The device uploads keys; nothing is checked but what the relay checks on the loop. */
    public void putKeys(TestAccount account, int device, PutKeys keys, Consumer<KeyAnswer<KeyCount>> answer) {
        KeyUpload upload = KeyUpload.parse(keys);
        with(account, resident -> prekeys(account).put(resident, device, upload, answer));
        run();
    }

    /** The device asks how many keys it has stored. */
    public void countKeys(TestAccount account, int device, Consumer<KeyAnswer<KeyCount>> answer) {
        with(account, resident -> prekeys(account).count(resident, device, answer));
        run();
    }

    /** Asks for keys; nothing runs yet. */
    public void getKeysOnly(
            TestAccount account, TestAccount requester, List<Integer> devices, Consumer<KeyAnswer<KeyBundles>> answer) {
        on(
                account,
                () -> assertThat(prekeys(account).get(account.id(), requester.id(), devices, answer))
                        .isTrue());
    }

    /** Asks for keys of these devices, of all if there are none. */
    public void getKeys(
            TestAccount account, TestAccount requester, List<Integer> devices, Consumer<KeyAnswer<KeyBundles>> answer) {
        getKeysOnly(account, requester, devices, answer);
        run();
    }

    private Prekeys prekeys(TestAccount account) {
        return life.prekeys.get(life.homeOf(account.id()).index());
    }

    // Connections

    /** The device connects. */
    public void subscribe(TestAccount account, int device, Subscriber subscriber) {
        with(account, resident -> {
            Mailboxes all = mailboxes(account);
            absences(account).seen(resident, device);
            all.subscribe(resident, all.mailbox(resident, device), subscriber);
            prekeys(account).connected(resident, device);
        });
    }

    /** The device, which is connected, is looked at, as it is every second. */
    public void see(TestAccount account, int device) {
        with(account, resident -> absences(account).seen(resident, device));
        run();
    }

    /** What a companion is told of the days that are left. */
    public int daysLeft(TestAccount account) {
        int[] days = {-1};
        with(account, resident -> days[0] = absences(account).daysLeft(resident));
        run();
        return days[0];
    }

    private Absences absences(TestAccount account) {
        return life.absences.get(life.homeOf(account.id()).index());
    }

    /** The device connects, and hears what there is to hear. */
    public FakeSubscriber connect(TestAccount account, int device) {
        FakeSubscriber subscriber = new FakeSubscriber();
        subscribe(account, device, subscriber);
        run();
        return subscriber;
    }

    /** The connection ends. */
    public void disconnect(TestAccount account, int device, Subscriber subscriber) {
        with(account, resident -> {
            Mailboxes all = mailboxes(account);
            all.unsubscribe(resident, all.mailbox(resident, device), subscriber);
        });
        run();
    }

    /** The connection ends in the middle of what it is told. To be called on the loop. */
    public void leave(TestAccount account, int device, Subscriber subscriber) {
        Mailboxes all = mailboxes(account);
        life.homeOf(account.id())
                .residents()
                .with(account.id(), resident -> all.unsubscribe(resident, all.mailbox(resident, device), subscriber));
    }

    /** Takes what has expired off the disk. */
    public void sweep() {
        sweepOnly();
        run();
    }

    /** Begins to; nothing runs yet. */
    public void sweepOnly() {
        life.sweep.run();
    }

    /** The connection can take more. */
    public void pump(TestAccount account, int device) {
        with(account, resident -> mailboxes(account).pump(mailboxes(account).mailbox(resident, device)));
        run();
    }

    /** The device acknowledges. */
    public void acknowledge(
            TestAccount account, int device, Subscriber subscriber, long sequence, Consumer<Acknowledgement> answer) {
        with(account, resident -> {
            Mailbox mailbox = mailboxes(account).mailbox(resident, device);
            answer.accept(mailboxes(account).acknowledge(resident, mailbox, subscriber, sequence, sequence));
        });
        run();
    }

    /** The device acknowledges; answers what became of it. */
    public Acknowledgement acknowledge(TestAccount account, int device, Subscriber subscriber, long sequence) {
        List<Acknowledgement> answers = new ArrayList<>();
        acknowledge(account, device, subscriber, sequence, answers::add);
        assertThat(answers).hasSize(1);
        return answers.get(0);
    }

    // Submissions

    /** An envelope id that says who made it. */
    public static EnvelopeId envelopeId(int sender, long number) {
        return new EnvelopeId(sender, number);
    }

    /** An envelope for each of these devices, with a ciphertext of that many bytes which tells the id and the device. */
    public static Recipient.Builder recipient(TestAccount account, EnvelopeId id, int bytes, int... devices) {
        Recipient.Builder recipient =
                Recipient.newBuilder().setAccount(account.id().toByteString());
        for (int device : devices) {
            recipient.addDevices(DeviceEnvelope.newBuilder()
                    .setDevice(device)
                    .setRegistrationId(TestAccount.registrationId(device))
                    .setCiphertext(ByteString.copyFrom(ciphertext(id, device, bytes))));
        }
        return recipient;
    }

    /** What {@link #recipient} puts into the envelope of a device. */
    public static byte[] ciphertext(EnvelopeId id, int device, int bytes) {
        byte[] ciphertext = new byte[bytes];
        for (int index = 0; index < bytes; index++) {
            ciphertext[index] = (byte) (id.high() * 31 + id.low() * 7 + device + index);
        }
        return ciphertext;
    }

    /** A submission to one account. */
    public static Submit.Builder submission(TestAccount account, EnvelopeId id, int bytes, int... devices) {
        return Submit.newBuilder()
                .setEnvelopeId(id.toByteString())
                .addRecipients(recipient(account, id, bytes, devices));
    }

    /** Submits and lets the loops run; answers the request id. */
    public long submit(FakeSender sender, Submit.Builder submission) {
        long requestId = submitOnly(sender, submission);
        run();
        return requestId;
    }

    /** Submits; nothing runs yet but the sender's side. */
    public long submitOnly(FakeSender sender, Submit.Builder submission) {
        long requestId = nextRequestId++;
        Submissions.Refusal refusal = trySubmit(sender, requestId, submission);
        assertThat(refusal).isNull();
        return requestId;
    }

    /** Submits something that may be refused at once. */
    public Submissions.Refusal trySubmit(FakeSender sender, long requestId, Submit.Builder submission) {
        ByteBuf frame = Unpooled.wrappedBuffer(ClientFrame.newBuilder()
                .setRequestId(requestId)
                .setSubmit(submission)
                .build()
                .toByteArray());
        FrameChecker.CLIENT.check(frame);
        frames.add(frame);
        return life.submissions.submit(sender, Submission.read(frame));
    }

    /** The device claims a call; answers who has it, or null if it is gone. */
    public CallClaimed claim(TestAccount account, int device, Subscriber subscriber, CallClaim claim) {
        List<CallClaimed> answers = new ArrayList<>();
        with(account, resident -> answers.add(life.calls.claim(resident, device, subscriber, claim)));
        run();
        return answers.get(0);
    }

    // Looking

    public TestJournal journal() {
        return journal;
    }

    public MemoryRows rows() {
        return rows;
    }

    /** Rows of one table that are in the image. */
    public long rowCount(String table) {
        return rows.dump().stream().filter(row -> row.startsWith(table + " ")).count();
    }

    /** Rows of one table that were written so far. */
    public long writtenCount(String table) {
        return rows.writtenCount(new Table(table));
    }

    /** Size of all values of one table in the image. */
    public long rowBytes(String table) {
        long[] bytes = {0};
        rows.scan(new Table(table), new byte[0], null, (key, value) -> {
            bytes[0] += value.length;
            return true;
        });
        return bytes[0];
    }

    /** The counter's value since the last restart. */
    public double counted(String meter, String... tags) {
        return life.meters.get(meter).tags(tags).counter().count();
    }

    /** Accounts in memory, over all loops. */
    public int residentCount() {
        return life.homes.stream().mapToInt(home -> home.residents().count()).sum();
    }

    /** Bytes in the hot tiers. */
    public double hotBytes() {
        return life.meters.get("quintet.hot.tier.bytes").gauges().stream()
                .mapToDouble(gauge -> gauge.value())
                .sum();
    }

    /** Checks that every frame that was submitted has been released, once. */
    public void assertFramesReleased() {
        assertThat(frames).allMatch(frame -> frame.refCnt() == 0);
    }

    /** Gives back what the hot tiers hold. */
    public void release() {
        life.hotTiers.forEach(HotTier::close);
    }

    @Override
    public void close() {
        run();
        assertFramesReleased();
        release();
    }
}
