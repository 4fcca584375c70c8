package dev.quintet.protocol;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.wire.ListedDevice;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.Role;

/**
 * One device of an account's {@link DeviceList}.
 *
 * @param number 1 or above; never used again in the account
 * @param identityKey proves the device at login
 * @param registrationId 1 or above; new at each installation
 * @param role {@code PRIMARY} or {@code COMPANION}
 * @param platform what it runs on; {@code UNRECOGNIZED} if this version does not know the value
 * @param name ciphertext for the account's own devices, at most 256 bytes; empty if it has none
 * @param linkedAtMillis by the primary's clock
 * @param agreementKey with which apps agree on keys with it, at most 64 bytes; empty if they need none
 */
public record MemberDevice(
        int number,
        Ed25519Key identityKey,
        int registrationId,
        Role role,
        Platform platform,
        ByteString name,
        long linkedAtMillis,
        ByteString agreementKey) {
    static MemberDevice of(ListedDevice device, Ed25519Key identityKey) {
        return new MemberDevice(
                device.getDevice(),
                identityKey,
                device.getRegistrationId(),
                device.getRole(),
                device.getPlatform(),
                device.getName(),
                device.getLinkedAtMillis(),
                device.getAgreementKey());
    }

    /** The same device in another role. */
    MemberDevice in(Role other) {
        return new MemberDevice(
                number, identityKey, registrationId, other, platform, name, linkedAtMillis, agreementKey);
    }

    /** Whether it is the one that holds the account key. */
    public boolean isPrimary() {
        return role == Role.PRIMARY;
    }
}
