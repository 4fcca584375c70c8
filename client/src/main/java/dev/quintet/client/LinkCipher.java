package dev.quintet.client;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.HKDFParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.math.ec.rfc7748.X25519;

/**
 * What a new device and the primary say to each other, sealed against the relay between them.
 *
 * <pre>
 *   transcript  SHA-256 of "quintet link 1" | bytes of the QR code | X25519 key of the primary
 *   shared      X25519 (RFC 7748) of the two keys
 *   keys        HKDF-SHA256 (RFC 5869), salt = secret of the QR code, input = shared,
 *               info = "quintet link keys 1" | transcript, 68 bytes:
 *                 primary to new device 32 | new device to primary 32 | comparison 4
 *   sealed      ChaCha20-Poly1305 (RFC 8439); nonce = 4 zeros | number of the message from this side, from 0, as 8 bytes
 *               big endian; associated data = transcript
 * </pre>
 *
 * <p>The relay has neither of the X25519 secrets nor the secret of the QR code. The comparison code stands on both screens.
 *
 * <p><b>Thread:</b> one. <b>Failure:</b> what cannot be opened is a {@link LinkFailedException}.
 */
final class LinkCipher {
    private static final byte[] PURPOSE = ascii("quintet link 1");
    private static final byte[] KEYS = ascii("quintet link keys 1");
    private static final int KEY_BYTES = 32;
    private static final int TAG_BITS = 128;
    private static final int NONCE_BYTES = 12;
    private static final int COMPARISONS = 1_000_000;

    private final byte[] transcript;
    private final byte[] sealing;
    private final byte[] opening;
    private final int comparison;
    private long sealed;
    private long opened;

    private LinkCipher(byte[] transcript, byte[] shared, byte[] secret, boolean isPrimary) {
        this.transcript = transcript;
        HKDFBytesGenerator generator = new HKDFBytesGenerator(new SHA256Digest());
        generator.init(new HKDFParameters(shared, secret, join(KEYS, transcript)));
        byte[] toNewDevice = next(generator, KEY_BYTES);
        byte[] toPrimary = next(generator, KEY_BYTES);
        comparison = ByteBuffer.wrap(next(generator, Integer.BYTES)).getInt();
        sealing = isPrimary ? toNewDevice : toPrimary;
        opening = isPrimary ? toPrimary : toNewDevice;
    }

    static byte[] next(HKDFBytesGenerator generator, int size) {
        byte[] bytes = new byte[size];
        generator.generateBytes(bytes, 0, size);
        return bytes;
    }

    /** The primary's side; {@code linkSecret} is its own X25519 secret, new for this link. */
    static LinkCipher ofPrimary(LinkQr qr, byte[] linkSecret) {
        byte[] primaryKey = publicKey(linkSecret);
        byte[] shared = agree(linkSecret, qr.linkKey().toByteArray());
        return new LinkCipher(transcript(qr, primaryKey), shared, qr.secret().toByteArray(), true);
    }

    /** The new device's side; {@code linkSecret} belongs to the key in the QR code. */
    static LinkCipher ofNewDevice(LinkQr qr, byte[] linkSecret, byte[] primaryKey) {
        byte[] shared = agree(linkSecret, primaryKey);
        return new LinkCipher(transcript(qr, primaryKey), shared, qr.secret().toByteArray(), false);
    }

    /** The X25519 key of a secret. */
    static byte[] publicKey(byte[] linkSecret) {
        byte[] key = new byte[X25519.POINT_SIZE];
        X25519.generatePublicKey(linkSecret, 0, key, 0);
        return key;
    }

    private static byte[] agree(byte[] linkSecret, byte[] theirs) {
        byte[] shared = new byte[X25519.POINT_SIZE];
        if (!X25519.calculateAgreement(linkSecret, 0, theirs, 0, shared, 0)) {
            throw new LinkFailedException(
                    LinkFailedException.Kind.NOT_UNDERSTOOD, "the other side's key is of low order");
        }
        return shared;
    }

    private static byte[] transcript(LinkQr qr, byte[] primaryKey) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(join(PURPOSE, qr.toBytes(), primaryKey));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** What both sides' keys are bound to, 32 bytes. */
    byte[] transcript() {
        return transcript.clone();
    }

    /** Six digits that are the same on both sides: {@code 123 456}. */
    String comparison() {
        int digits = Integer.remainderUnsigned(comparison, COMPARISONS);
        return String.format(Locale.ROOT, "%03d %03d", digits / 1000, digits % 1000);
    }

    /** Seals the next message of this side. */
    byte[] seal(byte[] plain) {
        try {
            return run(true, sealing, sealed++, plain);
        } catch (InvalidCipherTextException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Opens the next message of the other side. */
    byte[] open(byte[] message) {
        try {
            return run(false, opening, opened++, message);
        } catch (InvalidCipherTextException forged) {
            throw new LinkFailedException(
                    LinkFailedException.Kind.WRONG_CODE,
                    "the other side does not know the code, or somebody is in between");
        }
    }

    private byte[] run(boolean isSealing, byte[] key, long number, byte[] input) throws InvalidCipherTextException {
        byte[] nonce =
                ByteBuffer.allocate(NONCE_BYTES).putInt(0).putLong(number).array();
        ChaCha20Poly1305 cipher = new ChaCha20Poly1305();
        cipher.init(isSealing, new AEADParameters(new KeyParameter(key), TAG_BITS, nonce, transcript));
        byte[] output = new byte[cipher.getOutputSize(input.length)];
        int length = cipher.processBytes(input, 0, input.length, output, 0);
        cipher.doFinal(output, length);
        return output;
    }

    static byte[] join(byte[]... parts) {
        int bytes = 0;
        for (byte[] part : parts) {
            bytes += part.length;
        }
        ByteBuffer joined = ByteBuffer.allocate(bytes);
        for (byte[] part : parts) {
            joined.put(part);
        }
        return joined.array();
    }

    private static byte[] ascii(String purpose) {
        return purpose.getBytes(StandardCharsets.US_ASCII);
    }
}
