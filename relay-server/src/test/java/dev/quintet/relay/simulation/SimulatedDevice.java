package dev.quintet.relay.simulation;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Secret;
import dev.quintet.protocol.Statement;
import dev.quintet.protocol.wire.Challenge;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.Deliver;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.Gap;
import dev.quintet.protocol.wire.GapReason;
import dev.quintet.protocol.wire.LinkAlert;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.SignedDeviceList;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A device that behaves: it repeats what was not answered, takes what comes, acknowledges sooner or later, and keeps all
 * that in a memory that nothing takes from it.
 */
final class SimulatedDevice {
    private static final int MOST_SESSIONS = 3;
    private static final long NEVER = Long.MAX_VALUE;

    private final Simulation simulation;
    private final SimulatedAccount account;
    private final int number;
    private final Ed25519Secret secret;
    private final Inbox inbox = new Inbox(this);
    private final List<DeviceSession> sessions = new ArrayList<>();
    private final Correspondence correspondence;
    private final SimulatedKeys keys;
    private final ListKeeper listKeeper;
    private final LostRegistration registration = new LostRegistration();
    private boolean isListed;
    private boolean isOut;
    private long removedStamp = NEVER;

    SimulatedDevice(Simulation simulation, SimulatedAccount account, int number, Ed25519Secret secret) {
        this.simulation = simulation;
        this.account = account;
        this.number = number;
        this.secret = secret;
        correspondence = new Correspondence(simulation, this);
        keys = new SimulatedKeys(simulation, this);
        listKeeper = number == 1 ? new ListKeeper(simulation, account) : null;
    }

    SimulatedAccount account() {
        return account;
    }

    int number() {
        return number;
    }

    /** Its number among all devices of the run. */
    int uid() {
        return account.index() * 1000 + number;
    }

    Ed25519Secret secret() {
        return secret;
    }

    Inbox inbox() {
        return inbox;
    }

    SimulatedKeys keys() {
        return keys;
    }

    List<DeviceSession> sessions() {
        return sessions;
    }

    long nowMillis() {
        return simulation.clock().millis();
    }

    private RandomGenerator random() {
        return simulation.random();
    }

    // Membership

    /** The newest list that is known to be stored names it, or does not. */
    void listed(boolean isNamed) {
        if (isListed && !isNamed) {
            removedStamp = simulation.stamp();
            simulation.trace().add("%s is removed", this);
        }
        isListed = isNamed;
    }

    boolean isListed() {
        return isListed;
    }

    /** From when on it is known to be removed. */
    long removedStamp() {
        return removedStamp;
    }

    private boolean mayLogIn() {
        return account.isRegistered() ? isListed || removedStamp < NEVER : number == 1;
    }

    /** The relay writes a frame to one of its connections: nothing but that it is out, once it is known to be out. */
    void written(ServerFrame frame) {
        boolean isFarewell = frame.hasChallenge() || frame.getError().getClosing();
        if (simulation.stamp() > removedStamp && !isFarewell) {
            simulation.report(new Violation(
                    Promise.REMOVED_IS_OUT, this + " is removed, and the relay writes " + frame.getBodyCase()));
        }
    }

    /** The relay has told of a device that was added after this one. */
    void alerted(LinkAlert alert) {
        if (alert.getDevice() <= number || !account.hasSigned(alert.getListVersion(), alert.getDevice())) {
            throw new Violation(Promise.LISTS_ONLY_ADVANCE, this + " is told of a device that was not added: " + alert);
        }
    }

    // What it does by itself

    /** Does one thing, whatever comes to its mind. */
    void act() {
        if (sessions.isEmpty()) {
            if (mayLogIn() && random().nextInt(isOut ? 200 : 3) == 0) {
                connect();
            }
            return;
        }
        DeviceSession session = newest();
        if (session.isLive()) {
            actOn(session);
        } else if (random().nextInt(100) == 0) {
            session.leave(random().nextBoolean());
        }
    }

    private DeviceSession newest() {
        return sessions.get(sessions.size() - 1);
    }

    private void actOn(DeviceSession session) {
        if (listKeeper != null && random().nextInt(account.members().size() < 3 ? 8 : 60) == 0) {
            keepList(session);
        }
        switch (random().nextInt(32)) {
            case 0, 1, 2, 3, 4, 5 -> acknowledgeSome(session);
            case 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 -> correspondence.sendNext(session);
            case 16, 17, 18, 19, 20, 21, 25 -> correspondence.compose();
            case 22 -> correspondence.trySomethingOld();
            case 23 -> askForList(session);
            case 24 -> ping(session);
            case 26 -> keys.upload(session);
            case 27 -> keys.ask(session);
            default -> comeOrGoSeldom(session);
        }
    }

