package dev.quintet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.wire.AccountHandover;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.ListedDevice;
import dev.quintet.protocol.wire.Role;
import dev.quintet.protocol.wire.SignedDeviceList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An account of three devices goes from device 1 to device 2, later to 3; and everything that is not that. */
class AccountHandoverTest {
    private static final AccountId ACCOUNT = new AccountId(1, 2);
    private static final Ed25519Secret FIRST = secret(100);
    private static final Ed25519Secret SECOND = secret(101);
    private static final Ed25519Secret THIRD = secret(102);
    private static final Ed25519Secret STRANGER = secret(103);

    private final DeviceList before = parse(content(4, 1, FIRST), FIRST);

    @Test
    void handsTheAccountOverToACompanion() {
        DeviceList list = handover();

        before.checkSuccessor(list, 3);
        assertThat(list.isHandover()).isTrue();
        assertThat(list.primary().number()).isEqualTo(2);
        assertThat(list.isFrom(FIRST.publicKey())).isTrue();
        assertThat(list.isFromSuccessorOf(before)).isTrue();
        assertThat(list.isFrom(SECOND.publicKey()))
                .as("seen for the first time")
                .isTrue();
        assertThat(list.isFrom(STRANGER.publicKey())).isFalse();
    }

    @Test
    void isFollowedFromEveryKeyThatTheAccountHasHad() {
        DeviceListContent.Builder later = handedOver().setVersion(6);
        DeviceListContent.Builder again =
                content(7, 3, THIRD).addHandovers(link(5, SECOND, FIRST)).addHandovers(link(7, THIRD, SECOND));
        DeviceList third = DeviceList.parse(countersigned(again, SECOND, THIRD));
        DeviceList after = parse(again.clone().setVersion(8), THIRD);

        handover().checkSuccessor(parse(later, SECOND), 3);
        parse(later, SECOND).checkSuccessor(third, 3);
        third.checkSuccessor(after, 3);
        for (Ed25519Secret known : new Ed25519Secret[] {FIRST, SECOND, THIRD}) {
            assertThat(third.isFrom(known.publicKey())).isTrue();
            assertThat(after.isFrom(known.publicKey())).isTrue();
        }
        assertThat(after.isHandover()).isFalse();
        assertThat(after.isFromSuccessorOf(before)).isTrue();
        assertThat(after.isFrom(STRANGER.publicKey())).isFalse();
        assertThat(parse(again.clone().setVersion(8), SECOND).isFrom(SECOND.publicKey()))
                .as("the old primary signs on")
                .isFalse();
    }

    /** Whoever knows version 6 by the first key knows that nothing was handed over in version 5. */
    @Test
    void isNotFollowedFromAListThatIsNewerThanTheHandover() {
        DeviceList unaware = parse(content(6, 1, FIRST), FIRST);
        DeviceList fork = parse(handedOver().setVersion(7), SECOND);

        assertThat(fork.isFrom(FIRST.publicKey())).isTrue();
        assertThat(fork.isFromSuccessorOf(unaware)).isFalse();
    }

    /** The first account key stands in no list; the signature of the first handover tells it all the same. */
    @Test
    void isNotBelievedIfTheFirstAccountKeyHasComeBack() {
        DeviceListContent.Builder second =
                content(7, 1, FIRST).addHandovers(link(5, SECOND, FIRST)).addHandovers(link(7, FIRST, SECOND));
        DeviceListContent.Builder third = content(9, 1, FIRST)
                .addHandovers(link(5, SECOND, FIRST))
                .addHandovers(link(7, THIRD, SECOND))
                .addHandovers(link(9, FIRST, THIRD));
        DeviceListContent.Builder onward =
                second.clone().setVersion(8).setAccountKey(key(THIRD)).addHandovers(link(8, THIRD, FIRST));

        for (DeviceList list : new DeviceList[] {
            DeviceList.parse(countersigned(second, SECOND, FIRST)),
            parse(second.clone().setVersion(8), FIRST),
            DeviceList.parse(countersigned(third, THIRD, FIRST)),
            DeviceList.parse(countersigned(onward, FIRST, THIRD))
        }) {
            for (Ed25519Secret known : new Ed25519Secret[] {FIRST, SECOND, THIRD}) {
                assertThat(list.isFrom(known.publicKey())).isFalse();
            }
            assertThat(list.isFromSuccessorOf(handover())).isFalse();
            assertThat(list.isFromSuccessorOf(before)).isFalse();
        }
    }

