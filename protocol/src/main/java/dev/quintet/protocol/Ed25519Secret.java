package dev.quintet.protocol;

import java.security.SecureRandom;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * An Ed25519 secret key (RFC 8032): what proves a device, or signs an account's device lists.
 *
 * <p><b>Thread:</b> any; immutable. {@code toString} says nothing about it.
 */
public final class Ed25519Secret {
    /** Size of the seed, in bytes. */
    public static final int SEED_BYTES = Ed25519.SECRET_KEY_SIZE;

    private final byte[] seed;
    private final Ed25519Key publicKey;

    private Ed25519Secret(byte[] seed) {
        this.seed = seed;
        byte[] point = new byte[Ed25519.PUBLIC_KEY_SIZE];
        Ed25519.generatePublicKey(seed, 0, point, 0);
        publicKey = Ed25519Key.ofKnown(point);
    }

    /** A new secret. */
    public static Ed25519Secret generate(SecureRandom random) {
        byte[] seed = new byte[SEED_BYTES];
        Ed25519.generatePrivateKey(random, seed);
        return new Ed25519Secret(seed);
    }

    /** The secret with this seed; throws {@link IllegalArgumentException} unless there are exactly 32 bytes. */
    public static Ed25519Secret of(byte[] seed) {
        if (seed.length != SEED_BYTES) {
            throw new IllegalArgumentException("an Ed25519 seed has 32 bytes, not " + seed.length);
        }
        return new Ed25519Secret(seed.clone());
    }

    /** The 64 bytes of the signature over {@code message}; the same each time. */
    public byte[] sign(byte[] message) {
        byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
        Ed25519.sign(seed, 0, message, 0, message.length, signature, 0);
        return signature;
    }

    /** What everybody may know. */
    public Ed25519Key publicKey() {
        return publicKey;
    }

    /** The 32 bytes that {@link #of} takes: to be kept where only their owner reads. */
    public byte[] toSeed() {
        return seed.clone();
    }
}
