package dev.quintet.load;

import com.google.protobuf.ByteString;
import dev.quintet.client.DeviceAddress;
import dev.quintet.client.DeviceKeys;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.Ed25519Secret;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.X25519PrivateKeyParameters;

/**
 * Seals text from one device to another, so that the relay really carries what it cannot read.
 *
 * <p>HPKE (RFC 9180) in authenticated mode, X25519 with HKDF-SHA256 and ChaCha20-Poly1305, between the devices' identity
 * keys, each turned from Ed25519 into X25519 (RFC 7748, section 4.1). Both addresses are bound into it. There is no ratchet:
 * who learns an identity key later can read what was recorded before. Enough to try a relay by hand, not for an app.
 *
 * <p><b>Thread:</b> any. One call costs some hundred microseconds.
 */
final class TextSeal {
    private static final BigInteger FIELD_PRIME = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
    private static final int KEY_BYTES = 32;
    private static final byte[] NOTHING = {};

    private TextSeal() {}

    /** The ciphertext: the encapsulated key (32 bytes), then the sealed text. */
    static ByteString seal(DeviceKeys from, DeviceAddress to, Ed25519Key recipient, String text) {
        HPKE hpke = hpke();
        try {
            byte[][] sealed = hpke.seal(
                    hpke.deserializePublicKey(agreementKey(recipient)),
                    purpose(from.address(), to),
                    NOTHING,
                    text.getBytes(StandardCharsets.UTF_8),
                    null,
                    null,
                    agreementKeys(hpke, from.identity()));
            return ByteString.copyFrom(sealed[1]).concat(ByteString.copyFrom(sealed[0]));
        } catch (InvalidCipherTextException exception) {
            throw new IllegalStateException("sealing does not fail", exception);
        }
    }

    /** The text, if this device is the one it was sealed for and {@code sender} sealed it. */
    static Optional<String> open(DeviceAddress from, Ed25519Key sender, DeviceKeys to, ByteString ciphertext) {
        if (ciphertext.size() < KEY_BYTES) {
            return Optional.empty();
        }
        HPKE hpke = hpke();
        try {
            AsymmetricKeyParameter senderKey = hpke.deserializePublicKey(agreementKey(sender));
            byte[] text = hpke.open(
                    ciphertext.substring(0, KEY_BYTES).toByteArray(),
                    agreementKeys(hpke, to.identity()),
                    purpose(from, to.address()),
                    NOTHING,
                    ciphertext.substring(KEY_BYTES).toByteArray(),
                    null,
                    null,
                    senderKey);
            return Optional.of(new String(text, StandardCharsets.UTF_8));
        } catch (InvalidCipherTextException | IllegalStateException | IllegalArgumentException exception) {
            return Optional.empty();
        }
    }

    private static HPKE hpke() {
        return new HPKE(HPKE.mode_auth, HPKE.kem_X25519_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_CHACHA20_POLY1305);
    }

    private static byte[] purpose(DeviceAddress from, DeviceAddress to) {
        return ("quintet text 1 " + from + " " + to).getBytes(StandardCharsets.US_ASCII);
    }

    private static AsymmetricCipherKeyPair agreementKeys(HPKE hpke, Ed25519Secret secret) {
        byte[] scalar = Arrays.copyOf(sha512(secret.toSeed()), KEY_BYTES);
        byte[] publicKey =
                new X25519PrivateKeyParameters(scalar, 0).generatePublicKey().getEncoded();
        return hpke.deserializePrivateKey(scalar, publicKey);
    }

    /** The Montgomery u of the same point: (1 + y) / (1 - y). */
    private static byte[] agreementKey(Ed25519Key key) {
        byte[] littleEndian = key.toBytes();
        littleEndian[KEY_BYTES - 1] &= 0x7f;
        BigInteger y = new BigInteger(1, reversed(littleEndian));
        BigInteger u = BigInteger.ONE
                .add(y)
                .multiply(BigInteger.ONE.subtract(y).modInverse(FIELD_PRIME))
                .mod(FIELD_PRIME);
        byte[] bigEndian = u.toByteArray();
        byte[] result = new byte[KEY_BYTES];
        for (int index = 0; index < Math.min(KEY_BYTES, bigEndian.length); index++) {
            result[index] = bigEndian[bigEndian.length - 1 - index];
        }
        return result;
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] result = new byte[bytes.length];
        for (int index = 0; index < bytes.length; index++) {
            result[index] = bytes[bytes.length - 1 - index];
        }
        return result;
    }

    private static byte[] sha512(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-512").digest(bytes);
        } catch (NoSuchAlgorithmException exception) {
            throw new IllegalStateException("every Java has SHA-512", exception);
        }
    }
}
