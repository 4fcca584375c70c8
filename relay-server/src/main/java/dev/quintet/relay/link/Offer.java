package dev.quintet.relay.link;

import com.google.protobuf.ByteString;

/**
 * A new device's wish to join an account: how to claim it, who has, and how much has passed.
 *
 * <pre>
 *   open ──rotate──▶ open ──claim──▶ claimed ──▶ ended
 *     └──────────────── nobody came ────────────────▲
 * </pre>
 *
 * <p><b>Thread:</b> any, under the lock of {@link LinkOffers}.
 */
final class Offer {
    private final LinkParty newDevice;
    private final Asking asking;
    private final long openedNanos;
    private ByteString reference;
    private ByteString previous;
    private long rotatedNanos;
    private int rotations;

    private LinkParty primary;
    private long claimedNanos;
    private int messages;
    private long messageBytes;

    Offer(LinkParty newDevice, Asking asking, ByteString reference, long nowNanos) {
        this.newDevice = newDevice;
        this.asking = asking;
        this.reference = reference;
        openedNanos = nowNanos;
        rotatedNanos = nowNanos;
    }

    LinkParty newDevice() {
        return newDevice;
    }

    Asking asking() {
        return asking;
    }

    long openedNanos() {
        return openedNanos;
    }

    /** The newest one; the one that was claimed if it was. */
    ByteString reference() {
        return reference;
    }

    /** The one before, as long as it is good; else null. */
    ByteString previous() {
        return previous;
    }

    long rotatedNanos() {
        return rotatedNanos;
    }

    /** How often the reference was replaced. */
    int rotations() {
        return rotations;
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

    boolean isClaimed() {
        return primary != null;
    }

    /** Who has claimed it, or null. */
    LinkParty primary() {
        return primary;
    }

    long claimedNanos() {
        return claimedNanos;
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

    /** Counts a message if it is within the limits. */
    boolean takes(int bytes, LinkLimits limits) {
        if (messages + 1 > limits.messages() || messageBytes + bytes > limits.messageBytes()) {
            return false;
        }
        messages++;
        messageBytes += bytes;
        return true;
    }
}
