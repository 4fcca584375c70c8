package dev.quintet.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.SignedDeviceList;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class PrimaryHandoverTest {
    private static final AccountId ACCOUNT = new AccountId(1, 1);

    private final SecureRandom random = new SecureRandom();
    private final DeviceKeys primary = DeviceKeys.primary(ACCOUNT, random);
    private final DeviceKeys companion = DeviceKeys.companion(ACCOUNT, 2, random);
    private final DeviceKeys other = DeviceKeys.companion(ACCOUNT, 3, random);
    private final DeviceKeys successor = companion.withNewAccountSecret(random);
    private final SignedDeviceList first =
            DeviceListDraft.first(primary, Platform.LINUX).sign(primary);
    private final DeviceList second = DeviceList.parse(DeviceListDraft.after(DeviceList.parse(first))
            .add(companion, Platform.LINUX)
            .add(other, Platform.LINUX)
            .sign(primary));
    private final KnownDeviceLists lists = new KnownDeviceLists();

    private static Ed25519Key accountKey(DeviceKeys keys) {
        return keys.accountSecret().orElseThrow().publicKey();
    }

    private SignedDeviceList proposal() {
        return PrimaryHandover.propose(primary, second, 2, accountKey(successor));
    }

    @Test
    void makesAListThatBothHaveSigned() {
        SignedDeviceList third = PrimaryHandover.countersign(successor, second, proposal());

        DeviceList list = DeviceList.parse(third);
        PrimaryHandover.checkMayFollow(second, third);
        assertThat(list.primary().number()).isEqualTo(2);
        assertThat(list.isFrom(accountKey(primary))).isTrue();
        assertThat(list.version()).isEqualTo(3);
    }

    @Test
    void isFollowedByWhoeverHasSeenTheAccountBeforeAndByWhoeverSeesItLater() {
        SignedDeviceList third = PrimaryHandover.countersign(successor, second, proposal());
        SignedDeviceList fourth =
                DeviceListDraft.after(DeviceList.parse(third)).remove(1).sign(successor);
        lists.learn(ACCOUNT, first);

        assertThat(lists.learn(ACCOUNT, fourth).primary().number()).isEqualTo(2);
        assertThat(new KnownDeviceLists().learn(ACCOUNT, third).version()).isEqualTo(3);
        assertThat(new KnownDeviceLists().learn(ACCOUNT, fourth).version()).isEqualTo(4);
    }

    @Test
    void endsWhatTheOldPrimaryMaySign() {
        SignedDeviceList third = PrimaryHandover.countersign(successor, second, proposal());
        SignedDeviceList byOld = DeviceListDraft.after(DeviceList.parse(third)).sign(primary);
        SignedDeviceList fork = DeviceListDraft.after(
                        DeviceList.parse(DeviceListDraft.after(second).sign(primary)))
                .sign(primary);
        lists.learn(ACCOUNT, third);

        assertThatThrownBy(() -> lists.learn(ACCOUNT, byOld)).isInstanceOf(UntrustedDeviceListException.class);
        assertThatThrownBy(() -> lists.learn(ACCOUNT, fork)).isInstanceOf(UntrustedDeviceListException.class);
        assertThat(lists.of(ACCOUNT).orElseThrow().version()).isEqualTo(3);
    }

    @Test
    void isNotCountersignedForAnotherDeviceOrAnotherKeyOrAnotherList() {
        DeviceKeys otherSuccessor = other.withNewAccountSecret(random);
        SignedDeviceList third = DeviceListDraft.after(second).sign(primary);

        assertThatThrownBy(() -> PrimaryHandover.countersign(otherSuccessor, second, proposal()))
                .isInstanceOf(UntrustedDeviceListException.class);
        assertThatThrownBy(
                        () -> PrimaryHandover.countersign(companion.withNewAccountSecret(random), second, proposal()))
                .isInstanceOf(UntrustedDeviceListException.class);
        assertThatThrownBy(() -> PrimaryHandover.countersign(successor, DeviceList.parse(third), proposal()))
                .isInstanceOf(UntrustedDeviceListException.class);
        assertThatThrownBy(() -> PrimaryHandover.countersign(successor, second, third))
                .isInstanceOf(UntrustedDeviceListException.class);
    }

    /** A companion with the idea to propose for itself. */
    @Test
    void isNotCountersignedWhenTheProposalIsNotThePrimarys() {
        DeviceKeys impostor = new DeviceKeys(
                ACCOUNT,
                1,
                primary.registrationId(),
                primary.identity(),
                otherSecret().accountSecret());
        SignedDeviceList forged = PrimaryHandover.propose(impostor, second, 2, accountKey(successor));

        assertThatThrownBy(() -> PrimaryHandover.countersign(successor, second, forged))
                .isInstanceOf(UntrustedDeviceListException.class);
    }

    private DeviceKeys otherSecret() {
        return other.withNewAccountSecret(random);
    }

    @Test
    void goesToNoDeviceThatTheAccountDoesNotHave() {
        for (int device : new int[] {1, 4}) {
            assertThatThrownBy(() -> PrimaryHandover.propose(primary, second, device, accountKey(successor)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void leavesTheOldPrimaryACompanion() {
        assertThat(primary.withoutAccountSecret().isPrimary()).isFalse();
        assertThat(successor.isPrimary()).isTrue();
        assertThat(successor.identity()).isEqualTo(companion.identity());
    }
}
