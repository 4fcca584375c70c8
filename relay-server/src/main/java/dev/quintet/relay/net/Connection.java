package dev.quintet.relay.net;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.EnvelopeHeader;
import dev.quintet.protocol.FrameChecker;
import dev.quintet.protocol.FrameDecoder;
import dev.quintet.protocol.FrameReader;
import dev.quintet.protocol.HotFrames;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.Submission;
import dev.quintet.protocol.wire.CallClaimed;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.GapReason;
import dev.quintet.protocol.wire.KeysExhausted;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.SubmitAnswer;
import dev.quintet.protocol.wire.Welcome;
import dev.quintet.relay.account.Account;
import dev.quintet.relay.account.LinkAlerts;
import dev.quintet.relay.fanout.Sender;
import dev.quintet.relay.fanout.Submissions;
import dev.quintet.relay.journal.LogOutReason;
import dev.quintet.relay.mailbox.Mailbox;
import dev.quintet.relay.mailbox.Subscriber;
import dev.quintet.relay.store.Resident;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A device that is logged in: its frames in, its deliveries and answers out.
 *
 * <p><b>Life:</b> opened by the handshake on the account's home loop; ended by the peer, by an error, by a newer
 * connection of the same device, or by the device's removal.
 *
 * <p><b>Thread:</b> the account's home loop; answers of fan-out come from any. <b>Memory:</b> the socket's buffers,
 * bounded: while too much is unsent, nothing is read. <b>Limits:</b> {@link ConnectionLimits}. <b>Failure:</b> a breach
 * of the protocol is answered once and ends the connection.
 */
final class Connection extends ChannelInboundHandlerAdapter implements Subscriber, Sender, Watched {
    private static final long EPHEMERAL = 0;
    private static final int OVERLOADED_MILLIS = 500;

    private final Reception reception;
    private final HomeRooms rooms;
    private final FrameWriter writer;
    private final FrameDecoder decoder;
    private final AccountId account;
    private final int device;
    private final TokenBucket frames;
    private final TokenBucket submissions;
    private final Watch watch;
    private final Channel channel;
    private final Deadlines deadlines;
    private final LinkDesk linkDesk;

    private HeldFrames held;
    private long loginRequest;
    private Resident resident;
    private long welcomedVersion;
    private Mailbox mailbox;
    private Acknowledgements acknowledgements;
    private KeyUploads keyUploads;
    private CloseReason closeReason = CloseReason.PEER;

    private int unanswered;
    private int saidDaysLeft;
    private boolean isHandling;

    Connection(Reception reception, FrameWriter writer, FrameDecoder decoder, Admission.Claim claim) {
        this.reception = reception;
        this.rooms = claim.rooms();
        this.writer = writer;
        this.decoder = decoder;
        this.account = claim.account();
        this.device = claim.device();
        ConnectionLimits limits = reception.terms().connection();
        long now = reception.ways().nanoTime().read();
        frames = new TokenBucket(limits.framesPerSecond(), limits.framesBurst(), now);
        submissions = new TokenBucket(limits.submissionsPerSecond(), limits.submissionsBurst(), now);
        channel = writer.channel();
        watch = reception.ways().watches().apply(channel);
        writer.moved(watch.departures());
        deadlines = new Deadlines(limits.timeouts(), decoder, writer, watch.now());
        linkDesk = new LinkDesk(reception.linkOffers(), writer, account, device);
    }

    /** Lets the device in; what is {@code early} is the connection's first. */
    void open(long requestId, HeldFrames early) {
        loginRequest = requestId;
        held = early;
        decoder.limit(reception.terms().connection().frameBytes());
        watch.add(this);
        findAccount();
    }

    /** The account, once its list is on disk: the device will hear which list that is. */
    private void findAccount() {
        if (!rooms.deviceLists().find(account, found -> load(found.list()))) {
            overloaded();
        }
    }

    private void load(DeviceList durable) {
        if (!rooms.home().residents().with(account, loaded -> enter(loaded, durable))) {
            overloaded();
        }
    }

    private void overloaded() {
        end(CloseReason.OVERLOADED, loginRequest, ErrorCode.OVERLOADED, "the relay is busy", OVERLOADED_MILLIS);
    }

    private void enter(Resident loaded, DeviceList durable) {
        if (!channel.isActive() || writer.isEnding()) {
            return;
        }
        Account now = rooms.deviceLists().account(loaded);
        if (!now.list().signed().equals(durable.signed())) {
            findAccount();
        } else if (now.outReason(device) != null) {
            loggedOut(now.outReason(device));
        } else if (durable.device(device) == null) {
            removed();
        } else {
            welcome(loaded, durable);
            held.lift();
            goOn();
        }
    }

