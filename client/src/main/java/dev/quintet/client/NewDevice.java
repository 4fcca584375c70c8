package dev.quintet.client;

import com.google.protobuf.ByteString;
import dev.quintet.client.Disconnection.Kind;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.Handle;
import dev.quintet.protocol.wire.Challenge;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.CloseLinkOffer;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.LinkCloseReason;
import dev.quintet.protocol.wire.LinkMessage;
import dev.quintet.protocol.wire.LinkOffer;
import dev.quintet.protocol.wire.LinkTry;
import dev.quintet.protocol.wire.OpenLinkOffer;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.Welcome;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;

/**
 * A device that wants to join an account: shows a QR code until its primary has read it and says yes; or names the
 * account's handle, and has its user type the one-time code that the primary shows.
 *
 * <p>Life: offered, by QR code with a new one from time to time; claimed, by handle with up to three tries; greeted (both screens show the comparison code); linked.
 * Then the keys are stored, the offer is closed, and a {@link Device} with the keys logs in on a connection of its own.
 *
 * <p><b>Thread:</b> any to start and to {@link #cancel}; the display is called, and the future completed, on an event loop
 * of the transport.
 * <b>Failure:</b> a {@link LinkFailedException}, or a {@link DisconnectedException} if the relay cannot be reached or
 * refuses.
 */
public final class NewDevice implements ConnectionOwner {
    private static final int TRIES = 3;

    private final RelayAddress relay;
    private final LinkMessages.Introduction introduction;
    private final String handle;
    private final LinkDisplay display;
    private final CompletableFuture<DeviceKeys> result = new CompletableFuture<>();
    private final DeviceKeys identity;
    private final byte[] linkSecret = new byte[LinkQr.KEY_BYTES];
    private final byte[] secret = new byte[LinkQr.KEY_BYTES];
    private final SecureRandom random = new SecureRandom();

    private RelayConnection connection;
    private CertificateHash certificate;
    private LinkQr qr;
    private LinkQr previous;
    private boolean isClaimed;
    private int tries;
    private CodeTry attempt;
    private boolean isAgreed;
    private LinkCipher cipher;
    private DeviceKeys linked;
    private RuntimeException failure;

    private NewDevice(
            RelayAddress relay,
            LinkMessages.Introduction introduction,
            DeviceKeys identity,
            String handle,
            LinkDisplay display) {
        this.relay = relay;
        this.introduction = introduction;
        this.identity = identity;
        this.handle = handle;
        this.display = display;
        random.nextBytes(linkSecret);
        random.nextBytes(secret);
    }

    /**
     * Opens an offer and shows its QR codes.
     *
     * @param platform what the primary is told that this is
     * @param name what it calls itself: one line of at most 64 bytes
     * @throws IllegalArgumentException if the name is too long
     */
    public static NewDevice open(
            ClientTransport transport,
            RelayAddress relay,
            Platform platform,
            String name,
            DeviceOptions options,
            LinkDisplay display) {
        return openAgain(newIdentity(), transport, relay, platform, name, options, display);
    }

    /**
     * The same for a device that was a companion and was logged out: with its keys of then it comes back, under its number
     * and to its mailbox if that is still there.
     *
     * @param former its keys; only the identity and the registration id are used
     */
    public static NewDevice openAgain(
            DeviceKeys former,
            ClientTransport transport,
            RelayAddress relay,
            Platform platform,
            String name,
            DeviceOptions options,
            LinkDisplay display) {
        NewDevice device = new NewDevice(relay, new LinkMessages.Introduction(platform, name), former, "", display);
        return device.open(transport, options);
    }

    /** Account and number are not known yet and never sent. */
    private static DeviceKeys newIdentity() {
        return DeviceKeys.companion(new AccountId(0, 0), DeviceKeys.FIRST_DEVICE, new SecureRandom());
    }

    /**
     * Asks the primary of the account that has this handle. Whether there is one is not told.
     *
     * @param handle as the account's primary has given it to the relay
     * @param platform what the primary is told that this is
     * @param name what it calls itself: one line of at most 64 bytes
     * @throws IllegalArgumentException if the name is too long
     */
    public static NewDevice openByHandle(
            ClientTransport transport,
            RelayAddress relay,
            Handle handle,
            Platform platform,
            String name,
            DeviceOptions options,
            LinkDisplay display) {
        return openAgainByHandle(newIdentity(), transport, relay, handle, platform, name, options, display);
    }

    /** The same for a device that was logged out, with its keys of then, as {@link #openAgain}. */
    public static NewDevice openAgainByHandle(
            DeviceKeys former,
            ClientTransport transport,
            RelayAddress relay,
            Handle handle,
            Platform platform,
            String name,
            DeviceOptions options,
            LinkDisplay display) {
        NewDevice device =
                new NewDevice(relay, new LinkMessages.Introduction(platform, name), former, handle.text(), display);
        return device.open(transport, options);
    }

    private NewDevice open(ClientTransport transport, DeviceOptions options) {
        connection = new RelayConnection(this, relay, this::offer, options);
        result.whenComplete((keys, failed) -> connection.closeSoon());
        transport.connect(transport.nextLoop(), relay, options, connection);
        return this;
    }

    /**
     * The keys of the device in its account, after {@link LinkDisplay#store} has returned. If the connection was cut just
     * then, the primary may have taken the place back; the login says so.
     */
    public CompletableFuture<DeviceKeys> linked() {
        return result;
    }

    /** Gives up. The code that was shown is worth nothing from then on. */
    public void cancel() {
        result.cancel(false);
    }