    private void comeOrGoSeldom(DeviceSession session) {
        int choice = random().nextInt(60);
        if (choice == 0 && sessions.size() < MOST_SESSIONS) {
            connect();
        } else if (choice == 1) {
            simulation.trace().add("%s leaves", this);
            session.leave(false);
        }
    }

    /** Does all that is to be done, now. */
    void finish() {
        if (sessions.isEmpty()) {
            if (!isOut && mayLogIn()) {
                connect();
            }
        } else if (newest().isLive()) {
            DeviceSession session = newest();
            // What an earlier connection delivered was not sent here again if its acknowledgement has arrived.
            acknowledge(session, session.isBacklogDelivered() ? inbox.taken() : session.last());
            while (correspondence.sendNext(session)) {
                // until nothing is due
            }
            keepList(session);
        }
    }

    /** Whether nothing is left to be done. */
    boolean isFinished() {
        if (isOut || !mayLogIn()) {
            return true;
        }
        return !sessions.isEmpty()
                && newest().isBacklogDelivered()
                && correspondence.isDone()
                && inbox.acknowledged() == inbox.taken();
    }

    // Connecting

    private void connect() {
        Wire wire = simulation.connect();
        if (wire != null) {
            simulation.trace().add("%s connects", this);
            sessions.add(new DeviceSession(this, wire));
        }
    }

    /** Proves who it is, or registers the account. */
    void challenged(DeviceSession session, Challenge challenge) {
        byte[] bytes = challenge.getChallenge().toByteArray();
        ClientFrame.Builder frame = ClientFrame.newBuilder();
        AccountId own = account.isRegistered() ? account.id() : registration.guess(session);
        if (own != null) {
            byte[] statement = Statement.authenticate(bytes, own, number, CertificateHash.UNBOUND);
            frame.getAuthenticateBuilder()
                    .setVersion(1)
                    .setAccount(own.toByteString())
                    .setDevice(number)
                    .setSignature(ByteString.copyFrom(secret.sign(statement)));
            session.prove(frame, simulation.stamp(), inbox.acknowledged(), answer -> unexpected("login", answer));
        } else {
            AccountId given = AccountId.of(challenge.getNewAccount());
            SignedDeviceList first = account.signFirst(given);
            registration.tried(session, given, first);
            byte[] statement = Statement.register(bytes, given, number, CertificateHash.UNBOUND);
            frame.getRegisterBuilder()
                    .setVersion(1)
                    .setDeviceList(first)
                    .setSignature(ByteString.copyFrom(secret.sign(statement)));
            session.prove(frame, simulation.stamp(), 0, answer -> registered(given, first, answer));
        }
    }

    private void registered(AccountId given, SignedDeviceList first, ServerFrame answer) {
        if (!answer.hasRegistered()) {
            unexpected("register", answer);
        }
        if (!account.isRegistered()) {
            simulation.trace().add("%s is registered", this);
            account.registered(given, first);
        }
    }

    /** Throws {@link Violation}: no relay that keeps its word answers that. */
    void unexpected(String what, ServerFrame answer) {
        throw new Violation(Promise.BOUNDED, this + ": " + what + " got " + answer);
    }

    /** The relay has let it in. */
    void welcomed(DeviceSession session) {
        simulation.trace().add("%s is welcomed", this);
        if (!account.isRegistered()) {
            AccountId found = registration.guess(session);
            account.registered(found, registration.firstList(found));
        }
        if (session.provedStamp() > removedStamp) {
            throw new Violation(Promise.REMOVED_IS_OUT, this + " is removed and was let in");
        }
        sessions.forEach(other -> {
            if (other != session && other.provedStamp() < session.provedStamp()) {
                other.replaced(simulation.stamp());
            }
        });
    }

