package dev.quintet.client;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.Ed25519Key;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;

/**
 * What a new device shows as a QR code, and the primary reads.
 *
 * <p>The text is {@code quintet:1:} and then base64url without padding (RFC 4648, section 5) of
 *
 * <pre>
 *     0  reference of the link offer            16
 *    16  X25519 key of the new device           32
 *    48  Ed25519 identity key of the new device 32
 *    80  registration id, big endian             4
 *    84  secret, random for each offer          32
 *   116  certificate hash                       32   of the relay as the new device sees it; zeros if it is unbound
 *   148  address of the relay, HOST:PORT        1 to 255 bytes of UTF-8
 * </pre>
 *
 * <p>Whoever sees the code can answer in the primary's place: it is shown to one's own camera. {@code toString} gives no
 * secret away.
 *
 * @param reference names the offer to the relay
 * @param linkKey for the key agreement
 * @param identityKey proves the device from then on
 * @param registrationId new at each installation
 * @param secret which the relay does not know
 * @param certificate as in the login
 * @param relay where the offer is
 */
public record LinkQr(
        ByteString reference,
        ByteString linkKey,
        Ed25519Key identityKey,
        int registrationId,
        ByteString secret,
        CertificateHash certificate,
        String relay) {
    /** What every text begins with: name and version. */
    public static final String PREFIX = "quintet:1:";

    static final int KEY_BYTES = 32;
    private static final int REFERENCE_BYTES = 16;
    private static final int FIXED_BYTES = REFERENCE_BYTES + 4 * KEY_BYTES + Integer.BYTES;
    private static final int MOST_ADDRESS_BYTES = 255;

    /** Throws {@link IllegalArgumentException} for parts of a wrong size. */
    public LinkQr {
        boolean hasSizes = reference.size() == REFERENCE_BYTES
                && linkKey.size() == KEY_BYTES
                && secret.size() == KEY_BYTES
                && registrationId > 0;
        int addressBytes = relay.getBytes(StandardCharsets.UTF_8).length;
        if (!hasSizes || addressBytes < 1 || addressBytes > MOST_ADDRESS_BYTES) {
            throw new IllegalArgumentException("a part of the link code has a wrong size");
        }
    }

    /** Reads a text; throws {@link IllegalArgumentException}, without the text, if it is none. */
    public static LinkQr parse(String text) {
        if (!text.startsWith(PREFIX)) {
            throw new IllegalArgumentException("this is no link code of version 1: it does not begin with " + PREFIX);
        }
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text.substring(PREFIX.length()));
        } catch (IllegalArgumentException exception) {
            throw new IllegalArgumentException("the link code is damaged");
        }
        return ofBytes(bytes);
    }

    /** Reads the bytes below a text; throws {@link IllegalArgumentException} if they are none. */
    static LinkQr ofBytes(byte[] bytes) {
        if (bytes.length <= FIXED_BYTES) {
            throw new IllegalArgumentException("the link code is cut off");
        }
        return read(ByteBuffer.wrap(bytes));
    }

    /** The same with another secret. */
    LinkQr withSecret(ByteString other) {
        return new LinkQr(reference, linkKey, identityKey, registrationId, other, certificate, relay);
    }

    /** The same with zeros for the secret: what may be sent past the relay. */
    LinkQr withoutSecret() {
        return withSecret(ByteString.copyFrom(new byte[KEY_BYTES]));
    }

    private static LinkQr read(ByteBuffer bytes) {
        return new LinkQr(
                next(bytes, REFERENCE_BYTES),
                next(bytes, KEY_BYTES),
                Ed25519Key.of(next(bytes, KEY_BYTES)),
                bytes.getInt(),
                next(bytes, KEY_BYTES),
                CertificateHash.parse(
                        HexFormat.of().formatHex(next(bytes, KEY_BYTES).toByteArray())),
                next(bytes, bytes.remaining()).toStringUtf8());
    }

    private static ByteString next(ByteBuffer bytes, int size) {
        byte[] next = new byte[size];
        bytes.get(next);
        return ByteString.copyFrom(next);
    }

    /** A new device whose login names no certificate cannot be at the relay of a primary whose login names one. */
    void checkSeenAt(RelayAddress primarysRelay) {
        RelayTrust trust = primarysRelay.trust();
        if (trust.isBound() && certificate.equals(CertificateHash.UNBOUND)) {
            throw new LinkFailedException(
                    LinkFailedException.Kind.WRONG_CODE, "the new device names no certificate of the relay");
        }
        if (trust instanceof RelayTrust.Pinned pinned && !certificate.equals(pinned.fingerprint())) {
            throw new LinkFailedException(
                    LinkFailedException.Kind.OTHER_RELAY, "the new device sees another certificate of the relay");
        }
    }

    /** The bytes below the text, which both sides' keys are bound to. */
    byte[] toBytes() {
        byte[] address = relay.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(FIXED_BYTES + address.length)
                .put(reference.toByteArray())
                .put(linkKey.toByteArray())
                .put(identityKey.toBytes())
                .putInt(registrationId)
                .put(secret.toByteArray())
                .put(certificate.toBytes())
                .put(address)
                .array();
    }

    /** What the QR code says. Secret. */
    public String text() {
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(toBytes());
    }

    @Override
    public String toString() {
        return "link code for " + relay;
    }
}
