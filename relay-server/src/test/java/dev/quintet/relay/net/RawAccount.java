package dev.quintet.relay.net;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Secret;
import dev.quintet.protocol.Statement;
import dev.quintet.protocol.wire.AccountHandover;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.ListedDevice;
import dev.quintet.protocol.wire.Role;
import dev.quintet.protocol.wire.SignedDeviceList;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All keys of an account, for tests; its primary is device 1.
 *
 * @param id as the relay gave it
 * @param accountSecret signs its lists
 * @param identities of its devices, made when they are asked for
 */
record RawAccount(AccountId id, Ed25519Secret accountSecret, Map<Integer, Ed25519Secret> identities) {
    private static final SecureRandom RANDOM = new SecureRandom();

    RawAccount(AccountId id) {
        this(id, Ed25519Secret.generate(RANDOM), new ConcurrentHashMap<>());
    }

    Ed25519Secret identity(int device) {
        return identities.computeIfAbsent(device, unused -> Ed25519Secret.generate(RANDOM));
    }

    static int registrationId(int device) {
        return 1000 + device;
    }

    /** A signed list of these devices. */
    SignedDeviceList list(long version, int... devices) {
        return DeviceList.sign(content(version, devices).build(), accountSecret);
    }

    /** A list that hands the account over to {@code successor} and its account key; both sign. */
    SignedDeviceList handover(long version, int successor, Ed25519Secret successorSecret, int... devices) {
        byte[] statement = Statement.handover(id, version, successorSecret.publicKey());
        ByteString accountKey = successorSecret.publicKey().toByteString();
        DeviceListContent.Builder content = content(version, devices)
                .setAccountKey(accountKey)
                .addHandovers(AccountHandover.newBuilder()
                        .setVersion(version)
                        .setAccountKey(accountKey)
                        .setSignature(ByteString.copyFrom(accountSecret.sign(statement))));
        content.getDevicesBuilderList()
                .forEach(device -> device.setRole(device.getDevice() == successor ? Role.PRIMARY : Role.COMPANION));
        return DeviceList.countersign(DeviceList.sign(content.build(), accountSecret), successorSecret);
    }

    DeviceListContent.Builder content(long version, int... devices) {
        DeviceListContent.Builder content = DeviceListContent.newBuilder()
                .setAccount(id.toByteString())
                .setVersion(version)
                .setAccountKey(accountSecret.publicKey().toByteString());
        for (int device : devices) {
            content.addDevices(ListedDevice.newBuilder()
                    .setDevice(device)
                    .setIdentityKey(identity(device).publicKey().toByteString())
                    .setRegistrationId(registrationId(device))
                    .setRole(device == 1 ? Role.PRIMARY : Role.COMPANION));
        }
        return content;
    }
}
