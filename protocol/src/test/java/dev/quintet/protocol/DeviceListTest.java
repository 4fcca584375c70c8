package dev.quintet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.ListedDevice;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.Role;
import dev.quintet.protocol.wire.SignedDeviceList;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceListTest {
    private static final AccountId ACCOUNT = new AccountId(1, 2);
    private static final Ed25519Secret ACCOUNT_SECRET = secret(100);

    @Test
    void readsWhatThePrimarySigned() {
        SignedDeviceList signed = DeviceList.sign(content(5).build(), ACCOUNT_SECRET);
        DeviceList list = DeviceList.parse(signed);
        assertThat(list.signed()).isSameAs(signed);
        assertThat(list.account()).isEqualTo(ACCOUNT);
        assertThat(list.version()).isEqualTo(1);
        assertThat(list.accountKey()).isEqualTo(ACCOUNT_SECRET.publicKey());
        assertThat(list.devices()).extracting(MemberDevice::number).containsExactly(1, 2, 3, 4, 5);
        assertThat(list.primary().number()).isEqualTo(1);
        assertThat(list.highestNumber()).isEqualTo(5);
        MemberDevice third = list.device(3);
        assertThat(third.identityKey()).isEqualTo(secret(3).publicKey());
        assertThat(third.registrationId()).isEqualTo(1003);
        assertThat(third.isPrimary()).isFalse();
        assertThat(third.platform()).isEqualTo(Platform.LINUX);
        assertThat(list.device(6)).isNull();
    }

    @Test
    void readsItsOwnDiskAlike() {
        SignedDeviceList signed = DeviceList.sign(content(5).build(), ACCOUNT_SECRET);
        assertThat(DeviceList.parseKnown(signed).devices())
                .isEqualTo(DeviceList.parse(signed).devices());
    }

    @Test
    void knowsWhoSignedIt() {
        SignedDeviceList signed = DeviceList.sign(content(2).build(), ACCOUNT_SECRET);
        assertThat(DeviceList.parse(signed).isFrom(ACCOUNT_SECRET.publicKey())).isTrue();
        assertThat(DeviceList.parse(signed).isFrom(secret(1).publicKey())).isFalse();
        SignedDeviceList other =
                signed.toBuilder().setContent(content(3).build().toByteString()).build();
        assertThat(DeviceList.parse(other).isFrom(ACCOUNT_SECRET.publicKey())).isFalse();
        SignedDeviceList unsigned = signed.toBuilder().clearSignature().build();
        assertThat(DeviceList.parse(unsigned).isFrom(ACCOUNT_SECRET.publicKey()))
                .isFalse();
    }

    @Test
    void takesFieldsAndPlatformsThatItDoesNotKnow() {
        DeviceListContent.Builder content = content(2);
        content.getDevicesBuilder(0).setPlatformValue(99);
        assertThat(parse(content).device(1).platform()).isEqualTo(Platform.UNRECOGNIZED);
    }

    @Test
    void refusesBytesThatAreNoList() {
        SignedDeviceList noise = SignedDeviceList.newBuilder()
                .setContent(ByteString.copyFromUtf8("noise"))
                .build();
        assertRefused(() -> DeviceList.parse(noise), "wire type 6");
        assertRefused(
                () -> DeviceList.parse(SignedDeviceList.getDefaultInstance()), "DeviceListContent.account is missing");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void refusesAVersionOutOfRange(long version) {
        assertRefused(content(1).setVersion(version), "the version is not 1 to 2^63-1");
    }

    @Test
    void refusesNoDeviceOrMoreThanFive() {
        assertRefused(content(0), "DeviceListContent.devices is missing");
        assertRefused(content(6), "DeviceListContent.devices has more than 5 entries");
    }

    @Test
    void refusesNumbersThatDoNotRise() {
        String message = "the device numbers are not 1 to 2^31-1 and rising";
        assertRefused(changed(2, device(2).setDevice(1)), message);
        assertRefused(changed(1, device(1).setDevice(0)), message);
        assertRefused(changed(1, device(1).setDevice(-1)), message);
        assertRefused(changed(1, device(1).setDevice(3)), message);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void refusesARegistrationIdOutOfRange(int registrationId) {
        assertRefused(changed(2, device(2).setRegistrationId(registrationId)), "a registration id is not 1 to 2^31-1");
    }

    @Test
    void refusesAnyNumberOfPrimariesButOne() {
        assertRefused(changed(1, device(1).setRole(Role.COMPANION)), "there is not exactly one primary");
        assertRefused(changed(2, device(2).setRole(Role.PRIMARY)), "there is not exactly one primary");
    }

    @Test
    void refusesARoleThatItDoesNotKnow() {
        assertRefused(changed(2, device(2).clearRole()), "a device has no known role");
        assertRefused(changed(2, device(2).setRoleValue(9)), "a device has no known role");
    }

    @Test
    void refusesAKeyThatIsUsedTwice() {
        String message = "an identity key is used twice, or is the account key";
        assertRefused(changed(2, device(2).setIdentityKey(secret(1).publicKey().toByteString())), message);
        assertRefused(
                changed(2, device(2).setIdentityKey(ACCOUNT_SECRET.publicKey().toByteString())), message);
    }

    @Test
    void refusesKeysThatAreNone() {
        ByteString zero = ByteString.copyFrom(new byte[32]);
        assertRefused(content(1).setAccountKey(zero), "the account key is no valid Ed25519 public key");
        assertRefused(changed(2, device(2).setIdentityKey(zero)), "an identity key is no valid Ed25519 public key");
        assertRefused(changed(2, device(2).setIdentityKey(ByteString.EMPTY)), "ListedDevice.identity_key is missing");
    }

    @Test
    void refusesANameThatIsTooLong() {
        assertRefused(
                changed(2, device(2).setName(ByteString.copyFrom(new byte[257]))),
                "ListedDevice.name has 257 bytes, not 0 to 256");
    }

    @Test
    void maySucceedWithADeviceMoreAndADeviceLess() {
        DeviceList now = parse(content(3));
        assertThatCode(() -> now.checkSuccessor(parse(content(4).setVersion(2)), 3))
                .doesNotThrowAnyException();
        assertThatCode(() -> now.checkSuccessor(parse(content(3).setVersion(2).removeDevices(1)), 3))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 3, Long.MAX_VALUE})
    void maySucceedOnlyWithTheNextVersion(long version) {
        DeviceList now = parse(content(3));
        assertThatThrownBy(() -> now.checkSuccessor(parse(content(3).setVersion(version)), 3))
                .isInstanceOfSatisfying(
                        ProtocolException.class,
                        breach -> assertThat(breach.code()).isEqualTo(ErrorCode.LIST_CONFLICT))
                .hasMessage("version " + version + " does not follow 1");
    }

    @Test
    void mayNotSucceedWithAnotherAccountOrAccountKeyOrPrimary() {
        ByteString otherAccount = new AccountId(1, 3).toByteString();
        assertNotSuccessor(content(2).setVersion(2).setAccount(otherAccount), 2, "the list is of another account");
        ByteString otherKey = secret(50).publicKey().toByteString();
        assertNotSuccessor(content(2).setVersion(2).setAccountKey(otherKey), 2, "the account key has changed");
        DeviceListContent.Builder swapped = content(2).setVersion(2);
        swapped.getDevicesBuilder(0).setRole(Role.COMPANION);
        swapped.getDevicesBuilder(1).setRole(Role.PRIMARY);
        assertNotSuccessor(swapped, 2, "another device is the primary");
    }

    @Test
    void mayNotUseANumberAgain() {
        DeviceListContent.Builder next = content(3).setVersion(2);
        assertNotSuccessor(next, 3, "a new device has a number that was used before");
        assertThatCode(() -> parse(content(2)).checkSuccessor(parse(next), 2)).doesNotThrowAnyException();
    }

    @Test
    void mayNotChangeTheIdentityKeyOfANumberButItsRegistrationId() {
        ByteString otherKey = secret(50).publicKey().toByteString();
        assertNotSuccessor(
                changed(2, device(2).setIdentityKey(otherKey)).setVersion(2), 2, "an identity key has changed");
        DeviceListContent.Builder installedAnew =
                changed(2, device(2).setRegistrationId(77)).setVersion(2);
        assertThatCode(() -> parse(content(2)).checkSuccessor(parse(installedAnew), 2))
                .doesNotThrowAnyException();
    }

    private static void assertNotSuccessor(DeviceListContent.Builder next, int highestNumber, String message) {
        assertRefused(() -> parse(content(2)).checkSuccessor(parse(next), highestNumber), message);
    }

    private static void assertRefused(DeviceListContent.Builder content, String message) {
        assertRefused(() -> parse(content), message);
    }

    private static void assertRefused(ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ProtocolException.class,
                        breach -> assertThat(breach.code()).isEqualTo(ErrorCode.INVALID_DEVICE_LIST))
                .hasMessage(message);
    }

    private static DeviceList parse(DeviceListContent.Builder content) {
        return DeviceList.parse(DeviceList.sign(content.build(), ACCOUNT_SECRET));
    }

    /** Version 1 with devices 1 to {@code devices}, the first of them primary. */
    private static DeviceListContent.Builder content(int devices) {
        DeviceListContent.Builder content = DeviceListContent.newBuilder()
                .setAccount(ACCOUNT.toByteString())
                .setVersion(1)
                .setAccountKey(ACCOUNT_SECRET.publicKey().toByteString());
        for (int number = 1; number <= devices; number++) {
            content.addDevices(device(number));
        }
        return content;
    }

    /** Two devices, one of them replaced. */
    private static DeviceListContent.Builder changed(int number, ListedDevice.Builder device) {
        return content(2).setDevices(number - 1, device);
    }

    private static ListedDevice.Builder device(int number) {
        return ListedDevice.newBuilder()
                .setDevice(number)
                .setIdentityKey(secret(number).publicKey().toByteString())
                .setRegistrationId(1000 + number)
                .setRole(number == 1 ? Role.PRIMARY : Role.COMPANION)
                .setPlatform(Platform.LINUX);
    }

    private static Ed25519Secret secret(int seed) {
        byte[] bytes = new byte[Ed25519Secret.SEED_BYTES];
        bytes[0] = (byte) seed;
        return Ed25519Secret.of(bytes);
    }
}