    private ClientFrame offer(Challenge challenge, CertificateHash seen) {
        certificate = seen;
        return ClientFrame.newBuilder()
                .setOpenLinkOffer(OpenLinkOffer.newBuilder()
                        .setVersion(Login.VERSION)
                        .setIdentityKey(identity.identity().publicKey().toByteString())
                        .setPlatform(introduction.platform())
                        .setName(introduction.name())
                        .setHandle(handle))
                .build();
    }

    @Override
    public void loggedIn(RelayConnection from, Challenge challenge, Welcome welcome) {
        throw LinkMessages.notUnderstood("a welcome to a link offer");
    }

    @Override
    public void arrived(RelayConnection from, ServerFrame frame) {
        try {
            handle(frame);
        } catch (LinkFailedException failed) {
            failure = failed;
            close(failed.reason());
        }
    }

    private void handle(ServerFrame frame) {
        switch (frame.getBodyCase()) {
            case LINK_OFFER -> show(frame.getLinkOffer());
            case LINK_OFFER_CLAIMED -> claimed(frame.getLinkOfferClaimed().getReference());
            case LINK_MESSAGE -> read(frame.getLinkMessage().getContent().toByteArray());
            case LINK_OFFER_CLOSED -> closed(frame.getLinkOfferClosed().getReason());
            case ERROR -> refused(frame.getError());
            default -> {}
        }
    }

    private void show(LinkOffer offer) {
        previous = qr;
        qr = new LinkQr(
                offer.getReference(),
                ByteString.copyFrom(LinkCipher.publicKey(linkSecret)),
                identity.identity().publicKey(),
                identity.registrationId(),
                ByteString.copyFrom(secret),
                certificate,
                relay.toString());
        if (isByHandle()) {
            display.asked(offer.getRemainingMillis());
        } else {
            display.show(qr, offer.getValidForMillis());
        }
    }

    private boolean isByHandle() {
        return !handle.isEmpty();
    }

    /** The reference may be the one before, which a slow camera has read. */
    private void claimed(ByteString reference) {
        if (previous != null && previous.reference().equals(reference)) {
            qr = previous;
        } else if (!qr.reference().equals(reference)) {
            throw LinkMessages.notUnderstood("a claim of a reference that was never shown");
        }
        isClaimed = true;
        if (isByHandle()) {
            display.enterCode(TRIES);
        }
    }

    /** The user has typed this code, after {@link LinkDisplay#enterCode}; ignored while another one is being tried. */
    public void enter(LinkCode code) {
        connection.run(() -> {
            if (isByHandle() && isClaimed && attempt == null && !isAgreed) {
                tries++;
                attempt = CodeTry.ofNewDevice(qr, code, random);
                connection.write(ClientFrame.newBuilder()
                        .setLinkTry(LinkTry.newBuilder().setReference(qr.reference()))
                        .build());
                send(attempt.begin());
            }
        });
    }

    private void readTry(byte[] message) {
        if (!attempt.isAnswered()) {
            send(attempt.confirm(message));
            return;
        }
        try {
            qr = attempt.agree(message);
            attempt = null;
            isAgreed = true;
        } catch (LinkFailedException failed) {
            attempt = null;
            if (failed.kind() != LinkFailedException.Kind.WRONG_CODE || tries == TRIES) {
                throw failed;
            }
            display.enterCode(TRIES - tries);
        }
    }

    private void read(byte[] message) {
        if (isByHandle() && !isAgreed) {
            if (attempt == null) {
                throw LinkMessages.notUnderstood("a message outside a try");
            }
            readTry(message);
        } else if (cipher == null) {
            cipher = LinkMessages.readHello(message, qr, linkSecret);
            send(LinkMessages.proof(identity, introduction, cipher));
            display.compare(cipher.comparison());
        } else if (linked == null) {
            linked = LinkMessages.readPlace(message, identity, cipher);
            store();
        } else {
            throw LinkMessages.notUnderstood("a message too many");
        }
    }

    private void store() {
        try {
            display.store(linked);
            close(LinkCloseReason.LINK_DONE);
        } catch (RuntimeException notStored) {
            linked = null;
            failure = notStored;
            close(LinkCloseReason.LINK_REFUSED);
        }
    }

    private void send(byte[] message) {
        connection.write(ClientFrame.newBuilder()
                .setLinkMessage(
                        LinkMessage.newBuilder().setReference(qr.reference()).setContent(ByteString.copyFrom(message)))
                .build());
    }

    private void close(LinkCloseReason reason) {
        connection.write(ClientFrame.newBuilder()
                .setCloseLinkOffer(
                        CloseLinkOffer.newBuilder().setReference(qr.reference()).setReason(reason))
                .build());
    }

    private void closed(LinkCloseReason reason) {
        if (failure == null && reason != LinkCloseReason.LINK_DONE) {
            failure = LinkFailedException.closed(reason);
        }
        connection.close(Disconnection.of(Kind.REQUESTED, "linking has ended"));
    }

    private void refused(Error error) {
        failure = new RelayErrorException(error);
        connection.close(Disconnection.of(Kind.REQUESTED, "linking has failed"));
    }

    @Override
    public void writable(RelayConnection from) {
        // What is written is little.
    }

    @Override
    public void disconnected(RelayConnection from, Disconnection disconnection) {
        if (linked != null) {
            result.complete(linked);
        } else {
            result.completeExceptionally(failure != null ? failure : new DisconnectedException(disconnection));
        }
    }
}
