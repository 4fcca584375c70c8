package dev.quintet.client;

import com.google.protobuf.ByteString;
import dev.quintet.client.LinkFailedException.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;

/**
 * One try of a one-time code: four messages by which the two sides agree on the secret that a QR code would have carried.
 * Then they go on as if it had.
 *
 * <pre>
 *   11 begin     new device to primary   0b | round 1 324 | card, 149 or more
 *   12 answer    primary to new device   0c | round 1 324 | round 2 162
 *   13 confirm   new device to primary   0d | round 2 162 | confirmation 32
 *   14 agree     primary to new device   0e | confirmation 32
 *   15 wrong     primary to new device   0f                              instead of 14
 *
 *   card         the bytes of the QR code, with zeros for the secret
 *   binding      SHA-256(card)
 *   transcript   SHA-256("quintet link code 1" | message 11 | message 12 | round 2 of message 13)
 *   keys         HKDF-SHA256 (RFC 5869): no salt, input = the key of {@link Jpake} 32,
 *                info = "quintet link code keys 1" | transcript, 96 bytes:
 *                secret 32 | confirmation of the new device 32 | confirmation of the primary 32
 * </pre>
 *
 * <p>The primary hears first whether the codes were the same, and only then shows that it knows the key.
 *
 * <p><b>Thread:</b> one. <b>Failure:</b> {@link LinkFailedException}: {@code WRONG_CODE}, {@code NOT_UNDERSTOOD}.
 */
final class CodeTry {
    static final byte[] WRONG = {15};

    private static final byte BEGIN = 11;
    private static final byte ANSWER = 12;
    private static final byte CONFIRM = 13;
    private static final byte AGREE = 14;
    private static final byte[] PURPOSE = ascii("quintet link code 1");
    private static final byte[] KEYS = ascii("quintet link code keys 1");
    private static final int KEY_BYTES = 32;

    private final LinkQr card;
    private final Jpake exchange;
    private byte[] begin;
    private byte[] answer;
    private byte[] secret;
    private byte[] ofNewDevice;
    private byte[] ofPrimary;

    private CodeTry(LinkQr card, Jpake.Side side, LinkCode code, SecureRandom random) {
        this.card = card;
        exchange = new Jpake(side, sha256(card.toBytes()), code, random);
    }

    // The new device

    /** The new device's side; {@code card} is what its QR code would say. */
    static CodeTry ofNewDevice(LinkQr card, LinkCode code, SecureRandom random) {
        return new CodeTry(card.withoutSecret(), Jpake.Side.NEW_DEVICE, code, random);
    }

    /** Message 11. */
    byte[] begin() {
        begin = LinkCipher.join(new byte[] {BEGIN}, exchange.round1(), card.toBytes());
        return begin;
    }

    /** Whether message 12 has come. */
    boolean isAnswered() {
        return answer != null;
    }

    /** Reads message 12; answers message 13. */
    byte[] confirm(byte[] message) {
        ByteBuffer body = body(message, ANSWER, Jpake.ROUND_1_BYTES + Jpake.ROUND_2_BYTES);
        exchange.readRound1(body);
        byte[] round2 = exchange.round2();
        answer = message;
        derive(exchange.readRound2(body), round2);
        return LinkCipher.join(new byte[] {CONFIRM}, round2, ofNewDevice);
    }

    /** Reads message 14: the code with the secret that both have. */
    LinkQr agree(byte[] message) {
        if (message.length == WRONG.length && message[0] == WRONG[0]) {
            throw wrong();
        }
        compare(P256.next(body(message, AGREE, KEY_BYTES), KEY_BYTES), ofPrimary);
        return agreed();
    }

    // The primary

    /** Whether a message is the first of a try. */
    static boolean isBegin(byte[] message) {
        return message.length > 0 && message[0] == BEGIN;
    }

    /** The primary's side, from message 11. */
    static CodeTry ofPrimary(byte[] message, LinkCode code, SecureRandom random) {
        if (message.length <= 1 + Jpake.ROUND_1_BYTES) {
            throw LinkMessages.notUnderstood("a message that is cut off");
        }
        ByteBuffer body = ByteBuffer.wrap(message, 1, message.length - 1);
        ByteBuffer round1 = ByteBuffer.wrap(P256.next(body, Jpake.ROUND_1_BYTES));
        CodeTry begun = new CodeTry(card(P256.next(body, body.remaining())), Jpake.Side.PRIMARY, code, random);
        begun.begin = message;
        begun.exchange.readRound1(round1);
        return begun;
    }

    private static LinkQr card(byte[] bytes) {
        try {
            LinkQr card = LinkQr.ofBytes(bytes);
            if (card.equals(card.withoutSecret())) {
                return card;
            }
        } catch (IllegalArgumentException none) {
            // Said below.
        }
        throw LinkMessages.notUnderstood("a card that is none");
    }

    /** What the new device says of itself. */
    LinkQr card() {
        return card;
    }

    /** Message 12. */
    byte[] answer() {
        answer = LinkCipher.join(new byte[] {ANSWER}, exchange.round1(), exchange.round2());
        return answer;
    }

    /** Reads message 13; answers message 14. */
    byte[] agreeTo(byte[] message) {
        ByteBuffer body = body(message, CONFIRM, Jpake.ROUND_2_BYTES + KEY_BYTES);
        byte[] round2 = P256.next(body, Jpake.ROUND_2_BYTES);
        derive(exchange.readRound2(ByteBuffer.wrap(round2)), round2);
        compare(P256.next(body, KEY_BYTES), ofNewDevice);
        return LinkCipher.join(new byte[] {AGREE}, ofPrimary);
    }

    /** The code with the secret that both have. */
    LinkQr agreed() {
        return card.withSecret(ByteString.copyFrom(secret));
    }

    // Both

    private void derive(byte[] key, byte[] round2) {
        byte[] transcript = sha256(LinkCipher.join(PURPOSE, begin, answer, round2));
        HKDFBytesGenerator generator = new HKDFBytesGenerator(new SHA256Digest());
        generator.init(new HKDFParameters(key, null, LinkCipher.join(KEYS, transcript)));
        secret = LinkCipher.next(generator, KEY_BYTES);
        ofNewDevice = LinkCipher.next(generator, KEY_BYTES);
        ofPrimary = LinkCipher.next(generator, KEY_BYTES);
    }

    private static void compare(byte[] confirmation, byte[] expected) {
        if (!MessageDigest.isEqual(confirmation, expected)) {
            throw wrong();
        }
    }

    private static LinkFailedException wrong() {
        return new LinkFailedException(Kind.WRONG_CODE, "the code was not the one that the primary shows");
    }

    private static ByteBuffer body(byte[] message, byte type, int bytes) {
        if (message.length != 1 + bytes || message[0] != type) {
            throw LinkMessages.notUnderstood("message " + type + " was expected");
        }
        return ByteBuffer.wrap(message, 1, bytes);
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static byte[] ascii(String purpose) {
        return purpose.getBytes(StandardCharsets.US_ASCII);
    }
}
