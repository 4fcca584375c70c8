package dev.quintet.protocol;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.wire.LastResortKey;
import dev.quintet.protocol.wire.OneTimePrekey;
import dev.quintet.protocol.wire.PutKeys;
import dev.quintet.protocol.wire.SignedPrekey;
import java.util.List;

/**
 * The keys of one device as it uploads them.
 *
 * <p>An upload that exists has at least one key and at most {@link #MAX_ONE_TIME} one-time prekeys, whose ids are 1 to
 * 2<sup>31</sup>-1 and rise. Whether the signatures are the device's is asked separately, and whether the ids rise above
 * those of earlier uploads is known to the relay alone.
 *
 * <p><b>Thread:</b> any; immutable. {@link #isSignedBy} costs tens of microseconds for each key: not for event loops.
 */
public final class KeyUpload {
    /** One-time prekeys in one upload. */
    public static final int MAX_ONE_TIME = 100;

    private final PutKeys keys;

    private KeyUpload(PutKeys keys) {
        this.keys = keys;
    }

    /**
     * The upload in a checked frame; signatures are not looked at.
     *
     * @throws ProtocolException {@code INVALID_KEYS}; the message says which rule is broken
     */
    public static KeyUpload parse(PutKeys keys) {
        int count = keys.getOneTimeCount();
        demand(count <= MAX_ONE_TIME, "there are more than " + MAX_ONE_TIME + " one-time prekeys in one upload");
        demand(count > 0 || keys.hasSignedPrekey() || keys.hasLastResort(), "there is no key in the upload");
        int previous = 0;
        for (OneTimePrekey key : keys.getOneTimeList()) {
            demand(key.getId() > previous, "the ids of one-time prekeys are not 1 to 2^31-1 and rising");
            previous = key.getId();
        }
        return new KeyUpload(keys);
    }

    private static void demand(boolean condition, String otherwise) {
        if (!condition) {
            throw ProtocolException.invalidKeys(otherwise);
        }
    }

    /** A signed prekey of the device that {@code identity} proves. */
    public static SignedPrekey signedPrekey(
            AccountId account, int device, int id, ByteString key, Ed25519Secret identity) {
        byte[] signature = identity.sign(Statement.signedPrekey(account, device, id, key.toByteArray()));
        return SignedPrekey.newBuilder()
                .setId(id)
                .setKey(key)
                .setSignature(ByteString.copyFrom(signature))
                .build();
    }

    /** A last-resort key of the device that {@code identity} proves. */
    public static LastResortKey lastResortKey(
            AccountId account, int device, int id, ByteString key, Ed25519Secret identity) {
        byte[] signature = identity.sign(Statement.lastResortKey(account, device, id, key.toByteArray()));
        return LastResortKey.newBuilder()
                .setId(id)
                .setKey(key)
                .setSignature(ByteString.copyFrom(signature))
                .build();
    }

    /** Whether the signature is by {@code identity}, the key of this device. */
    public static boolean isSignedBy(SignedPrekey signed, AccountId account, int device, Ed25519Key identity) {
        byte[] key = signed.getKey().toByteArray();
        return identity.verify(
                Statement.signedPrekey(account, device, signed.getId(), key),
                signed.getSignature().toByteArray());
    }

    /** Whether the signature is by {@code identity}, the key of this device. */
    public static boolean isSignedBy(LastResortKey signed, AccountId account, int device, Ed25519Key identity) {
        byte[] key = signed.getKey().toByteArray();
        return identity.verify(
                Statement.lastResortKey(account, device, signed.getId(), key),
                signed.getSignature().toByteArray());
    }

    /** Whether what has to be signed is signed by {@code identity}, the key of this device. */
    public boolean isSignedBy(AccountId account, int device, Ed25519Key identity) {
        return (!keys.hasSignedPrekey() || isSignedBy(keys.getSignedPrekey(), account, device, identity))
                && (!keys.hasLastResort() || isSignedBy(keys.getLastResort(), account, device, identity));
    }

    /** A serialized {@link SignedPrekey}; empty if the upload has none. */
    public byte[] signedPrekey() {
        return keys.hasSignedPrekey() ? keys.getSignedPrekey().toByteArray() : new byte[0];
    }

    /** A serialized {@link LastResortKey}; empty if the upload has none. */
    public byte[] lastResort() {
        return keys.hasLastResort() ? keys.getLastResort().toByteArray() : new byte[0];
    }

    /** By rising id. */
    public List<OneTimePrekey> oneTime() {
        return keys.getOneTimeList();
    }
}
