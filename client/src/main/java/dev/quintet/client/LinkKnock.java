package dev.quintet.client;

import com.google.protobuf.ByteString;
import dev.quintet.client.LinkFailedException.Kind;
import dev.quintet.protocol.wire.LinkCloseReason;
import dev.quintet.protocol.wire.LinkMessage;
import dev.quintet.protocol.wire.LinkOfferClaimed;
import dev.quintet.protocol.wire.LinkRequested;
import dev.quintet.protocol.wire.Platform;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A device that asks by the account's handle to be linked: what to show the user, and the two answers.
 *
 * <p>Got by {@link DeviceListener#linkRequested}. Nothing of it is proved. Show who asks and have the user say yes; then
 * {@link #accept} and show {@link #code}, which the user types on the new device. The code is good for three tries and as
 * long as the offer, by a clock that nobody sets. The relay never sees it.
 *
 * <p><b>Thread:</b> any; messages arrive on the device's event loop.
 */
public final class LinkKnock implements LinkSide {
    private static final int TRIES = 3;
    private static final long LONGEST_MILLIS = TimeUnit.MINUTES.toMillis(10);

    private final Device device;
    private final DeviceKeys keys;
    private final LinkRequested request;
    private final long deadlineNanos;
    private final SecureRandom random = new SecureRandom();
    private final LinkCode code = LinkCode.random(random);
    private final CompletableFuture<LinkRequest> proved = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private LinkOfferClaimed claimed;
    private CodeTry attempt;
    private int tries;

    LinkKnock(Device device, DeviceKeys keys, LinkRequested request) {
        this.device = device;
        this.keys = keys;
        this.request = request;
        long millis = Math.min(LONGEST_MILLIS, Integer.toUnsignedLong(request.getRemainingMillis()));
        deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    /** What the new device says that it runs on. */
    public Platform platform() {
        return request.getPlatform();
    }

    /** What the new device calls itself; show it as somebody else's words. */
    public String name() {
        return request.getName();
    }

    /** Where it connects from, as the relay says: 192.0.2.0/24. */
    public String network() {
        return request.getNetwork();
    }

    /** What the user types on the new device after {@link #accept}. Of this device's own making. */
    public LinkCode code() {
        return code;
    }

    /**
     * Completed when the device no longer asks: linked, refused, gone, or the connection was cut. After a failure this is
     * later than the failure: whoever closes the {@link Device} before takes the reason from the new device.
     */
    public CompletableFuture<Void> ended() {
        return ended.copy();
    }

    /**
     * The user says yes and is shown the code.
     *
     * @return the new device, once the code was typed on it and it has proved its key: {@link LinkRequest#approve} it then.
     *     Fails with a {@link RelayErrorException} if the offer is over or there is no place left, with a {@link
     *     LinkFailedException} after three wrong codes
     */
    public CompletableFuture<LinkRequest> accept() {
        device.claimLink(request.getReference(), this).whenComplete((answer, failure) -> {
            if (failure == null) {
                claimed = answer;
            } else {
                end(LinkRequest.cause(failure));
            }
        });
        return proved;
    }

    /** The user does not want it: the offer ends. */
    public void refuse() {
        device.closeLink(request.getReference(), LinkCloseReason.LINK_REFUSED);
    }

    // The device's calls, on its event loop

    @Override
    public void arrived(LinkMessage message) {
        byte[] content = message.getContent().toByteArray();
        try {
            if (CodeTry.isBegin(content)) {
                begin(content);
            } else if (attempt != null) {
                agree(content);
            } else {
                throw LinkMessages.notUnderstood("a message outside a try");
            }
        } catch (LinkFailedException failed) {
            fail(failed);
        }
    }

    private void begin(byte[] content) {
        if (tries == TRIES || System.nanoTime() - deadlineNanos > 0) {
            throw new LinkFailedException(Kind.TIMED_OUT, "the code is no longer good");
        }
        tries++;
        attempt = CodeTry.ofPrimary(content, code, random);
        LinkQr card = attempt.card();
        if (!card.reference().equals(request.getReference())) {
            throw LinkMessages.notUnderstood("a card for another offer");
        }
        device.checkSameRelay(card);
        send(attempt.answer());
    }

    private void agree(byte[] content) {
        CodeTry tried = attempt;
        attempt = null;
        try {
            send(tried.agreeTo(content));
        } catch (LinkFailedException failed) {
            if (failed.kind() != Kind.WRONG_CODE) {
                throw failed;
            }
            wrong(failed);
            return;
        }
        goOn(new LinkRequest(device, keys, tried.agreed()));
    }

    /** The third time the new device closes the offer: it has to know why. */
    private void wrong(LinkFailedException failed) {
        send(CodeTry.WRONG);
        if (tries == TRIES) {
            proved.completeExceptionally(failed);
        }
    }

    private void goOn(LinkRequest linking) {
        device.continueLink(request.getReference(), linking);
        linking.ended().thenRun(() -> ended.complete(null));
        linking.start(claimed).thenAccept(this::compare).exceptionally(failure -> {
            proved.completeExceptionally(LinkRequest.cause(failure));
            return null;
        });
    }

    /** The user has said yes to what the relay told of the new device. */
    private void compare(LinkRequest linking) {
        if (linking.name().equals(name()) && linking.platform() == platform()) {
            proved.complete(linking);
        } else {
            linking.refuse();
            proved.completeExceptionally(
                    LinkMessages.notUnderstood("it is not the one that the relay said, but " + linking.platform()));
        }
    }

    private void fail(LinkFailedException failed) {
        proved.completeExceptionally(failed);
        device.closeLink(request.getReference(), failed.reason());
    }

    private void send(byte[] message) {
        device.sendLink(LinkMessage.newBuilder()
                .setReference(request.getReference())
                .setContent(ByteString.copyFrom(message))
                .build());
    }

    @Override
    public void closed(LinkCloseReason reason) {
        end(LinkFailedException.closed(reason));
    }

    @Override
    public void disconnected() {
        end(new LinkFailedException(Kind.ABANDONED, "the connection to the relay was lost; start again"));
    }

    private void end(Throwable why) {
        proved.completeExceptionally(why);
        ended.complete(null);
    }
}
