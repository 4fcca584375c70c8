package dev.quintet.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.ListedDevice;
import dev.quintet.protocol.wire.Role;
import dev.quintet.protocol.wire.SignedDeviceList;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * The devices of an account in one version, with the bytes as the primary signed them.
 *
 * <p>A list that exists is well-formed: one to five devices by rising number, exactly one primary, numbers and
 * registration ids of 1 to 2<sup>31</sup>-1, valid keys that are all different, the account key included. Whether it
 * is signed, and whether it may follow another, is asked separately.
 *
 * <p>The relay may add a word of its own: which companions it has logged out. {@link #devices} and {@link #device} leave
 * them out, so that whoever asks for the devices of an account asks for those that take part.
 *
 * <p><b>Thread:</b> any; immutable. Parsing and verifying check curve points: not for event loops.
 */
public final class DeviceList {
    /** Devices of one account. */
    public static final int MAX_DEVICES = 5;

    private final SignedDeviceList signed;
    private final AccountId account;
    private final long version;
    private final Ed25519Key accountKey;
    private final AccountKeyChain chain;
    private final List<MemberDevice> listed;
    private final List<MemberDevice> devices;

    private DeviceList(SignedDeviceList signed, Function<byte[], Ed25519Key> keys) {
        this.signed = signed;
        DeviceListContent content = checkedContent(signed.getContent());
        account = AccountId.of(content.getAccount());
        version = content.getVersion();
        accountKey = key(content.getAccountKey(), keys, "the account key");
        chain = AccountKeyChain.of(content, key -> key(key, keys, "an account key that was handed over to"));
        listed = members(content, keys);
        checkVersion();
        checkCountersignature();
        checkNumbers();
        checkRoles();
        checkKeys();
        devices = takingPart();
    }

    private DeviceList(DeviceList same, List<Integer> loggedOut) {
        signed = same.signed.toBuilder()
                .clearLoggedOut()
                .addAllLoggedOut(loggedOut)
                .build();
        account = same.account;
        version = same.version;
        accountKey = same.accountKey;
        chain = same.chain;
        listed = same.listed;
        devices = takingPart();
    }

    /**
     * The list in bytes that may come from anybody; the signature is not looked at.
     *
     * @throws ProtocolException {@code INVALID_DEVICE_LIST}; the message says which rule is broken
     */
    public static DeviceList parse(SignedDeviceList signed) {
        return new DeviceList(signed, Ed25519Key::of);
    }

    /** As {@link #parse}, of what a device has sent: a word of the relay in it means nothing and is dropped. */
    public static DeviceList parseFromDevice(SignedDeviceList signed) {
        return parse(signed.toBuilder().clearLoggedOut().build());
    }

    /**
     * The list in bytes that {@link #parse} has accepted before, such as our own disk's: as {@code parse}, but without
     * the costly look at the curve points.
     */
    public static DeviceList parseKnown(SignedDeviceList signed) {
        return new DeviceList(signed, Ed25519Key::ofKnown);
    }

    /** Signs a list; what it says is not checked. */
    public static SignedDeviceList sign(DeviceListContent content, Ed25519Secret accountSecret) {
        byte[] bytes = content.toByteArray();
        return SignedDeviceList.newBuilder()
                .setContent(ByteString.copyFrom(bytes))
                .setSignature(ByteString.copyFrom(accountSecret.sign(Statement.deviceList(bytes))))
                .build();
    }

    /**
     * Adds the countersignature to a list that hands the account over.
     *
     * @param newAccountSecret the new primary's
     */
    public static SignedDeviceList countersign(SignedDeviceList list, Ed25519Secret newAccountSecret) {
        byte[] signature =
                newAccountSecret.sign(Statement.handoverList(list.getContent().toByteArray()));
        return list.toBuilder()
                .setCountersignature(ByteString.copyFrom(signature))
                .build();
    }

    private static DeviceListContent checkedContent(ByteString content) {
        try {
            FrameChecker.DEVICE_LIST.check(Unpooled.wrappedBuffer(content.asReadOnlyByteBuffer()));
            return DeviceListContent.parseFrom(content);
        } catch (ProtocolException malformed) {
            throw ProtocolException.invalidDeviceList(malformed.getMessage());
        } catch (InvalidProtocolBufferException exception) {
            throw ProtocolException.invalidDeviceList("the content cannot be parsed");
        }
    }

    private static List<MemberDevice> members(DeviceListContent content, Function<byte[], Ed25519Key> keys) {
        List<MemberDevice> members = new ArrayList<>(content.getDevicesCount());
        for (ListedDevice device : content.getDevicesList()) {
            members.add(MemberDevice.of(device, key(device.getIdentityKey(), keys, "an identity key")));
        }
        return List.copyOf(members);
    }

    private static Ed25519Key key(ByteString bytes, Function<byte[], Ed25519Key> keys, String which) {
        try {
            return keys.apply(bytes.toByteArray());
        } catch (IllegalArgumentException exception) {
            throw ProtocolException.invalidDeviceList(which + " is " + exception.getMessage());
        }
    }

    private List<MemberDevice> takingPart() {
        List<Integer> loggedOut = signed.getLoggedOutList();
        int previous = 0;
        for (int number : loggedOut) {
            MemberDevice device = find(listed, number);
            boolean isCompanion = device != null && !device.isPrimary();
            demand(isCompanion && number > previous, "not companions of the list, rising, are logged out");
            previous = number;
        }
        if (loggedOut.isEmpty()) {
            return listed;
        }
        return listed.stream()
                .filter(device -> !loggedOut.contains(device.number()))
                .toList();
    }

    private void checkVersion() {
        demand(version > 0, "the version is not 1 to 2^63-1");
    }

    private void checkCountersignature() {
        int bytes = isHandover() ? Ed25519Key.SIGNATURE_BYTES : 0;
        demand(
                signed.getCountersignature().size() == bytes,
                "a list is countersigned in the version that hands the account over, and only there");
    }

    private void checkNumbers() {
        int previous = 0;
        for (MemberDevice device : listed) {
            demand(device.number() > previous, "the device numbers are not 1 to 2^31-1 and rising");
            demand(device.registrationId() > 0, "a registration id is not 1 to 2^31-1");
            previous = device.number();
        }
    }

    private void checkRoles() {
        int primaries = 0;
        for (MemberDevice device : listed) {
            demand(device.isPrimary() || device.role() == Role.COMPANION, "a device has no known role");
            primaries += device.isPrimary() ? 1 : 0;
        }
        demand(primaries == 1, "there is not exactly one primary");
    }

    private void checkKeys() {
        Set<Ed25519Key> keys = new HashSet<>();
        keys.add(accountKey);
        for (MemberDevice device : listed) {
            demand(keys.add(device.identityKey()), "an identity key is used twice, or is the account key");
        }
    }

    private static void demand(boolean condition, String otherwise) {
        if (!condition) {
            throw ProtocolException.invalidDeviceList(otherwise);
        }
    }

    /**
     * Whether this list is from the primary, for somebody who knows that {@code known} is an account key of its account:
     * {@code known} is still the account key or has handed over to it, the first account key has not come back, and all
     * signatures are good. A list's own account key is known to everybody who sees the list for the first time.
     */
    public boolean isFrom(Ed25519Key known) {
        return isFrom(known, 0);
    }

    /** Whether this list is from the primary that has signed {@code known} or one to which the account was handed later. */
    public boolean isFromSuccessorOf(DeviceList known) {
        return isFrom(known.accountKey, known.version);
    }

    private boolean isFrom(Ed25519Key known, long version) {
        return chain.leads(known, version, accountKey)
                && !chain.returnsToFirst()
                && (isHandover() ? isHandedOverBy(chain.keyBefore(known)) : isSignedBy(accountKey));
    }

    /** Who sees a first handover without having known the account before, cannot tell whose its signature is. */
    private boolean isHandedOverBy(Ed25519Key before) {
        byte[] statement = Statement.handoverList(signed.getContent().toByteArray());
        return accountKey.verify(statement, signed.getCountersignature().toByteArray())
                && (before.equals(accountKey) || isSignedBy(before));
    }

    private boolean isSignedBy(Ed25519Key key) {
        return key.verify(
                Statement.deviceList(signed.getContent().toByteArray()),
                signed.getSignature().toByteArray());
    }

    /** Whether the account is handed over to a new primary in this version. */
    public boolean isHandover() {
        return chain.endsAt(version);
    }

    /**
     * Checks that {@code next} may replace this list; its signatures are not looked at: {@link #isFrom}.
     *
     * @param highestNumber the highest device number that any version of this account's list has had
     * @throws ProtocolException {@code LIST_CONFLICT} if its version is not the next one; {@code INVALID_DEVICE_LIST} if
     *     it has another account, account key or primary without a handover, does anything else beside a handover, uses a
     *     number again, or changes the identity key of a number
     */
    public void checkSuccessor(DeviceList next, int highestNumber) {
        demand(next.account.equals(account), "the list is of another account");
        if (next.version != version + 1) {
            throw new ProtocolException(
                    ErrorCode.LIST_CONFLICT, "version " + next.version + " does not follow " + version);
        }
        if (next.accountKey.equals(accountKey)) {
            demand(next.chain.equals(chain), "the handovers have changed");
            demand(next.primary().number() == primary().number(), "another device is the primary");
            checkMembers(next, highestNumber);
        } else {
            demand(next.isHandover() && next.chain.isOneMoreThan(chain), "the account key has changed");
            demand(next.primary().number() != primary().number(), "the account is handed over to nobody");
            demand(isButForRoles(next), "a handover changes more than roles");
            demand(
                    device(next.primary().number()) != null,
                    "the account is handed over to a device that is logged out");
        }
    }

    private boolean isButForRoles(DeviceList next) {
        return next.listed.stream()
                .map(device -> device.in(Role.COMPANION))
                .toList()
                .equals(listed.stream().map(device -> device.in(Role.COMPANION)).toList());
    }

    private void checkMembers(DeviceList next, int highestNumber) {
        for (MemberDevice device : next.listed) {
            MemberDevice before = find(listed, device.number());
            if (before == null) {
                demand(device.number() > highestNumber, "a new device has a number that was used before");
            } else {
                demand(device.identityKey().equals(before.identityKey()), "an identity key has changed");
            }
        }
    }

    /** The bytes as they were signed, and beside them who is logged out. */
    public SignedDeviceList signed() {
        return signed;
    }

    /** The numbers of the companions that the relay has logged out, rising. */
    public List<Integer> loggedOut() {
        return signed.getLoggedOutList();
    }

    /** The same list, of which these companions, by rising number, are logged out; none of them: as it was signed. */
    public DeviceList withLoggedOut(List<Integer> numbers) {
        return numbers.equals(loggedOut()) ? this : new DeviceList(this, numbers);
    }

    public AccountId account() {
        return account;
    }

    /** 1 at registration, then one more each time. */
    public long version() {
        return version;
    }

    /** Signs this version of the list and all later ones, until the account is handed over. */
    public Ed25519Key accountKey() {
        return accountKey;
    }

    /** Those that take part, one to five, by rising number. */
    public List<MemberDevice> devices() {
        return devices;
    }

    /** The device with this number if it takes part, or null. */
    public MemberDevice device(int number) {
        return find(devices, number);
    }

    /** All that the primary has signed, also those that are logged out. */
    public List<MemberDevice> listed() {
        return listed;
    }

    /** The device with this number, also if it is logged out, or null. */
    public MemberDevice listed(int number) {
        return find(listed, number);
    }

    private static MemberDevice find(List<MemberDevice> among, int number) {
        // By index: this is asked for every envelope, and an iterator is an object.
        for (int index = 0; index < among.size(); index++) {
            if (among.get(index).number() == number) {
                return among.get(index);
            }
        }
        return null;
    }

    /** The device that holds the account key. */
    public MemberDevice primary() {
        for (MemberDevice device : listed) {
            if (device.isPrimary()) {
                return device;
            }
        }
        throw new IllegalStateException("a list without a primary");
    }

    /** The number of the newest device. */
    public int highestNumber() {
        return listed.get(listed.size() - 1).number();
    }
}