    /** The relay ends the connection with an error. */
    void refused(DeviceSession session, Error error) {
        simulation.trace().add("%s is refused: %s", this, error.getCode());
        switch (error.getCode()) {
            case DEVICE_REMOVED -> {
                if (isListed && session.provedStamp() > 0 && !listKeeperOf().hasProposals()) {
                    throw new Violation(Promise.REMOVED_IS_OUT, this + " is told to be removed, but is not");
                }
                isOut = true;
            }
            case LOGIN_FAILED -> {
                if (account.isRegistered()) {
                    throw new Violation(Promise.ACCEPTED_IS_ON_DISK, this + " is not known: " + error.getMessage());
                }
                registration.isUnknown();
            }
            case IDENTITY_KEY_KNOWN -> registration.isKnown(session);
            case OVERLOADED, RATE_LIMITED, REPLACED, LOGIN_TIMEOUT, TOO_SLOW, STORAGE_UNAVAILABLE -> {}
            default -> throw new Violation(Promise.BOUNDED, this + " was refused: " + error);
        }
    }

    private ListKeeper listKeeperOf() {
        return account.devices().get(0).listKeeper;
    }

    /** A connection has ended. */
    void over(DeviceSession session) {
        simulation.trace().add("%s is disconnected", this);
        sessions.remove(session);
        correspondence.over(session);
    }

    // Receiving

    void delivered(DeviceSession session, Deliver delivery) {
        Letter letter = simulation.ledger().delivered(this, session, delivery);
        simulation.trace().add("%s gets %d: %s", this, delivery.getSequence(), letter);
        if (delivery.getSequence() > 0) {
            inbox.take(
                    session,
                    delivery.getSequence(),
                    new Inbox.Item(delivery.getPrevious(), letter, delivery.getAcceptedAtMillis(), 0, null));
        }
    }

    void missed(DeviceSession session, Gap gap) {
        simulation.trace().add("%s misses %d: %d %s", this, gap.getSequence(), gap.getCount(), gap.getReason());
        if (gap.getReason() != GapReason.EXPIRED && gap.getReason() != GapReason.MAILBOX_FULL) {
            throw new Violation(Promise.ACCEPTED_IS_ON_DISK, this + " got " + gap);
        }
        inbox.take(
                session,
                gap.getSequence(),
                new Inbox.Item(gap.getPrevious(), null, 0, gap.getCount(), gap.getReason()));
    }

    private void acknowledgeSome(DeviceSession session) {
        long last = session.last();
        if (last > 0) {
            acknowledge(session, random().nextInt(4) == 0 ? random().nextLong(last + 1) : last);
        }
    }

    private void acknowledge(DeviceSession session, long sequence) {
        if (sequence > inbox.acknowledged() || sequence > 0 && random().nextInt(8) == 0) {
            simulation.trace().add("%s acknowledges %d", this, sequence);
            session.acknowledge(sequence);
        }
    }

    /** Whether it says that the same may succeed later. */
    static boolean isTemporary(ErrorCode code) {
        return code == ErrorCode.OVERLOADED || code == ErrorCode.STORAGE_UNAVAILABLE || code == ErrorCode.RATE_LIMITED;
    }

    // Lists and life signs

    private void askForList(DeviceSession session) {
        SimulatedAccount wanted =
                simulation.accounts().get(random().nextInt(simulation.accounts().size()));
        if (!wanted.isRegistered()) {
            return;
        }
        long atLeast = wanted.confirmed().version();
        ClientFrame.Builder frame = ClientFrame.newBuilder();
        frame.getGetDeviceListBuilder().setAccount(wanted.id().toByteString());
        session.send(frame, answer -> {
            if (answer.hasDeviceList()) {
                correspondence.learn(
                        wanted, wanted.confirm(answer.getDeviceList().getDeviceList(), atLeast));
            } else if (!isTemporary(answer.getError().getCode())) {
                throw new Violation(Promise.ACCEPTED_IS_ON_DISK, this + " asked for " + wanted + ": " + answer);
            }
        });
    }

    /** The list of its own account or of another one to which it has lately written. */
    void listChanged(SignedDeviceList shown) {
        AccountId changed = DeviceList.parseKnown(shown).account();
        SimulatedAccount owner = simulation.accounts().stream()
                .filter(SimulatedAccount::isRegistered)
                .filter(each -> each.id().equals(changed))
                .findAny()
                .orElseThrow(() -> new Violation(Promise.LISTS_ONLY_ADVANCE, this + " was shown a list of nobody"));
        owner.confirm(shown, 0);
    }

    private void ping(DeviceSession session) {
        ClientFrame.Builder frame = ClientFrame.newBuilder();
        frame.getPingBuilder().setToken(random().nextLong());
        session.send(frame, answer -> {});
    }

    private void keepList(DeviceSession session) {
        if (listKeeper != null) {
            listKeeper.act(session);
        }
    }

    @Override
    public String toString() {
        return account + "." + number;
    }
}
