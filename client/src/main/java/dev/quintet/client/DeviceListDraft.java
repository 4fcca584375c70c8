package dev.quintet.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.Statement;
import dev.quintet.protocol.wire.AccountHandover;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.ListedDevice;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.Role;
import dev.quintet.protocol.wire.SignedDeviceList;

/**
 * The next version of an account's device list, before the primary signs it.
 *
 * <p><b>Thread:</b> one.
 */
public final class DeviceListDraft {
    private final DeviceListContent.Builder content;

    private DeviceListDraft(DeviceListContent.Builder content) {
        this.content = content;
    }

    /** Version 1: the primary alone. */
    static DeviceListDraft first(DeviceKeys primary, Platform platform) {
        DeviceListContent.Builder content = DeviceListContent.newBuilder()
                .setAccount(primary.account().toByteString())
                .setVersion(1)
                .setAccountKey(primary.accountSecret().orElseThrow().publicKey().toByteString());
        return new DeviceListDraft(content).add(primary, Role.PRIMARY, platform);
    }

    /** The version after {@code current}, with the same devices so far, but for those that the relay has logged out. */
    public static DeviceListDraft after(DeviceList current) {
        try {
            DeviceListContent content =
                    DeviceListContent.parseFrom(current.signed().getContent());
            DeviceListDraft draft = new DeviceListDraft(content.toBuilder().setVersion(current.version() + 1));
            current.loggedOut().forEach(draft::remove);
            return draft;
        } catch (InvalidProtocolBufferException exception) {
            throw new IllegalStateException("a device list has been parsed before", exception);
        }
    }

    /** Adds a companion; its number must be above all that the account has ever used, or its own before it was logged out. */
    public DeviceListDraft add(DeviceKeys companion, Platform platform) {
        return add(companion, Role.COMPANION, platform);
    }

    /** Adds a companion that has made its keys itself. */
    DeviceListDraft add(int number, Ed25519Key identityKey, int registrationId, Platform platform) {
        return add(number, identityKey, registrationId, Role.COMPANION, platform);
    }

    private DeviceListDraft add(DeviceKeys keys, Role role, Platform platform) {
        return add(keys.device(), keys.identity().publicKey(), keys.registrationId(), role, platform);
    }

    private DeviceListDraft add(int number, Ed25519Key identityKey, int registrationId, Role role, Platform platform) {
        int index = 0;
        while (index < content.getDevicesCount() && content.getDevices(index).getDevice() < number) {
            index++;
        }
        content.addDevices(
                index,
                ListedDevice.newBuilder()
                        .setDevice(number)
                        .setIdentityKey(identityKey.toByteString())
                        .setRegistrationId(registrationId)
                        .setRole(role)
                        .setPlatform(platform)
                        .setLinkedAtMillis(System.currentTimeMillis()));
        return this;
    }

    /** Leaves a device out; its mailbox goes with it. */
    public DeviceListDraft remove(int device) {
        for (int index = content.getDevicesCount() - 1; index >= 0; index--) {
            if (content.getDevices(index).getDevice() == device) {
                content.removeDevices(index);
            }
        }
        return this;
    }

    /** Hands the account over to a companion whose account key this is; {@link PrimaryHandover} says how. */
    DeviceListDraft handOver(DeviceKeys primary, int companion, Ed25519Key accountKey) {
        for (ListedDevice.Builder device : content.getDevicesBuilderList()) {
            device.setRole(device.getDevice() == companion ? Role.PRIMARY : Role.COMPANION);
        }
        byte[] statement = Statement.handover(primary.account(), content.getVersion(), accountKey);
        content.setAccountKey(accountKey.toByteString())
                .addHandovers(AccountHandover.newBuilder()
                        .setVersion(content.getVersion())
                        .setAccountKey(accountKey.toByteString())
                        .setSignature(ByteString.copyFrom(
                                primary.accountSecret().orElseThrow().sign(statement))));
        return this;
    }

    /** The list as {@link Device#putDeviceList} takes it, signed by the primary's account key. */
    public SignedDeviceList sign(DeviceKeys primary) {
        content.setSignedAtMillis(System.currentTimeMillis());
        return DeviceList.sign(content.build(), primary.accountSecret().orElseThrow());
    }
}