    private void welcome(Resident loaded, DeviceList list) {
        resident = loaded;
        welcomedVersion = list.version();
        mailbox = rooms.mailboxes().mailbox(loaded, device);
        acknowledgements = new Acknowledgements(rooms.mailboxes(), loaded, mailbox, this);
        rooms.absences().seen(loaded, device);
        saidDaysLeft = daysLeft(list);
        ConnectionLimits limits = reception.terms().connection();
        writer.send(ServerFrame.newBuilder()
                .setRequestId(loginRequest)
                .setWelcome(Welcome.newBuilder()
                        .setAccount(account.toByteString())
                        .setDevice(device)
                        .setListVersion(list.version())
                        .setServerTimeMillis(reception.ways().clock().millis())
                        .setWindowEnvelopes(reception.terms().mailbox().windowEnvelopes())
                        .setWindowBytes(reception.terms().mailbox().windowBytes())
                        .setPingIntervalMillis(limits.timeouts().pingSeconds() * 1000)
                        .setCompanionDaysLeft(saidDaysLeft)
                        .addAllLoggedOut(list.loggedOut())));
        rooms.mailboxes().subscribe(loaded, mailbox, this);
        rooms.prekeys().connected(loaded, device);
        linkDesk.look(list);
    }

    /** The primary need not be warned: it is here. */
    private int daysLeft(DeviceList list) {
        return list.primary().number() == device ? 0 : rooms.absences().daysLeft(resident);
    }