    @Test
    void letsTheOldPrimaryBeRemovedLater() {
        DeviceListContent.Builder next = handedOver().setVersion(6).removeDevices(0);

        assertThatCode(() -> handover().checkSuccessor(parse(next, SECOND), 3)).doesNotThrowAnyException();
    }

    /** Signed as it should be, by both. */
    enum Wrong {
        ANOTHER_KEY_FOR_THE_SAME_PRIMARY(
                "the account is handed over to nobody",
                content -> content.clearDevices()
                        .addAllDevices(content(5, 1, SECOND).getDevicesList())),
        ANOTHER_PRIMARY_WITH_THE_SAME_KEY(
                "another device is the primary",
                content -> content.setAccountKey(key(FIRST)).clearHandovers()),
        A_NEW_DEVICE_AS_PRIMARY("a handover changes more than roles", content -> {
            content.getDevicesBuilder(1).setRole(Role.COMPANION);
            content.addDevices(device(4, 4));
        }),
        A_DEVICE_LESS("a handover changes more than roles", content -> content.removeDevices(2)),
        THE_OLD_PRIMARY_GONE("a handover changes more than roles", content -> content.removeDevices(0)),
        ANOTHER_IDENTITY_KEY(
                "a handover changes more than roles",
                content -> content.getDevicesBuilder(1).setIdentityKey(key(STRANGER))),
        ANOTHER_REGISTRATION_ID(
                "a handover changes more than roles",
                content -> content.getDevicesBuilder(2).setRegistrationId(7)),
        ANOTHER_NAME(
                "a handover changes more than roles",
                content -> content.getDevicesBuilder(2).setName(ByteString.copyFromUtf8("x"))),
        NO_CHAIN("the account key has changed", DeviceListContent.Builder::clearHandovers),
        AN_OLD_HANDOVER("the account key has changed", content -> content.setHandovers(0, link(3, SECOND, FIRST))),
        A_LINK_TOO_MANY(
                "the account key has changed",
                content -> content.clearHandovers()
                        .addHandovers(link(4, THIRD, FIRST))
                        .addHandovers(link(5, SECOND, THIRD))),
        A_LATER_HANDOVER(
                "a handover has a later version than the list",
                content -> content.setHandovers(0, link(6, SECOND, FIRST))),
        A_HANDOVER_IN_THE_FIRST_VERSION(
                "the versions of the handovers do not rise from 2",
                content -> content.clearHandovers()
                        .addHandovers(link(1, THIRD, FIRST))
                        .addHandovers(link(5, SECOND, THIRD))),
        TWO_HANDOVERS_IN_ONE_VERSION(
                "the versions of the handovers do not rise from 2",
                content -> content.clearHandovers()
                        .addHandovers(link(5, THIRD, FIRST))
                        .addHandovers(link(5, SECOND, THIRD))),
        A_KEY_THAT_COMES_BACK(
                "an account key comes back",
                content -> content.clearHandovers()
                        .addHandovers(link(3, SECOND, FIRST))
                        .addHandovers(link(4, THIRD, SECOND))
                        .addHandovers(link(5, SECOND, THIRD))),
        A_CHAIN_TO_ANOTHER_KEY(
                "the last handover is to another account key", content -> content.setAccountKey(key(THIRD))),
        A_KEY_THAT_IS_NONE(
                "an account key that was handed over to is no valid Ed25519 public key",
                content -> content.getHandoversBuilder(0).setAccountKey(ByteString.copyFrom(new byte[32]))),
        AN_IDENTITY_KEY_AS_ACCOUNT_KEY(
                "an identity key is used twice, or is the account key",
                content -> content.setAccountKey(key(secret(2))).setHandovers(0, link(5, secret(2), FIRST))),
        NINE_HANDOVERS("DeviceListContent.handovers has more than 8 entries", content -> {
            for (int number = 0; number < 8; number++) {
                content.addHandovers(0, link(2, secret(50 + number), FIRST));
            }
        });

