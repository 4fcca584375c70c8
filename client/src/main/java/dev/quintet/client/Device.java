package dev.quintet.client;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.wire.CallClaim;
import dev.quintet.protocol.wire.CallClaimed;
import dev.quintet.protocol.wire.ClaimLinkOffer;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.CloseLinkOffer;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.GetDeviceList;
import dev.quintet.protocol.wire.GetKeyCount;
import dev.quintet.protocol.wire.GetKeys;
import dev.quintet.protocol.wire.HandleToken;
import dev.quintet.protocol.wire.KeyBundles;
import dev.quintet.protocol.wire.KeyCount;
import dev.quintet.protocol.wire.LeaveAccount;
import dev.quintet.protocol.wire.LinkAlert;
import dev.quintet.protocol.wire.LinkCloseReason;
import dev.quintet.protocol.wire.LinkMessage;
import dev.quintet.protocol.wire.LinkOfferClaimed;
import dev.quintet.protocol.wire.LinkRequested;
import dev.quintet.protocol.wire.PutDeviceList;
import dev.quintet.protocol.wire.PutHandle;
import dev.quintet.protocol.wire.PutKeys;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.SignedDeviceList;
import dev.quintet.protocol.wire.Submit;
import dev.quintet.protocol.wire.SubmitAnswer;
import dev.quintet.protocol.wire.Welcome;
import io.netty.channel.EventLoop;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device of an account, connected to its relay for as long as it can be.
 *
 * <p>Life: {@link #connect}, then it logs in and, when the connection is lost, connects again by itself, after pauses that
 * grow; {@link #disconnect} makes it stay away until the next {@code connect}; {@link #close}, or a reason that is final
 * (removed, replaced by a newer login, refused), ends it. Requests may be made at any time before the end. Those without
 * an answer are sent again after each login, submissions in their order and with the same bytes, so that each gets one
 * answer however often the connection breaks.
 *
 * <p><b>Thread:</b> public methods from any thread; they do not block. Futures are completed, and the listener called,
 * on the device's event loop.
 * <b>Limits:</b> the relay's for submissions on their way, {@link DeviceOptions#mostWaiting} for requests beyond it; a
 * request above that fails with {@link RejectedExecutionException}.
 * <b>Failure:</b> an error that answers a request is a {@link RelayErrorException}, the device's end a {@link
 * DisconnectedException}.
 */
public final class Device implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Device.class);

    private final RelayAddress relay;
    private final DeviceKeys keys;
    private final DeviceListener listener;
    private final EventLoop loop;
    private final KeptConnection connection;
    private final MailboxEnd mailbox;
    private final Map<Integer, Long> alerted = new HashMap<>();
    private final Set<KnownDeviceLists> hearers = new CopyOnWriteArraySet<>();
    private final LinkSides links = new LinkSides();

    /** A device that does not know where it stands in its mailbox: it believes the first delivery. */
    public Device(
            ClientTransport transport,
            RelayAddress relay,
            DeviceKeys keys,
            DeviceOptions options,
            DeviceListener listener) {
        this(transport, relay, keys, options, listener, new MailboxCursor());
    }

    private Device(
            ClientTransport transport,
            RelayAddress relay,
            DeviceKeys keys,
            DeviceOptions options,
            DeviceListener listener,
            MailboxCursor cursor) {
        this.relay = relay;
        this.keys = keys;
        this.listener = listener;
        loop = transport.nextLoop();
        connection = new KeptConnection(transport, loop, new KeptConnection.Ends(relay, keys), options, new Ear());
        mailbox = new MailboxEnd(this, listener, options, loop, cursor);
    }

    /**
     * A device that knows where it stands, so that it can prove a hole from the first delivery on, and recognizes what it
     * has taken over in an earlier life.
     *
     * @param sequence of the last delivery that it took over; 0 if it never had one
     */
    public static Device resumeAfter(
            long sequence,
            ClientTransport transport,
            RelayAddress relay,
            DeviceKeys keys,
            DeviceOptions options,
            DeviceListener listener) {
        return new Device(transport, relay, keys, options, listener, new MailboxCursor(sequence));
    }

    /** Whose it is. */
    public DeviceAddress address() {
        return keys.address();
    }

    /**
     * Connects, and from now on again whenever the connection is lost.
     *
     * @return completed at the next login, at once if logged in; fails only if the device ends before. An attempt that
     *     failed is told to the listener
     */
    public CompletableFuture<Welcome> connect() {
        return connection.connect();
    }

    /** Leaves, and stays away until {@link #connect}. What is unanswered stays so. Completed when the connection is gone. */
    public CompletableFuture<Void> disconnect() {
        return connection.disconnect();
    }

    /** Ends the device: leaves, and fails what is unanswered. */
    @Override
    public void close() {
        connection.close();
    }

    /**
     * Submits envelopes to all devices of one or more accounts.
     *
     * @param submit with an envelope id that this device has not used
     * @return the answer, one for each recipient: accepted, mismatch or an error; or a {@link RelayErrorException} that is
     *     about the submission as a whole. An ephemeral one is worth nothing later: it is never sent again, and fails with
     *     a {@link DisconnectedException} if there is no connection
     */
    public CompletableFuture<SubmitAnswer> submit(Submit submit) {
        return connection.submit(submit);
    }

    /**
     * Takes a call that rings on all devices of this account; the first claim wins.
     *
     * @param offer the delivery that offered the call
     * @return which device has the call, this one or another; fails with {@code CALL_GONE}
     */
    public CompletableFuture<CallClaimed> claim(Delivery offer) {
        CallClaim claim = CallClaim.newBuilder()
                .setEnvelopeId(offer.envelopeId().toByteString())
                .setFromAccount(offer.from().account().toByteString())
                .setFromDevice(offer.from().device())
                .build();
        return request(ClientFrame.newBuilder().setCallClaim(claim)).thenApply(ServerFrame::getCallClaimed);
    }

    /** Asks for an account's newest device list; fails with {@code NOT_FOUND} if there is no such account. Not checked. */
    public CompletableFuture<SignedDeviceList> deviceList(AccountId account) {
        GetDeviceList get =
                GetDeviceList.newBuilder().setAccount(account.toByteString()).build();
        return request(ClientFrame.newBuilder().setGetDeviceList(get))
                .thenApply(answer -> answer.getDeviceList().getDeviceList());
    }

    /**
     * Puts the next version of the own account's list; only the primary may.
     *
     * @return the version once it is on the relay's disk; fails with {@code INVALID_DEVICE_LIST}, {@code LIST_CONFLICT} or
     *     {@code FORBIDDEN}
     */
    public CompletableFuture<Long> putDeviceList(SignedDeviceList deviceList) {
        PutDeviceList put = PutDeviceList.newBuilder().setDeviceList(deviceList).build();
        return request(ClientFrame.newBuilder().setPutDeviceList(put))
                .thenApply(answer -> answer.getDeviceListStored().getVersion());
    }

    /**
     * Leaves the account for good; only companions may. The relay deletes mailbox and keys, and the device ends.
     *
     * @return completed once that is on the relay's disk; fails with {@code FORBIDDEN} for the primary
     */
    public CompletableFuture<Void> leaveAccount() {
        return request(ClientFrame.newBuilder().setLeaveAccount(LeaveAccount.getDefaultInstance()))
                .handle((unused, end) -> end)
                .thenCompose(end -> end instanceof DisconnectedException out
                                && out.disconnection().code() == ErrorCode.DEVICE_REMOVED
                        ? CompletableFuture.completedFuture(null)
                        : CompletableFuture.failedFuture(end));
    }

    /**
     * Stores keys of this device, replacing its signed prekey and last-resort key and adding to its one-time prekeys.
     *
     * @return what is stored, once it is on the relay's disk; an upload that was stored before counts as stored. Fails with
     *     {@code INVALID_KEYS}, and nothing of it is stored
     */
    public CompletableFuture<KeyCount> putKeys(PutKeys keys) {
        return request(ClientFrame.newBuilder().setPutKeys(keys))
                .thenApply(ServerFrame::getKeyCount)
                .exceptionallyCompose(failure -> storedBefore(keys, failure.getCause()));
    }

    /** The answer to an upload may have been lost with a connection; then the ids of its repetition are used already. */
    private CompletableFuture<KeyCount> storedBefore(PutKeys keys, Throwable failure) {
        boolean mayBeStored = failure instanceof RelayErrorException refused
                && refused.code() == ErrorCode.INVALID_KEYS
                && keys.getOneTimeCount() > 0;
        if (!mayBeStored) {
            return CompletableFuture.failedFuture(failure);
        }
        int lastId = keys.getOneTime(keys.getOneTimeCount() - 1).getId();
        return keyCount()
                .thenCompose(count -> count.getHighestOneTimeId() == lastId
                        ? CompletableFuture.completedFuture(count)
                        : CompletableFuture.failedFuture(failure));
    }

    /** Asks how many keys this device has stored. */
    public CompletableFuture<KeyCount> keyCount() {
        return request(ClientFrame.newBuilder().setGetKeyCount(GetKeyCount.getDefaultInstance()))
                .thenApply(ServerFrame::getKeyCount);
    }

    /**
     * Asks for keys of an account's devices, which takes a one-time prekey of each.
     *
     * @param devices none for all
     * @return the newest list and the keys, neither of them checked: verify them by {@link KnownDeviceLists} and {@link
     *     dev.quintet.protocol.KeyUpload#isSignedBy}. Fails with {@code NOT_FOUND} or {@code RATE_LIMITED}
     */
    public CompletableFuture<KeyBundles> keys(AccountId account, int... devices) {
        GetKeys.Builder get = GetKeys.newBuilder().setAccount(account.toByteString());
        for (int device : devices) {
            get.addDevices(device);
        }
        return request(ClientFrame.newBuilder().setGetKeys(get)).thenApply(ServerFrame::getKeyBundles);
    }

    /**
     * Claims the link offer of a new device whose code this primary has read, and waits until it has proved that it is the
     * one that showed it. Nothing is linked before {@link LinkRequest#approve}.
     *
     * @return who asks; fails with a {@link RelayErrorException}: {@code LINK_OFFER_EXPIRED}, {@code LINK_OFFER_USED}, {@code
     *     LINK_LIMIT}, {@code FORBIDDEN}; or with a {@link LinkFailedException}
     */
    public CompletableFuture<LinkRequest> claim(LinkQr qr) {
        LinkRequest link;
        try {
            checkSameRelay(qr);
            link = new LinkRequest(this, keys, qr);
        } catch (LinkFailedException failure) {
            return CompletableFuture.failedFuture(failure);
        }
        return claimLink(qr.reference(), link).thenCompose(link::start).whenComplete((claimed, failure) -> {
            if (failure != null) {
                loop.execute(() -> links.remove(qr.reference(), link));
            }
        });
    }

    /** Claims an offer; {@code side} hears from then on what the new device says. */
    CompletableFuture<LinkOfferClaimed> claimLink(ByteString reference, LinkSide side) {
        ClaimLinkOffer claim =
                ClaimLinkOffer.newBuilder().setReference(reference).build();
        return CompletableFuture.runAsync(() -> links.put(reference, side), loop)
                .thenCompose(put -> request(ClientFrame.newBuilder().setClaimLinkOffer(claim)))
                .thenApply(ServerFrame::getLinkOfferClaimed);
    }

    /** Another one hears of the offer from now on. On the event loop. */
    void continueLink(ByteString reference, LinkSide next) {
        links.put(reference, next);
    }

    /**
     * Lets the account be asked for by this handle from now on; only the primary may.
     *
     * @param handle one line, or empty for none
     * @return completed once it is on the relay's disk; fails with {@code HANDLE_TAKEN} or {@code FORBIDDEN}
     */
    public CompletableFuture<Void> putHandle(String handle) {
        return putHandle(PutHandle.newBuilder().setHandle(handle));
    }

    /** As {@link #putHandle(String)}, with a token of the relay's operator; without a good one {@code HANDLE_NOT_PROVED}. */
    public CompletableFuture<Void> putHandle(String handle, HandleToken token) {
        return putHandle(PutHandle.newBuilder().setHandle(handle).setToken(token));
    }

    private CompletableFuture<Void> putHandle(PutHandle.Builder put) {
        return request(ClientFrame.newBuilder().setPutHandle(put)).thenAccept(answer -> {});
    }

    /** Throws {@link LinkFailedException} unless the new device sees the same relay as this one. */
    void checkSameRelay(LinkQr qr) {
        qr.checkSeenAt(relay);
    }

    /** From now on {@code lists} hears of every change that the relay tells. */
    void hearLists(KnownDeviceLists lists) {
        hearers.add(lists);
    }

    void sendLink(LinkMessage message) {
        connection.writeNow(ClientFrame.newBuilder().setLinkMessage(message));
    }

    void closeLink(ByteString reference, LinkCloseReason reason) {
        CloseLinkOffer close = CloseLinkOffer.newBuilder()
                .setReference(reference)
                .setReason(reason)
                .build();
        connection.writeNow(ClientFrame.newBuilder().setCloseLinkOffer(close));
    }

    /** Submissions without an answer at this moment. */
    public CompletableFuture<Integer> unanswered() {
        return connection.unanswered();
    }

    /** How often a submission was sent again after a cut. */
    public CompletableFuture<Long> repeated() {
        return connection.repeated();
    }

    /** The newest sequence up to which the relay has confirmed that everything is gone; 0 if there is none. */
    public CompletableFuture<Long> confirmedSequence() {
        return CompletableFuture.supplyAsync(mailbox::confirmed, loop);
    }

    /** Whether the relay has confirmed the acknowledgement of everything that this device has received. */
    public CompletableFuture<Boolean> isSettled() {
        return CompletableFuture.supplyAsync(mailbox::isSettled, loop);
    }

    void acknowledge(long sequence) {
        if (loop.inEventLoop()) {
            mailbox.take(sequence);
        } else {
            loop.execute(() -> mailbox.take(sequence));
        }
    }

    boolean isLoggedIn() {
        return connection.isLoggedIn();
    }

    /** Writes a frame that is not sent again by itself; answers its request id. Only while logged in. */
    long write(ClientFrame.Builder body) {
        return connection.write(body);
    }

    private CompletableFuture<ServerFrame> request(ClientFrame.Builder body) {
        return connection.request(body);
    }

    // Frames

    private void arrived(ServerFrame frame) {
        switch (frame.getBodyCase()) {
            case DELIVER -> mailbox.deliver(frame.getDeliver());
            case GAP -> mailbox.gap(frame.getGap());
            case ACKNOWLEDGED -> mailbox.confirm(frame.getAcknowledged().getSequence());
            case CALL_CLAIMED -> AppCode.call(() -> listener.callClaimed(frame.getCallClaimed()));
            case EXPIRING ->
                AppCode.call(() -> listener.expiring(frame.getExpiring().getCompanionDaysLeft()));
            case KEYS_EXHAUSTED -> AppCode.call(listener::keysExhausted);
            case LINK_REQUESTED -> linkRequested(frame.getLinkRequested());
            case LINK_MESSAGE -> links.arrived(frame.getLinkMessage());
            case LINK_OFFER_CLOSED -> links.closed(frame.getLinkOfferClosed());
            case DEVICE_LIST_CHANGED -> listChanged(frame.getDeviceListChanged().getDeviceList());
            case LINK_ALERT -> alert(frame.getLinkAlert());
            case BACKLOG -> AppCode.call(() -> listener.backlog(frame.getBacklog()));
            case BACKLOG_DELIVERED -> AppCode.call(listener::backlogDelivered);
            case ERROR -> refused(frame.getRequestId(), frame.getError());
            default -> LOG.debug("ignored a frame that this client does not know");
        }
    }

    private void refused(long requestId, Error error) {
        if (!mailbox.refused(requestId, error.getRetryAfterMillis())) {
            LOG.warn("the relay reports {}: {}", error.getCode(), error.getMessage());
        }
    }

    private void listChanged(SignedDeviceList list) {
        hearers.forEach(lists -> AppCode.call(() -> lists.hear(list)));
        AppCode.call(() -> listener.deviceListChanged(list));
    }

    /** The relay tells it again after each login. */
    private void alert(LinkAlert alert) {
        Long before = alerted.put(alert.getDevice(), alert.getListVersion());
        if (before == null || before != alert.getListVersion()) {
            AppCode.call(() -> listener.linked(alert));
        }
    }

    private void linkRequested(LinkRequested requested) {
        LinkKnock knock = new LinkKnock(this, keys, requested);
        links.put(requested.getReference(), knock);
        AppCode.call(() -> listener.linkRequested(knock));
    }

    /** What the connection tells, kept out of the public methods. */
    private final class Ear implements KeptConnection.Listener {
        @Override
        public void loggedIn(Welcome welcome) {
            AppCode.call(() -> listener.connected(welcome));
            if (welcome.getCompanionDaysLeft() > 0) {
                AppCode.call(() -> listener.expiring(welcome.getCompanionDaysLeft()));
            }
        }

        @Override
        public void arrived(ServerFrame frame) {
            Device.this.arrived(frame);
        }

        @Override
        public void disconnected(Disconnection disconnection) {
            links.disconnected();
            mailbox.disconnect();
            AppCode.call(() -> listener.disconnected(disconnection));
        }
    }
}
