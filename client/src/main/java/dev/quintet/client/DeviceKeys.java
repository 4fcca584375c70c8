package dev.quintet.client;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.Ed25519Secret;
import dev.quintet.protocol.KeyUpload;
import dev.quintet.protocol.wire.LastResortKey;
import dev.quintet.protocol.wire.SignedPrekey;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * What makes a program a certain device: where it belongs, and the secrets that prove it.
 *
 * <p>{@code toString} gives no secret away. {@link KeyFile} keeps it on disk.
 *
 * @param account its account
 * @param device its number in the account
 * @param registrationId 31 random bits, not 0, new at each installation
 * @param identity proves this device at login
 * @param accountSecret signs the account's device lists; only the primary has it
 */
public record DeviceKeys(
        AccountId account,
        int device,
        int registrationId,
        Ed25519Secret identity,
        Optional<Ed25519Secret> accountSecret) {
    /** The number of the device that registers an account. */
    public static final int FIRST_DEVICE = 1;

    /** Throws {@link IllegalArgumentException} for a number or registration id that cannot be. */
    public DeviceKeys {
        if (device < 1 || registrationId < 1) {
            throw new IllegalArgumentException("a device's number and registration id are 1 or above");
        }
    }

    /** New secrets for the first device of an account. */
    static DeviceKeys primary(AccountId account, SecureRandom random) {
        return new DeviceKeys(
                account,
                FIRST_DEVICE,
                newRegistrationId(random),
                Ed25519Secret.generate(random),
                Optional.of(Ed25519Secret.generate(random)));
    }

    /** New secrets for a companion, which the primary has yet to put into the account's list. */
    public static DeviceKeys companion(AccountId account, int device, SecureRandom random) {
        return new DeviceKeys(
                account, device, newRegistrationId(random), Ed25519Secret.generate(random), Optional.empty());
    }

    /** The same device with an account key of its own, made for {@link PrimaryHandover}. */
    public DeviceKeys withNewAccountSecret(SecureRandom random) {
        return new DeviceKeys(account, device, registrationId, identity, Optional.of(Ed25519Secret.generate(random)));
    }

    /** The same device as a companion: for the old primary once the account is handed over. */
    public DeviceKeys withoutAccountSecret() {
        return new DeviceKeys(account, device, registrationId, identity, Optional.empty());
    }

    private static int newRegistrationId(SecureRandom random) {
        return random.nextInt(1, Integer.MAX_VALUE);
    }

    /** Whether it holds the account key. */
    public boolean isPrimary() {
        return accountSecret.isPresent();
    }

    /** The account and number. */
    public DeviceAddress address() {
        return new DeviceAddress(account, device);
    }

    /** Signs a prekey that is to be handed out again and again; {@code id} is the app's choice. */
    public SignedPrekey signedPrekey(int id, ByteString key) {
        return KeyUpload.signedPrekey(account, device, id, key, identity);
    }

    /** Signs a key for when no one-time prekey is left; {@code id} is the app's choice. */
    public LastResortKey lastResortKey(int id, ByteString key) {
        return KeyUpload.lastResortKey(account, device, id, key, identity);
    }

    /** Account, number and role. */
    @Override
    public String toString() {
        return address() + (isPrimary() ? " (primary)" : " (companion)");
    }
}
