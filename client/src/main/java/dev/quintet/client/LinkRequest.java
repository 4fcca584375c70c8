package dev.quintet.client;

import com.google.protobuf.ByteString;
import dev.quintet.client.LinkFailedException.Kind;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.LinkCloseReason;
import dev.quintet.protocol.wire.LinkMessage;
import dev.quintet.protocol.wire.LinkOfferClaimed;
import dev.quintet.protocol.wire.Platform;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A new device that asks this primary for a place: what to show the user, and the two answers.
 *
 * <p>Got from {@link Device#claim} or {@link LinkKnock#accept}: the new device has proved by then that it is the one whose
 * code was read, or on which the code was typed. Everything
 * but {@link #network} comes from itself and through no other hands. Ask the user to compare the six digits with the new
 * device's screen, then {@link #approve} or {@link #refuse}.
 *
 * <p><b>Thread:</b> any; messages arrive on the device's event loop.
 */
public final class LinkRequest implements LinkSide {
    private static final int MOST_NUMBERS_TRIED = 64;
    private static final int MOST_CONFLICTS = 8;

    private final Device device;
    private final DeviceKeys keys;
    private final LinkQr qr;
    private final LinkCipher cipher;
    private final byte[] hello;
    private final CompletableFuture<LinkRequest> proved = new CompletableFuture<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private LinkOfferClaimed claimed;
    private volatile LinkMessages.Introduction introduction;

    LinkRequest(Device device, DeviceKeys keys, LinkQr qr) {
        this.device = device;
        this.keys = keys;
        this.qr = qr;
        byte[] linkSecret = new byte[LinkQr.KEY_BYTES];
        new SecureRandom().nextBytes(linkSecret);
        cipher = LinkCipher.ofPrimary(qr, linkSecret);
        hello = LinkMessages.hello(LinkCipher.publicKey(linkSecret), cipher);
    }

    /** What the new device runs on. */
    public Platform platform() {
        return introduction.platform();
    }

    /** What the new device calls itself; show it as somebody else's words. */
    public String name() {
        return introduction.name();
    }

    /** Where it connects from, as the relay says: 192.0.2.0/24. */
    public String network() {
        return claimed.getNetwork();
    }

    /** Six digits that stand on both screens. */
    public String comparison() {
        return cipher.comparison();
    }

    /** Completed when the offer is over, however it ends: only then may the {@link Device} be closed. */
    public CompletableFuture<Void> ended() {
        return ended.copy();
    }

    // The device's calls, on its event loop

    CompletableFuture<LinkRequest> start(LinkOfferClaimed answer) {
        claimed = answer;
        send(hello);
        return proved;
    }

    @Override
    public void arrived(LinkMessage message) {
        try {
            if (introduction != null) {
                throw LinkMessages.notUnderstood("a message too many");
            }
            introduction = LinkMessages.readProof(message.getContent().toByteArray(), qr, cipher);
            proved.complete(this);
        } catch (LinkFailedException failed) {
            proved.completeExceptionally(failed);
            closed.completeExceptionally(failed);
            device.closeLink(qr.reference(), failed.reason());
        }
    }

    @Override
    public void closed(LinkCloseReason reason) {
        if (reason == LinkCloseReason.LINK_DONE) {
            closed.complete(null);
        }
        failed(LinkFailedException.closed(reason));
    }

    @Override
    public void disconnected() {
        failed(new LinkFailedException(Kind.ABANDONED, "the connection to the relay was lost; start again"));
    }

    private void failed(LinkFailedException failure) {
        ended.complete(null);
        closed.completeExceptionally(failure);
        proved.completeExceptionally(failure);
    }

    private void send(byte[] message) {
        device.sendLink(LinkMessage.newBuilder()
                .setReference(qr.reference())
                .setContent(ByteString.copyFrom(message))
                .build());
    }

    // The user's answer

    /** The user does not want it. */
    public void refuse() {
        device.closeLink(qr.reference(), LinkCloseReason.LINK_REFUSED);
    }

    /**
     * The user has compared and wants it: signs the next device list and hands the new device its place.
     *
     * @return the list with the new device, once that has stored its keys. If it goes away before, its place is taken
     *     back and this fails with a {@link LinkFailedException}; with a {@link RelayErrorException} if the relay refuses
     *     the list
     */
    public CompletableFuture<DeviceList> approve() {
        return device.deviceList(keys.account())
                .thenApply(signed -> KnownDeviceLists.own(signed, keys))
                .thenCompose(current -> put(current, firstNumber(current), 0))
                .thenCompose(this::handOver);
    }

    /** A device that was logged out comes back under its own number, as long as the relay has its mailbox. */
    private int firstNumber(DeviceList current) {
        return current.loggedOut().stream()
                .filter(number -> current.listed(number).identityKey().equals(qr.identityKey()))
                .findFirst()
                .orElse(current.highestNumber() + 1);
    }

    /**
     * A number that was used before is not in the list any more; the relay knows, and refuses it. A list that was put
     * meanwhile comes with the refusal.
     */
    private CompletableFuture<DeviceList> put(DeviceList current, int number, int tries) {
        DeviceList next = DeviceList.parse(DeviceListDraft.after(current)
                .add(number, qr.identityKey(), qr.registrationId(), introduction.platform())
                .sign(keys));
        return device.putDeviceList(next.signed()).thenApply(version -> next).exceptionallyCompose(failure -> {
            if (!(cause(failure) instanceof RelayErrorException refusal)) {
                return CompletableFuture.failedFuture(failure);
            }
            ErrorCode code = refusal.error().getCode();
            if (code == ErrorCode.INVALID_DEVICE_LIST && tries < MOST_NUMBERS_TRIED) {
                return put(current, Math.max(number, current.highestNumber()) + 1, tries + 1);
            }
            if (code == ErrorCode.LIST_CONFLICT && tries < MOST_CONFLICTS) {
                DeviceList newer = KnownDeviceLists.own(refusal.error().getDeviceList(), keys);
                return put(newer, firstNumber(newer), tries + 1);
            }
            return CompletableFuture.failedFuture(refusal);
        });
    }

    private CompletableFuture<DeviceList> handOver(DeviceList list) {
        int number = numberIn(list);
        send(LinkMessages.place(list, number, cipher));
        return closed.thenApply(done -> list)
                .exceptionallyCompose(failure -> device.putDeviceList(
                                DeviceListDraft.after(list).remove(number).sign(keys))
                        .handle((version, notTakenBack) -> {
                            throw new CompletionException(cause(failure));
                        }));
    }

    /** The number that the new device has in the list that {@link #approve} has put. */
    public int numberIn(DeviceList list) {
        return list.devices().stream()
                .filter(member -> member.identityKey().equals(qr.identityKey()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the new device is not in the list"))
                .number();
    }

    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
