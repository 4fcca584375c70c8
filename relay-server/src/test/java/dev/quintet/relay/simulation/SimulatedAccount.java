package dev.quintet.relay.simulation;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Secret;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.ListedDevice;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.Role;
import dev.quintet.protocol.wire.SignedDeviceList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** An account: all lists that its primary has signed, and which of them the relay is known to have stored. */
final class SimulatedAccount {
    /** Most devices that an account ever has in one run. */
    static final int MOST_DEVICES = 16;

    private static final int MOST_ACCOUNTS = 3;
    private static final List<Ed25519Secret> SECRETS = IntStream.range(0, MOST_ACCOUNTS * (MOST_DEVICES + 1))
            .mapToObj(SimulatedAccount::secretOf)
            .toList();

    private final Simulation simulation;
    private final int index;
    private final List<SimulatedDevice> devices = new ArrayList<>();
    private final Map<ByteString, DeviceList> signed = new HashMap<>();
    private final Map<Long, DeviceList> stored = new HashMap<>();
    private AccountId id;
    private DeviceList confirmed;
    private int nextRegistrationId = 1;

    SimulatedAccount(Simulation simulation, int index) {
        this.simulation = simulation;
        this.index = index;
        addDevice();
    }

    private static Ed25519Secret secretOf(int number) {
        byte[] seed = new byte[Ed25519Secret.SEED_BYTES];
        Arrays.fill(seed, (byte) (number + 1));
        return Ed25519Secret.of(seed);
    }

    /** A device that nothing but its primary knows of yet. */
    SimulatedDevice addDevice() {
        int number = devices.size() + 1;
        SimulatedDevice device =
                new SimulatedDevice(simulation, this, number, SECRETS.get(index * (MOST_DEVICES + 1) + number));
        devices.add(device);
        return device;
    }

    /** All that it ever had, by number. */
    List<SimulatedDevice> devices() {
        return devices;
    }

    int index() {
        return index;
    }

    /** Null until it is registered. */
    AccountId id() {
        return id;
    }

    boolean isRegistered() {
        return id != null;
    }

    /** The newest list that the relay is known to have stored. */
    DeviceList confirmed() {
        return confirmed;
    }

    // Signing

    /** The list with which the account {@code newId} begins. */
    SignedDeviceList signFirst(AccountId newId) {
        return sign(newId, 1, List.of(listed(1)));
    }

    /** The version after the confirmed one, with these devices. */
    SignedDeviceList signNext(List<ListedDevice> members) {
        return sign(id, confirmed.version() + 1, members);
    }

    private SignedDeviceList sign(AccountId of, long version, List<ListedDevice> members) {
        Ed25519Secret secret = SECRETS.get(index * (MOST_DEVICES + 1));
        DeviceListContent content = DeviceListContent.newBuilder()
                .setAccount(of.toByteString())
                .setVersion(version)
                .setAccountKey(secret.publicKey().toByteString())
                .addAllDevices(members)
                .build();
        SignedDeviceList list = DeviceList.sign(content, secret);
        try {
            signed.put(list.getContent(), DeviceList.parseKnown(list));
        } catch (ProtocolException invalid) {
            // Meant to be refused.
        }
        return list;
    }

    /** Whether a list of this version, stored or not, has the device. */
    boolean hasSigned(long version, int device) {
        return signed.values().stream().anyMatch(list -> list.version() == version && list.device(device) != null);
    }

    /** What the confirmed list says of its devices. */
    List<ListedDevice> members() {
        try {
            return new ArrayList<>(
                    DeviceListContent.parseFrom(confirmed.signed().getContent()).getDevicesList());
        } catch (com.google.protobuf.InvalidProtocolBufferException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** A device with a new installation. */
    ListedDevice listed(int number) {
        return ListedDevice.newBuilder()
                .setDevice(number)
                .setIdentityKey(devices.get(number - 1).secret().publicKey().toByteString())
                .setRegistrationId(nextRegistrationId++)
                .setRole(number == 1 ? Role.PRIMARY : Role.COMPANION)
                .setPlatform(Platform.LINUX)
                .build();
    }

    // What the relay has

    /** The relay has said that it has registered the account. */
    void registered(AccountId given, SignedDeviceList first) {
        id = given;
        confirm(first, 0);
    }

    /**
     * The relay has shown a list, hence has stored it.
     *
     * @param atLeast the version known to be stored when it was asked
     */
    DeviceList confirm(SignedDeviceList shown, long atLeast) {
        DeviceList list = signed.get(shown.getContent());
        if (list == null || !list.signed().equals(shown)) {
            throw new Violation(Promise.LISTS_ONLY_ADVANCE, this + " has a list that was never signed");
        }
        if (list.version() < atLeast) {
            throw new Violation(
                    Promise.LISTS_ONLY_ADVANCE,
                    this + " was shown with version " + list.version() + " after " + atLeast);
        }
        DeviceList other = stored.putIfAbsent(list.version(), list);
        if (other != null && other != list) {
            throw new Violation(Promise.LISTS_ONLY_ADVANCE, this + " has two lists of version " + list.version());
        }
        if (confirmed == null || list.version() > confirmed.version()) {
            confirmed = list;
            devices.forEach(device -> device.listed(list.device(device.number()) != null));
        }
        return list;
    }

    /** Whether a list of this version or a newer one has exactly these devices, without {@code ownDevice}. */
    boolean hasHad(Map<Integer, Integer> addressees, int ownDevice, long fromVersion) {
        return signed.values().stream()
                .filter(list -> list.version() >= fromVersion)
                .anyMatch(list -> addresseesOf(list, ownDevice).equals(addressees));
    }

    /** Registration ids by device, without {@code ownDevice}. */
    static TreeMap<Integer, Integer> addresseesOf(DeviceList list, int ownDevice) {
        TreeMap<Integer, Integer> addressees = new TreeMap<>();
        list.devices().stream()
                .filter(device -> device.number() != ownDevice)
                .forEach(device -> addressees.put(device.number(), device.registrationId()));
        return addressees;
    }

    @Override
    public String toString() {
        return "abc".substring(index, index + 1);
    }
}
