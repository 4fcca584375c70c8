package dev.quintet.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.quintet.client.LinkFailedException.Kind;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.SignedDeviceList;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The three messages by which a device is linked, inside {@code LinkMessage.content}:
 *
 * <pre>
 *   1 hello    primary to new device   01 | X25519 key 32 | sealed: nothing
 *   2 proof    new device to primary   02 | sealed: signature 64 | platform 1 | name, UTF-8, 0 to 64
 *   3 place    primary to new device   03 | sealed: account 16 | device 4, big endian | a serialized SignedDeviceList
 * </pre>
 *
 * <p>The signature is Ed25519 by the identity key of the QR code over {@code "quintet link proof 1" | transcript}.
 */
final class LinkMessages {
    private static final byte HELLO = 1;
    private static final byte PROOF = 2;
    private static final byte PLACE = 3;
    private static final int SIGNATURE_BYTES = 64;
    private static final int NAME_BYTES = 64;
    private static final byte[] PURPOSE = "quintet link proof 1".getBytes(StandardCharsets.US_ASCII);

    private LinkMessages() {}

    /**
     * What the new device says of itself, sealed, so that the relay cannot have made it up.
     *
     * @param platform what it runs on
     * @param name what it calls itself, at most 64 bytes
     */
    record Introduction(Platform platform, String name) {
        /** Throws {@link IllegalArgumentException} for a name that is too long. */
        Introduction {
            if (name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES) {
                throw new IllegalArgumentException("the device's name has more than " + NAME_BYTES + " bytes");
            }
        }
    }

    static byte[] hello(byte[] primaryKey, LinkCipher cipher) {
        return LinkCipher.join(new byte[] {HELLO}, primaryKey, cipher.seal(new byte[0]));
    }

    /** The cipher that a hello makes for the new device; has checked that the primary knows the secret. */
    static LinkCipher readHello(byte[] message, LinkQr qr, byte[] linkSecret) {
        ByteBuffer hello = body(message, HELLO, LinkQr.KEY_BYTES);
        byte[] primaryKey = next(hello, LinkQr.KEY_BYTES);
        LinkCipher cipher = LinkCipher.ofNewDevice(qr, linkSecret, primaryKey);
        cipher.open(next(hello, hello.remaining()));
        return cipher;
    }

    static byte[] proof(DeviceKeys identity, Introduction introduction, LinkCipher cipher) {
        byte[] signature = identity.identity().sign(proved(cipher));
        byte[] platform = {(byte) introduction.platform().getNumber()};
        byte[] name = introduction.name().getBytes(StandardCharsets.UTF_8);
        return LinkCipher.join(new byte[] {PROOF}, cipher.seal(LinkCipher.join(signature, platform, name)));
    }

    private static byte[] proved(LinkCipher cipher) {
        return LinkCipher.join(PURPOSE, cipher.transcript());
    }

    /** Who asks, once it is proved that it has the identity key of the QR code. */
    static Introduction readProof(byte[] message, LinkQr qr, LinkCipher cipher) {
        byte[] plain = cipher.open(rest(body(message, PROOF, 0)));
        if (plain.length <= SIGNATURE_BYTES || plain.length > SIGNATURE_BYTES + 1 + NAME_BYTES) {
            throw notUnderstood("its proof has a wrong size");
        }
        ByteBuffer proof = ByteBuffer.wrap(plain);
        if (!qr.identityKey().verify(proved(cipher), next(proof, SIGNATURE_BYTES))) {
            throw new LinkFailedException(Kind.WRONG_CODE, "the new device does not have the key that it showed");
        }
        Platform platform = Platform.forNumber(proof.get());
        return new Introduction(
                platform == null ? Platform.OTHER : platform,
                ByteString.copyFrom(proof).toStringUtf8());
    }

    static byte[] place(DeviceList list, int device, LinkCipher cipher) {
        byte[] number = ByteBuffer.allocate(Integer.BYTES).putInt(device).array();
        byte[] plain =
                LinkCipher.join(list.account().toBytes(), number, list.signed().toByteArray());
        return LinkCipher.join(new byte[] {PLACE}, cipher.seal(plain));
    }

    /** The new device's keys with its place; has checked the list's signature, and that it names this very device. */
    static DeviceKeys readPlace(byte[] message, DeviceKeys identity, LinkCipher cipher) {
        ByteBuffer place = ByteBuffer.wrap(cipher.open(rest(body(message, PLACE, 0))));
        if (place.remaining() <= AccountId.BYTES + Integer.BYTES) {
            throw notUnderstood("the place it gave has a wrong size");
        }
        AccountId account = AccountId.of(ByteString.copyFrom(next(place, AccountId.BYTES)));
        int device = place.getInt();
        DeviceList list = list(rest(place));
        MemberDevice member = list.device(device);
        boolean isThisDevice = member != null
                && member.identityKey().equals(identity.identity().publicKey())
                && member.registrationId() == identity.registrationId();
        if (!list.account().equals(account) || !list.isFrom(list.accountKey()) || !isThisDevice) {
            throw notUnderstood("the device list it sent does not give this device a place");
        }
        return new DeviceKeys(
                account, device, identity.registrationId(), identity.identity(), identity.accountSecret());
    }

    private static DeviceList list(byte[] signed) {
        try {
            return DeviceList.parse(SignedDeviceList.parseFrom(signed));
        } catch (InvalidProtocolBufferException | ProtocolException exception) {
            throw notUnderstood("the device list it sent is none");
        }
    }

    private static ByteBuffer body(byte[] message, byte type, int leastBytes) {
        if (message.length < 1 + leastBytes || message[0] != type) {
            throw notUnderstood("message " + type + " was expected");
        }
        return ByteBuffer.wrap(message, 1, message.length - 1);
    }

    private static byte[] rest(ByteBuffer bytes) {
        return next(bytes, bytes.remaining());
    }

    private static byte[] next(ByteBuffer bytes, int size) {
        byte[] next = new byte[size];
        bytes.get(next);
        return next;
    }

    static LinkFailedException notUnderstood(String what) {
        return new LinkFailedException(Kind.NOT_UNDERSTOOD, "the other device does not keep to the protocol: " + what);
    }
}