    // Reading

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        deadlines.heard(watch.now());
        if (mailbox != null && !isHandling && held.isEmpty() && isReady()) {
            readNow((ByteBuf) message);
        } else {
            held.add((ByteBuf) message);
            readHeld();
        }
    }

    private void readNow(ByteBuf frame) {
        isHandling = true;
        read(frame);
        isHandling = false;
        afterReading();
    }

    /** Handles what can be handled now, and reads from the socket only if nothing is left. */
    private void readHeld() {
        if (mailbox == null || isHandling) {
            return;
        }
        isHandling = true;
        while (!held.isEmpty() && (isReady() || writer.isEnding())) {
            read(held.poll());
        }
        isHandling = false;
        afterReading();
    }

    private void afterReading() {
        if (held.isEmpty() && held.breach() != null) {
            breach(held.breach());
        }
        if (!writer.isEnding()) {
            channel.config().setAutoRead(isReady() && held.isEmpty());
        }
    }

    /** A device gets no further while it does not read, or waits for many answers, which may be much larger. */
    private boolean isReady() {
        return channel.isWritable() && unanswered < Submissions.REMEMBERED;
    }

    /** Something may have become possible that was not. */
    private void goOn() {
        if (!isHandling) {
            readHeld();
            readComplete();
        }
    }

    /**
     * A device that is removed or logged out is out from the moment that is in the journal, though it is told only when it
     * is durable.
     */
    private void read(ByteBuf frame) {
        if (!isIn()) {
            frame.release();
            return;
        }
        try {
            int body = FrameChecker.CLIENT.check(frame);
            if (!frames.take(1, reception.ways().nanoTime().read())) {
                tooFast("frames", FrameReader.requestId(frame), frames);
                frame.release();
                return;
            }
            if (body == ClientFrame.SUBMIT_FIELD_NUMBER) {
                submit(Submission.read(frame));
                return;
            }
            dispatch(body, frame);
            frame.release();
        } catch (ProtocolException breach) {
            frame.release();
            breach(breach);
        }
    }

    private void dispatch(int body, ByteBuf frame) {
        long requestId = FrameReader.requestId(frame);
        switch (body) {
            case ClientFrame.ACKNOWLEDGE_FIELD_NUMBER ->
                acknowledge(requestId, FrameReader.acknowledgedSequence(frame));
            case ClientFrame.PING_FIELD_NUMBER ->
                writer.send(
                        Notices.pong(requestId, FrameReader.clientFrame(frame).getPing()));
            case ClientFrame.PONG_FIELD_NUMBER -> {}
            case ClientFrame.AUTHENTICATE_FIELD_NUMBER,
                    ClientFrame.REGISTER_FIELD_NUMBER,
                    ClientFrame.OPEN_LINK_OFFER_FIELD_NUMBER ->
                end(CloseReason.BREACH, requestId, ErrorCode.WRONG_STATE, "already logged in", 0);
            default -> requests().handle(FrameReader.clientFrame(frame));
        }
    }

    /** They are rare and keep nothing: made for each, so that a connection at rest has none. */
    private Requests requests() {
        return new Requests(this, reception, rooms, writer, linkDesk);
    }

    /** Keys that the device has sent; made when it first sends some. */
    KeyUploads keyUploads() {
        if (keyUploads == null) {
            keyUploads = new KeyUploads(this, reception, rooms, writer);
        }
        return keyUploads;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        readComplete();
    }

    private void readComplete() {
        if (acknowledgements == null || !acknowledgements.isDue() || writer.isEnding()) {
            return;
        }
        deadlines.acknowledged(watch.now());
        if (!acknowledgements.journal()) {
            String message = "the relay's disk does not keep up";
            writer.sendError(acknowledgements.requestId(), ErrorCode.OVERLOADED, message, OVERLOADED_MILLIS);
        }
    }

    private void tooFast(String limit, long requestId, TokenBucket bucket) {
        reception.terms().meters().rateLimited(limit);
        if (bucket.isExhausted()) {
            end(
                    CloseReason.RATE_LIMITED,
                    requestId,
                    ErrorCode.RATE_LIMITED,
                    "the pause was not kept",
                    bucket.waitMillis());
        } else {
            writer.sendError(requestId, ErrorCode.RATE_LIMITED, "too many " + limit, bucket.waitMillis());
        }
    }

    /** Whether the device still takes part: it is neither gone nor out. */
    boolean isIn() {
        return resident != null && !mailbox.isOut();
    }

    /** The account; null once the device has left. */
    Resident resident() {
        return resident;
    }

    // Submitting

    private void submit(Submission submission) {
        long requestId = submission.requestId();
        if (!submissions.take(
                submission.recipientCount(), reception.ways().nanoTime().read())) {
            submission.release();
            tooFast("submissions", requestId, submissions);
            return;
        }
        awaitAnswer();
        Submissions.Refusal refusal = reception.submissions().submit(this, submission);
        if (refusal != null) {
            unanswered--;
            writer.sendError(requestId, refusal.code(), refusal.message(), 0);
        }
    }

    @Override
    public AccountId account() {
        return account;
    }

    @Override
    public int device() {
        return device;
    }

    @Override
    public boolean isMember() {
        return !mailbox.isOut();
    }

    @Override
    public void accepted(long requestId, AccountId recipient, long acceptedAtMillis) {
        if (rooms.home().isHere().getAsBoolean()) {
            acceptedHere(requestId, recipient, acceptedAtMillis);
        } else {
            rooms.home().executor().execute(() -> acceptedHere(requestId, recipient, acceptedAtMillis));
        }
    }

    private void acceptedHere(long requestId, AccountId recipient, long acceptedAtMillis) {
        if (!writer.isEnding()) {
            HotFrames.accepted(writer, requestId, recipient, acceptedAtMillis);
        }
        answered();
    }

    @Override
    public void answered(long requestId, SubmitAnswer answer) {
        rooms.home().run(() -> answer(requestId, ServerFrame.newBuilder().setSubmitAnswer(answer)));
    }

    /** An {@link #answer} will come. */
    void awaitAnswer() {
        unanswered++;
    }

    void answer(long requestId, ServerFrame.Builder answer) {
        writer.write(answer.setRequestId(requestId));
        answered();
    }

    private void answered() {
        writer.flushSoon();
        unanswered--;
        if (!channel.config().isAutoRead()) {
            goOn();
        }
    }

    // Acknowledging

    private void acknowledge(long requestId, long sequence) {
        if (acknowledgements.note(requestId, sequence)) {
            return;
        }
        String message = "sequence " + Long.toUnsignedString(sequence) + " was not delivered on this connection";
        if (acknowledgements.isEnough()) {
            end(CloseReason.BREACH, requestId, ErrorCode.INVALID_ACKNOWLEDGEMENT, message, 0);
        } else {
            writer.sendError(requestId, ErrorCode.INVALID_ACKNOWLEDGEMENT, message, 0);
        }
    }

    @Override
    public void acknowledged(long sequence, long requestId) {
        deadlines.awaits(rooms.mailboxes().hasUnacknowledged(mailbox));
        HotFrames.acknowledged(writer, requestId, sequence);
        writer.flushLater();
    }

    // Device lists

    @Override
    public void deviceListChanged(DeviceList list) {
        writer.send(Notices.listChanged(list));
        if (list.account().equals(account)) {
            deviceListPut(list);
        }
    }

    @Override
    public void deviceListPut(DeviceList list) {
        linkDesk.look(list);
        tellAlerts(list.version(), list.version());
    }

    @Override
    public void othersLoggedOut(DeviceList list) {
        writer.send(Notices.listChanged(list));
    }

    private void tellAlerts(long firstVersion, long lastVersion) {
        LinkAlerts alerts = rooms.deviceLists().account(resident).alerts();
        linkDesk.tellAlerts(
                alerts, firstVersion, lastVersion, reception.ways().clock().millis());
    }

    // Delivering

    @Override
    public boolean isWritable() {
        return channel.isWritable() && !writer.isEnding();
    }

    @Override
    public void backlog(long count, long bytes, long oldestAtMillis) {
        writer.write(Notices.backlog(count, bytes, oldestAtMillis));
        tellAlerts(1, welcomedVersion);
    }

    @Override
    public void backlogDelivered() {
        writer.send(Notices.backlogDelivered());
    }

    @Override
    public void deliver(long sequence, long previous, EnvelopeHeader header, ByteBuffer ciphertext) {
        if (sequence != EPHEMERAL) {
            deadlines.handedOut(watch.now());
        }
        HotFrames.deliver(writer, header, sequence, previous, ciphertext);
    }

    @Override
    public void gap(long sequence, long previous, long count, GapReason reason) {
        deadlines.handedOut(watch.now());
        writer.write(Notices.gap(sequence, previous, count, reason));
    }

    @Override
    public void flush() {
        writer.flushSoon();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (channel.isWritable()) {
            writable();
        } else if (mailbox != null && !writer.isEnding()) {
            // In the midst of a write: nothing else may be written now.
            channel.config().setAutoRead(false);
        }
    }

    private void writable() {
        if (mailbox != null) {
            rooms.mailboxes().pump(mailbox);
        }
        goOn();
    }

    @Override
    public void callClaimed(CallClaimed claimed) {
        writer.send(ServerFrame.newBuilder().setCallClaimed(claimed));
    }

    // Ending

    @Override
    public void keysExhausted() {
        writer.send(ServerFrame.newBuilder().setKeysExhausted(KeysExhausted.getDefaultInstance()));
    }

    @Override
    public void linkRequested() {
        linkDesk.look(rooms.deviceLists().account(resident).list());
    }

    @Override
    public void displaced() {
        end(CloseReason.REPLACED, 0, ErrorCode.REPLACED, "this device has logged in on a newer connection", 0);
    }

    @Override
    public void removed() {
        end(CloseReason.REMOVED, 0, ErrorCode.DEVICE_REMOVED, "this device was removed from its account", 0);
    }

    @Override
    public void loggedOut(LogOutReason reason) {
        end(CloseReason.LOGGED_OUT, 0, reason.code(), reason.message(), 0);
    }

    @Override
    public void goAway() {
        if (!writer.isEnding()) {
            closeReason = CloseReason.SHUTDOWN;
            leave();
            writer.endGoingAway(watch.now());
        }
    }

    private void breach(ProtocolException breach) {
        end(CloseReason.BREACH, 0, breach.code(), breach.getMessage(), 0);
    }

    private void end(CloseReason reason, long requestId, ErrorCode code, String message, int retryAfterMillis) {
        if (writer.isEnding()) {
            return;
        }
        closeReason = reason;
        leave();
        writer.end(requestId, code, message, retryAfterMillis, watch.now());
    }

    /** Gives the mailbox back; nothing is delivered here any more. */
    private void leave() {
        linkDesk.left();
        if (resident != null) {
            rooms.mailboxes().unsubscribe(resident, mailbox, this);
            resident = null;
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        leave();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        leave();
        watch.remove(this);
        reception.terms().meters().connectionClosed(closeReason);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof ProtocolException breach) {
            held.add(breach);
            readHeld();
        } else if (cause instanceof IOException || cause instanceof DecoderException) {
            context.close();
        } else {
            reception.ways().failure().accept(cause);
        }
    }

    @Override
    public void look(int tick) {
        writer.look(tick);
        if (writer.isEnding()) {
            return;
        }
        CloseReason late = deadlines.look(tick);
        if (late == CloseReason.TOO_SLOW) {
            end(late, 0, ErrorCode.TOO_SLOW, "nothing was read or nothing acknowledged for too long", 0);
        } else if (late != null) {
            closeReason = late;
            writer.abort();
        } else if (deadlines.isPingDue(tick)) {
            writer.send(Notices.ping(tick));
        }
        lookAtAbsences();
    }

    /** This device is here; that the primary is, or is not, may have changed what is to be said. */
    private void lookAtAbsences() {
        if (writer.isEnding() || !isIn()) {
            return;
        }
        rooms.absences().seen(resident, device);
        int daysLeft = daysLeft(rooms.deviceLists().account(resident).list());
        if (daysLeft != saidDaysLeft && !mailbox.isOut()) {
            saidDaysLeft = daysLeft;
            writer.send(Notices.expiring(daysLeft));
        }
    }
}
