package dev.quintet.relay.link;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import java.util.concurrent.TimeUnit;

/**
 * A new device's wish to join an account: how to claim it, who has, and how much has passed.
 *
 * <pre>
 *   by QR code   open ──rotate──▶ open ──claim──▶ claimed ──▶ ended
 *   by handle    open ──address──▶ addressed ──claim──▶ claimed ──try──▶ claimed ──▶ ended
 * </pre>
 *
 * <p>One by QR code goes to whoever shows its reference, which rotates. One by handle goes to one account only, keeps its
 * reference, and passes nothing on but within a try.
 *
 * <p><b>Thread:</b> any, under the lock of {@link LinkOffers}.
 */
final class Offer {
    private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final LinkParty newDevice;
    private final Asking asking;
    private final boolean isByHandle;
    private final LinkLimits limits;
    private final long openedNanos;
    private ByteString reference;
    private ByteString previous;
    private long rotatedNanos;
    private int rotations;

    private AccountId account;
    private LinkParty asked;

    private LinkParty primary;
    private long claimedNanos;
    private int tries;
    private int messages;
    private long messageBytes;

    Offer(
            LinkParty newDevice,
            Asking asking,
            boolean isByHandle,
            ByteString reference,
            LinkLimits limits,
            long nowNanos) {
        this.newDevice = newDevice;
        this.asking = asking;
        this.isByHandle = isByHandle;
        this.reference = reference;
        this.limits = limits;
        openedNanos = nowNanos;
        rotatedNanos = nowNanos;
    }

    LinkParty newDevice() {
        return newDevice;
    }

    Asking asking() {
        return asking;
    }

    boolean isByHandle() {
        return isByHandle;
    }

    // Time

    long remainingNanos(long nowNanos) {
        if (isByHandle) {
            return TimeUnit.SECONDS.toNanos(limits.handleOfferSeconds()) - (nowNanos - openedNanos);
        }
        return isClaimed()
                ? TimeUnit.SECONDS.toNanos(limits.claimSeconds()) - (nowNanos - claimedNanos)
                : TimeUnit.SECONDS.toNanos(limits.offerSeconds()) - (nowNanos - openedNanos);
    }

    /** How long the newest reference is good from its making on. */
    private long periodNanos() {
        if (isByHandle) {
            return TimeUnit.SECONDS.toNanos(limits.handleOfferSeconds());
        }
        return TimeUnit.SECONDS.toNanos(
                rotations == 0 ? limits.firstReferenceSeconds() : limits.nextReferenceSeconds());
    }

    /** How long the reference that was just made will be good. */
    long validNanos(long nowNanos) {
        return Math.min(remainingNanos(nowNanos), periodNanos());
    }

    boolean isRotationDue(long nowNanos) {
        return !isByHandle && !isClaimed() && nowNanos - rotatedNanos >= periodNanos();
    }

    /** Whether the reference before the newest is to be forgotten. */
    boolean isPreviousOver(long nowNanos) {
        return previous != null && !isClaimed() && nowNanos - rotatedNanos >= GRACE_NANOS;
    }

    /** Whether it can be claimed by {@code shown}. */
    boolean isGood(ByteString shown, long nowNanos) {
        boolean isNewest = shown.equals(reference);
        return remainingNanos(nowNanos) > 0 && (isNewest || nowNanos - rotatedNanos < GRACE_NANOS);
    }

    // References

    /** The newest one; the one that was claimed if it was. */
    ByteString reference() {
        return reference;
    }

    /** The one before, as long as it is remembered; else null. */
    ByteString previous() {
        return previous;
    }

    void rotate(ByteString next, long nowNanos) {
        previous = reference;
        reference = next;
        rotatedNanos = nowNanos;
        rotations++;
    }

    void forgetPrevious() {
        previous = null;
    }

    // By handle: who is asked

    /** The account that has the handle; null until it is known, which may be never. */
    AccountId account() {
        return account;
    }

    void address(AccountId owner) {
        account = owner;
    }

    /** The connection of the account's primary that was told of it, or null. */
    LinkParty asked() {
        return asked;
    }

    void ask(LinkParty told) {
        asked = told;
    }

    // The claim, and what passes

    boolean isClaimed() {
        return primary != null;
    }

    /** Whether this primary may claim it; whose a reference is shows only for a handle. */
    boolean isFor(LinkParty claimer) {
        return !isByHandle || claimer == asked;
    }

    /** Who has claimed it, or null. */
    LinkParty primary() {
        return primary;
    }

    /** Takes the claim by {@code used}, one of its references. */
    void claim(LinkParty by, ByteString used, long nowNanos) {
        primary = by;
        previous = used.equals(reference) ? previous : reference;
        reference = used;
        claimedNanos = nowNanos;
    }

    /** The other one of the two; null if {@code party} is none of them or the offer is not claimed. */
    LinkParty other(LinkParty party) {
        return party == newDevice ? primary : party == primary ? newDevice : null;
    }

    /** Begins a try of the code, with an allowance of its own; false if there was the last one. */
    boolean beginTry() {
        if (tries >= limits.tries()) {
            return false;
        }
        tries++;
        messages = 0;
        messageBytes = 0;
        return true;
    }

    /** Counts a message if it is within the limits. */
    boolean takes(int bytes) {
        boolean isOutsideTry = isByHandle && tries == 0;
        if (isOutsideTry || messages + 1 > limits.messages() || messageBytes + bytes > limits.messageBytes()) {
            return false;
        }
        messages++;
        messageBytes += bytes;
        return true;
    }
}