        private final String message;
        private final Consumer<DeviceListContent.Builder> change;

        Wrong(String message, Consumer<DeviceListContent.Builder> change) {
            this.message = message;
            this.change = change;
        }
    }

    @ParameterizedTest
    @EnumSource
    void isNotBy(Wrong wrong) {
        DeviceListContent.Builder content = handedOver();
        wrong.change.accept(content);
        boolean isHandover = content.getHandoversList().stream().anyMatch(link -> link.getVersion() == 5);
        SignedDeviceList list =
                isHandover ? countersigned(content, FIRST, SECOND) : DeviceList.sign(content.build(), FIRST);

        assertThatThrownBy(() -> before.checkSuccessor(DeviceList.parse(list), 4))
                .isInstanceOfSatisfying(
                        ProtocolException.class,
                        breach -> assertThat(breach.code()).isEqualTo(ErrorCode.INVALID_DEVICE_LIST))
                .hasMessage(wrong.message);
    }

    /** The control of all above: unchanged, it is good. */
    @Test
    void isByBothSignatures() {
        assertThatCode(() -> before.checkSuccessor(handover(), 4)).doesNotThrowAnyException();
    }

    /** As it should be, but for who has signed. */
    enum Forged {
        SIGNED_BY_THE_NEW_KEY(SECOND, FIRST, SECOND),
        SIGNED_BY_A_COMPANION(secret(2), FIRST, SECOND),
        SIGNED_BY_A_STRANGER(STRANGER, FIRST, SECOND),
        COUNTERSIGNED_BY_THE_OLD_KEY(FIRST, FIRST, FIRST),
        COUNTERSIGNED_BY_THE_COMPANIONS_IDENTITY(FIRST, FIRST, secret(2)),
        COUNTERSIGNED_BY_A_STRANGER(FIRST, FIRST, STRANGER),
        HANDED_OVER_BY_THE_NEW_KEY(FIRST, SECOND, SECOND),
        HANDED_OVER_BY_A_COMPANION(FIRST, secret(2), SECOND),
        HANDED_OVER_BY_A_STRANGER(FIRST, STRANGER, SECOND);

        private final Ed25519Secret signer;
        private final Ed25519Secret handing;
        private final Ed25519Secret countersigner;

        Forged(Ed25519Secret signer, Ed25519Secret handing, Ed25519Secret countersigner) {
            this.signer = signer;
            this.handing = handing;
            this.countersigner = countersigner;
        }
    }

    @ParameterizedTest
    @EnumSource
    void isNotBelievedWhen(Forged forged) {
        DeviceListContent.Builder content = content(5, 2, SECOND).addHandovers(link(5, SECOND, forged.handing));
        DeviceList list = DeviceList.parse(countersigned(content, forged.signer, forged.countersigner));

        before.checkSuccessor(list, 3);
        assertThat(list.isFrom(FIRST.publicKey())).isFalse();
        assertThat(list.isFromSuccessorOf(before)).isFalse();
    }

    @Test
    void isNotBelievedByTheSignatureOfAnOlderHandoverOrOfAnotherAccount() {
        for (AccountHandover.Builder link : new AccountHandover.Builder[] {
            link(4, SECOND, FIRST).setVersion(5),
            link(5, THIRD, FIRST).setAccountKey(key(SECOND)),
            link(5, SECOND, FIRST)
                    .setSignature(ByteString.copyFrom(
                            FIRST.sign(Statement.handover(new AccountId(1, 3), 5, SECOND.publicKey()))))
        }) {
            DeviceListContent.Builder content = content(5, 2, SECOND).addHandovers(link);
            assertThat(DeviceList.parse(countersigned(content, FIRST, SECOND)).isFrom(FIRST.publicKey()))
                    .isFalse();
        }
    }

