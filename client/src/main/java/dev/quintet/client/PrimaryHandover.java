package dev.quintet.client;

import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.wire.SignedDeviceList;

/**
 * Hands an account over from its primary to one of its companions, without anybody linking again.
 *
 * <p>The two exchange three messages, sealed by the app and sent as envelopes of class SYNC, say:
 *
 * <pre>
 *   companion   its new account key      32 bytes, of {@link DeviceKeys#withNewAccountSecret}, stored first
 *   primary     {@link #propose}         the list, which the primary has signed
 *   companion   {@link #countersign}     the same list, countersigned
 *   primary     {@link Device#putDeviceList}
 * </pre>
 *
 * <p>The old primary keeps its account secret until the list is stored, the new one keeps its own from the start: so
 * whenever either is interrupted, one of the two is the primary, and the newest list says which; then the old one drops
 * its secret ({@link DeviceKeys#withoutAccountSecret}). Until the list is stored nothing has happened, and the
 * proposal may be dropped; any other list that is stored first makes it worthless.
 *
 * <p><b>Thread:</b> any. <b>Failure:</b> {@link UntrustedDeviceListException}.
 */
public final class PrimaryHandover {
    private PrimaryHandover() {}

    /**
     * The old primary proposes: the list after {@code current}, in which {@code companion} is the primary.
     *
     * @param accountKey the companion's new one, as it has said itself
     * @throws IllegalArgumentException if the account has no such companion
     */
    public static SignedDeviceList propose(
            DeviceKeys primary, DeviceList current, int companion, Ed25519Key accountKey) {
        if (companion == primary.device() || current.device(companion) == null) {
            throw new IllegalArgumentException("the account has no companion " + companion);
        }
        return DeviceListDraft.after(current)
                .handOver(primary, companion, accountKey)
                .sign(primary);
    }

    /**
     * The new primary countersigns, if the proposal follows the list that it knows, makes itself the primary by its own
     * key, and does nothing else.
     *
     * @param successor with its new account secret, which it has stored
     */
    public static SignedDeviceList countersign(DeviceKeys successor, DeviceList current, SignedDeviceList proposal) {
        SignedDeviceList countersigned =
                DeviceList.countersign(proposal, successor.accountSecret().orElseThrow());
        checkMayFollow(current, countersigned);
        DeviceList list = DeviceList.parse(countersigned);
        demand(list.primary().number() == successor.device(), "it makes another device the primary");
        return countersigned;
    }

    /** What the companion sends back is put as it is; this says whether the relay will take it. */
    public static void checkMayFollow(DeviceList current, SignedDeviceList countersigned) {
        try {
            DeviceList list = DeviceList.parse(countersigned);
            current.checkSuccessor(list, current.highestNumber());
            demand(list.isHandover(), "it hands nothing over");
            demand(list.isFromSuccessorOf(current), "a signature is wrong");
        } catch (ProtocolException broken) {
            throw new UntrustedDeviceListException("the handover breaks a rule: " + broken.getMessage());
        }
    }

    private static void demand(boolean condition, String otherwise) {
        if (!condition) {
            throw new UntrustedDeviceListException("the handover is not what it should be: " + otherwise);
        }
    }
}
