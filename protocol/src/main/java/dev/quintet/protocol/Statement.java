package dev.quintet.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The exact bytes that devices and accounts sign.
 *
 * <p>Each begins with its purpose, so that a signature for one can never be taken for another:
 *
 * <pre>
 *   authenticate   "quintet authenticate 1" | challenge (32) | account (16) | device (4) | certificate hash (32)
 *   register       "quintet register 1"     | challenge (32) | account (16) | device (4) | certificate hash (32)
 *   device list    "quintet device list 1"  | content
 *   handover       "quintet handover 1"     | account (16) | version (8) | account key (32)
 *   handover list  "quintet handover list 1"   | content
 *   signed prekey  "quintet signed prekey 1"   | account (16) | device (4) | id (4) | key
 *   last resort    "quintet last resort key 1" | account (16) | device (4) | id (4) | key
 *   handle         "quintet handle 1" | account key (32) | expires at, in milliseconds (8) | handle
 * </pre>
 *
 * Device, version and id are big endian, the purposes are ASCII without an end mark.
 */
public final class Statement {
    /** Size of the challenge, in bytes. */
    public static final int CHALLENGE_BYTES = 32;

    private static final byte[] AUTHENTICATE = ascii("quintet authenticate 1");
    private static final byte[] REGISTER = ascii("quintet register 1");
    private static final byte[] DEVICE_LIST = ascii("quintet device list 1");
    private static final byte[] HANDOVER = ascii("quintet handover 1");
    private static final byte[] HANDOVER_LIST = ascii("quintet handover list 1");
    private static final byte[] SIGNED_PREKEY = ascii("quintet signed prekey 1");
    private static final byte[] LAST_RESORT = ascii("quintet last resort key 1");
    private static final byte[] HANDLE = ascii("quintet handle 1");

    private Statement() {}

    /** What a device signs with its identity key to log in. */
    public static byte[] authenticate(byte[] challenge, AccountId account, int device, CertificateHash certificate) {
        return login(AUTHENTICATE, challenge, account, device, certificate);
    }

    /** What device 1 signs with its identity key to register its account. */
    public static byte[] register(byte[] challenge, AccountId account, int device, CertificateHash certificate) {
        return login(REGISTER, challenge, account, device, certificate);
    }

    /** What the primary signs with the account key: {@code content} is a serialized {@code DeviceListContent}. */
    public static byte[] deviceList(byte[] content) {
        return list(DEVICE_LIST, content);
    }

    /** What the new primary signs with its account key when it takes the account over. */
    public static byte[] handoverList(byte[] content) {
        return list(HANDOVER_LIST, content);
    }

    private static byte[] list(byte[] purpose, byte[] content) {
        return ByteBuffer.allocate(purpose.length + content.length)
                .put(purpose)
                .put(content)
                .array();
    }

    /** What the old primary signs with its account key over the new one's. */
    public static byte[] handover(AccountId account, long version, Ed25519Key accountKey) {
        return ByteBuffer.allocate(HANDOVER.length + AccountId.BYTES + Long.BYTES + Ed25519Key.BYTES)
                .put(HANDOVER)
                .put(account.toBytes())
                .putLong(version)
                .put(accountKey.toBytes())
                .array();
    }

    /** What a device signs with its identity key over a signed prekey of its own. */
    public static byte[] signedPrekey(AccountId account, int device, int id, byte[] key) {
        return ownKey(SIGNED_PREKEY, account, device, id, key);
    }

    /** What a device signs with its identity key over its last-resort key. */
    public static byte[] lastResortKey(AccountId account, int device, int id, byte[] key) {
        return ownKey(LAST_RESORT, account, device, id, key);
    }

    /** What the operator's backend signs so that the owner of an account key may have a handle. */
    public static byte[] handle(Ed25519Key accountKey, long expiresAtMillis, Handle handle) {
        byte[] text = handle.toBytes();
        return ByteBuffer.allocate(HANDLE.length + Ed25519Key.BYTES + Long.BYTES + text.length)
                .put(HANDLE)
                .put(accountKey.toBytes())
                .putLong(expiresAtMillis)
                .put(text)
                .array();
    }

    private static byte[] ownKey(byte[] purpose, AccountId account, int device, int id, byte[] key) {
        return ByteBuffer.allocate(purpose.length + AccountId.BYTES + 2 * Integer.BYTES + key.length)
                .put(purpose)
                .put(account.toBytes())
                .putInt(device)
                .putInt(id)
                .put(key)
                .array();
    }

    private static byte[] login(
            byte[] purpose, byte[] challenge, AccountId account, int device, CertificateHash certificate) {
        if (challenge.length != CHALLENGE_BYTES) {
            throw new IllegalArgumentException("a challenge has 32 bytes, not " + challenge.length);
        }
        int bytes = purpose.length + CHALLENGE_BYTES + AccountId.BYTES + Integer.BYTES + CertificateHash.BYTES;
        return ByteBuffer.allocate(bytes)
                .put(purpose)
                .put(challenge)
                .put(account.toBytes())
                .putInt(device)
                .put(certificate.toBytes())
                .array();
    }

    private static byte[] ascii(String purpose) {
        return purpose.getBytes(StandardCharsets.US_ASCII);
    }
}
