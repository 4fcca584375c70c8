package dev.quintet.relay.rooms;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Secret;
import dev.quintet.protocol.Statement;
import dev.quintet.protocol.wire.AccountHandover;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.ListedDevice;
import dev.quintet.protocol.wire.Role;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** An account whose keys the test holds. The same number gives the same account and keys each time. */
public final class TestAccount {
    private static final int ACCOUNT_KEY = 0;
    private static final int SECOND_ACCOUNT_KEY = 100;

    /** Making keys is slow, and all tests may use the same. */
    private static final Map<Integer, Ed25519Secret> SECRETS = new ConcurrentHashMap<>();

    private final int number;
    private final AccountId id;

    /** The account with this number; its home is {@code number % homes}. */
    public TestAccount(int number) {
        this.number = number;
        this.id = new AccountId(0x5151_0000_0000_0000L | number, number);
    }

    public AccountId id() {
        return id;
    }

    /** As chosen at the device's first installation. */
    public static int registrationId(int device) {
        return 1000 + device;
    }

    /** A signed list of these devices, the first of which is the primary. */
    public DeviceList list(long version, int... devices) {
        return DeviceList.parseKnown(DeviceList.sign(content(version, devices).build(), secret(ACCOUNT_KEY)));
    }

    /** A signed list in which one device was installed anew. */
    public DeviceList listWithReinstalled(long version, int reinstalled, int... devices) {
        DeviceListContent.Builder content = content(version, devices);
        for (ListedDevice.Builder device : content.getDevicesBuilderList()) {
            if (device.getDevice() == reinstalled) {
                device.setRegistrationId(registrationId(reinstalled) + 1000);
            }
        }
        return DeviceList.parseKnown(DeviceList.sign(content.build(), secret(ACCOUNT_KEY)));
    }

    /** A signed list in which one device was linked again under its number. */
    public DeviceList listWithLinkedAgain(long version, int linkedAgain, int... devices) {
        DeviceListContent.Builder content = content(version, devices);
        for (ListedDevice.Builder device : content.getDevicesBuilderList()) {
            if (device.getDevice() == linkedAgain) {
                device.setLinkedAtMillis(version);
            }
        }
        return DeviceList.parseKnown(DeviceList.sign(content.build(), secret(ACCOUNT_KEY)));
    }

    /** A signed list whose last device has the identity key of another account's device. */
    public DeviceList listWithKeyOf(TestAccount other, int otherDevice, long version, int... devices) {
        DeviceListContent.Builder content = content(version, devices);
        content.getDevicesBuilder(devices.length - 1).setIdentityKey(other.publicKey(otherDevice));
        return DeviceList.parseKnown(DeviceList.sign(content.build(), secret(ACCOUNT_KEY)));
    }

    /** The list that hands the account over from its first account key, and device 1, to this device and its own. */
    public DeviceList handover(long version, int successor, int... devices) {
        return DeviceList.parseKnown(DeviceList.countersign(
                DeviceList.sign(handedOver(version, version, successor, devices).build(), secret(ACCOUNT_KEY)),
                secret(SECOND_ACCOUNT_KEY)));
    }

    /** A list after {@link #handover}, which took place in that version. */
    public DeviceList listAfterHandover(long handover, long version, int successor, int... devices) {
        return DeviceList.parseKnown(DeviceList.sign(
                handedOver(handover, version, successor, devices).build(), secret(SECOND_ACCOUNT_KEY)));
    }

    private DeviceListContent.Builder handedOver(long handover, long version, int successor, int... devices) {
        byte[] statement =
                Statement.handover(id, handover, secret(SECOND_ACCOUNT_KEY).publicKey());
        DeviceListContent.Builder content = content(version, devices)
                .setAccountKey(publicKey(SECOND_ACCOUNT_KEY))
                .addHandovers(AccountHandover.newBuilder()
                        .setVersion(handover)
                        .setAccountKey(publicKey(SECOND_ACCOUNT_KEY))
                        .setSignature(ByteString.copyFrom(secret(ACCOUNT_KEY).sign(statement))));
        content.getDevicesBuilderList()
                .forEach(device -> device.setRole(device.getDevice() == successor ? Role.PRIMARY : Role.COMPANION));
        return content;
    }

    private DeviceListContent.Builder content(long version, int... devices) {
        DeviceListContent.Builder content = DeviceListContent.newBuilder()
                .setAccount(id.toByteString())
                .setVersion(version)
                .setAccountKey(publicKey(ACCOUNT_KEY));
        for (int device : devices) {
            content.addDevices(ListedDevice.newBuilder()
                    .setDevice(device)
                    .setIdentityKey(publicKey(device))
                    .setRegistrationId(registrationId(device))
                    .setRole(device == devices[0] ? Role.PRIMARY : Role.COMPANION));
        }
        return content;
    }

    /** What proves the device. */
    public Ed25519Secret identity(int device) {
        return secret(device);
    }

    private ByteString publicKey(int key) {
        return ByteString.copyFrom(secret(key).publicKey().toBytes());
    }

    private Ed25519Secret secret(int key) {
        return SECRETS.computeIfAbsent(number << 8 | key, TestAccount::makeSecret);
    }

    private static Ed25519Secret makeSecret(int seed) {
        return Ed25519Secret.of(ByteBuffer.allocate(Ed25519Secret.SEED_BYTES)
                .putInt(seed)
                .putInt(1)
                .array());
    }
}