    @Test
    void isNotBelievedByACountersignatureOfSomethingElse() {
        SignedDeviceList good = countersigned(handedOver(), FIRST, SECOND);
        SignedDeviceList other = countersigned(handedOver().setSignedAtMillis(1), FIRST, SECOND);
        SignedDeviceList mixed = good.toBuilder()
                .setCountersignature(other.getCountersignature())
                .build();
        byte[] plain = SECOND.sign(Statement.deviceList(good.getContent().toByteArray()));
        SignedDeviceList asList =
                good.toBuilder().setCountersignature(ByteString.copyFrom(plain)).build();

        assertThat(DeviceList.parse(mixed).isFrom(FIRST.publicKey())).isFalse();
        assertThat(DeviceList.parse(asList).isFrom(FIRST.publicKey())).isFalse();
        assertThat(DeviceList.parse(asList).isFrom(SECOND.publicKey())).isFalse();
    }

    @Test
    void isCountersignedInTheVersionOfTheHandoverAndOnlyThere() {
        SignedDeviceList good = countersigned(handedOver(), FIRST, SECOND);
        SignedDeviceList ordinary =
                DeviceList.countersign(DeviceList.sign(content(4, 1, FIRST).build(), FIRST), SECOND);
        SignedDeviceList later = DeviceList.countersign(
                DeviceList.sign(handedOver().setVersion(6).build(), SECOND), SECOND);

        for (SignedDeviceList wrong : new SignedDeviceList[] {
            good.toBuilder().clearCountersignature().build(),
            good.toBuilder()
                    .setCountersignature(good.getCountersignature().substring(1))
                    .build(),
            ordinary,
            later
        }) {
            assertThatThrownBy(() -> DeviceList.parse(wrong))
                    .hasMessage("a list is countersigned in the version that hands the account over, and only there");
        }
    }

    @Test
    void keepsTheChainInEveryLaterList() {
        DeviceListContent.Builder later = content(6, 2, SECOND);

        assertThatThrownBy(() -> handover().checkSuccessor(parse(later, SECOND), 3))
                .hasMessage("the handovers have changed");
        assertThatThrownBy(() ->
                        handover().checkSuccessor(parse(later.addHandovers(link(4, SECOND, FIRST)), SECOND), 3))
                .hasMessage("the handovers have changed");
    }

    private static DeviceList handover() {
        return DeviceList.parse(countersigned(handedOver(), FIRST, SECOND));
    }

    private static DeviceListContent.Builder handedOver() {
        return content(5, 2, SECOND).addHandovers(link(5, SECOND, FIRST));
    }

    private static SignedDeviceList countersigned(
            DeviceListContent.Builder content, Ed25519Secret signer, Ed25519Secret countersigner) {
        return DeviceList.countersign(DeviceList.sign(content.build(), signer), countersigner);
    }

    private static DeviceList parse(DeviceListContent.Builder content, Ed25519Secret signer) {
        return DeviceList.parse(DeviceList.sign(content.build(), signer));
    }

    private static AccountHandover.Builder link(long version, Ed25519Secret to, Ed25519Secret by) {
        return AccountHandover.newBuilder()
                .setVersion(version)
                .setAccountKey(key(to))
                .setSignature(ByteString.copyFrom(by.sign(Statement.handover(ACCOUNT, version, to.publicKey()))));
    }

    /** Devices 1, 2 and 3. */
    private static DeviceListContent.Builder content(long version, int primary, Ed25519Secret accountSecret) {
        DeviceListContent.Builder content = DeviceListContent.newBuilder()
                .setAccount(ACCOUNT.toByteString())
                .setVersion(version)
                .setAccountKey(key(accountSecret));
        for (int number = 1; number <= 3; number++) {
            content.addDevices(device(number, primary));
        }
        return content;
    }

    private static ListedDevice.Builder device(int number, int primary) {
        return ListedDevice.newBuilder()
                .setDevice(number)
                .setIdentityKey(key(secret(number)))
                .setRegistrationId(1000 + number)
                .setRole(number == primary ? Role.PRIMARY : Role.COMPANION);
    }

    private static ByteString key(Ed25519Secret secret) {
        return secret.publicKey().toByteString();
    }

    private static Ed25519Secret secret(int seed) {
        byte[] bytes = new byte[Ed25519Secret.SEED_BYTES];
        bytes[0] = (byte) seed;
        return Ed25519Secret.of(bytes);
    }
}
