package dev.quintet.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Secret;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.SignedDeviceList;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;

class KnownDeviceListsTest {
    private static final AccountId ACCOUNT = new AccountId(1, 1);

    private final SecureRandom random = new SecureRandom();
    private final DeviceKeys primary = DeviceKeys.primary(ACCOUNT, random);
    private final SignedDeviceList first =
            DeviceListDraft.first(primary, Platform.LINUX).sign(primary);
    private final KnownDeviceLists lists = new KnownDeviceLists();

    @Test
    void learnsANewerList() {
        lists.learn(ACCOUNT, first);
        SignedDeviceList second = next(first);

        assertThat(lists.learn(ACCOUNT, second).devices()).hasSize(2);
        assertThat(lists.of(ACCOUNT).orElseThrow().version()).isEqualTo(2);
    }

    @Test
    void leavesOutWhomTheRelayHasLoggedOut() {
        SignedDeviceList second = next(first);
        lists.learn(ACCOUNT, second);
        SignedDeviceList without = second.toBuilder().addLoggedOut(2).build();

        assertThat(lists.learn(ACCOUNT, without).devices())
                .extracting(MemberDevice::number)
                .containsExactly(1);
        assertThat(lists.hear(without).orElseThrow().loggedOut()).containsExactly(2);
        assertThat(lists.of(ACCOUNT).orElseThrow().listed()).hasSize(2);
    }

    @Test
    void refusesALogOutOfThePrimaryOrOfNobody() {
        SignedDeviceList second = next(first);
        for (int number : new int[] {0, 1, 3}) {
            SignedDeviceList wrong = second.toBuilder().addLoggedOut(number).build();
            assertThatThrownBy(() -> lists.learn(ACCOUNT, wrong)).isInstanceOf(UntrustedDeviceListException.class);
        }
    }

    @Test
    void draftsTheNextListWithoutThoseThatAreLoggedOutAndByRisingNumber() {
        SignedDeviceList second = next(first);
        DeviceList without = DeviceList.parse(second.toBuilder().addLoggedOut(2).build());
        DeviceListDraft draft = DeviceListDraft.after(without)
                .add(DeviceKeys.companion(ACCOUNT, 3, random), Platform.LINUX)
                .add(DeviceKeys.companion(ACCOUNT, 2, random), Platform.LINUX);

        assertThat(DeviceList.parse(DeviceListDraft.after(without).sign(primary))
                        .listed())
                .hasSize(1);
        assertThat(DeviceList.parse(draft.sign(primary)).listed())
                .extracting(MemberDevice::number)
                .containsExactly(1, 2, 3);
    }

    @Test
    void refusesAnOlderListAndKeepsTheKnownOne() {
        SignedDeviceList second = next(first);
        lists.learn(ACCOUNT, second);

        assertThatThrownBy(() -> lists.learn(ACCOUNT, first)).isInstanceOf(UntrustedDeviceListException.class);
        assertThat(lists.of(ACCOUNT).orElseThrow().version()).isEqualTo(2);
    }

    @Test
    void refusesAnotherListOfTheSameVersion() {
        lists.learn(ACCOUNT, next(first));

        assertThatThrownBy(() -> lists.learn(ACCOUNT, next(first))).isInstanceOf(UntrustedDeviceListException.class);
    }

    @Test
    void refusesAnotherAccountKey() {
        lists.learn(ACCOUNT, first);
        DeviceKeys impostor = DeviceKeys.primary(ACCOUNT, random);
        SignedDeviceList forged =
                next(DeviceListDraft.first(impostor, Platform.LINUX).sign(impostor), impostor);

        assertThatThrownBy(() -> lists.learn(ACCOUNT, forged)).isInstanceOf(UntrustedDeviceListException.class);
    }

    @Test
    void refusesTheFirstAccountKeyWhenItComesBack() {
        DeviceKeys companion = DeviceKeys.companion(ACCOUNT, 2, random).withNewAccountSecret(random);
        SignedDeviceList second = DeviceListDraft.after(DeviceList.parse(first))
                .add(companion, Platform.LINUX)
                .sign(primary);
        SignedDeviceList third = handedOver(second, primary, companion);
        SignedDeviceList back = handedOver(third, companion, primary);
        lists.learn(ACCOUNT, second);
        lists.learn(ACCOUNT, third);

        assertThatThrownBy(() -> lists.learn(ACCOUNT, back)).isInstanceOf(UntrustedDeviceListException.class);
        assertThatThrownBy(() -> new KnownDeviceLists().learn(ACCOUNT, back))
                .isInstanceOf(UntrustedDeviceListException.class);
        assertThatThrownBy(() -> PrimaryHandover.checkMayFollow(DeviceList.parse(third), back))
                .isInstanceOf(UntrustedDeviceListException.class);
        assertThat(lists.of(ACCOUNT).orElseThrow().signed()).isEqualTo(third);
    }

    private static SignedDeviceList handedOver(SignedDeviceList current, DeviceKeys from, DeviceKeys to) {
        Ed25519Secret successor = to.accountSecret().orElseThrow();
        SignedDeviceList proposal =
                PrimaryHandover.propose(from, DeviceList.parse(current), to.device(), successor.publicKey());
        return DeviceList.countersign(proposal, successor);
    }

    @Test
    void refusesAWrongSignatureAnotherAccountAndNonsense() {
        SignedDeviceList altered =
                first.toBuilder().setSignature(next(first).getSignature()).build();
        SignedDeviceList nonsense = first.toBuilder()
                .setContent(ByteString.copyFromUtf8("nonsense"))
                .build();

        for (SignedDeviceList wrong : new SignedDeviceList[] {altered, nonsense}) {
            assertThatThrownBy(() -> lists.learn(ACCOUNT, wrong)).isInstanceOf(UntrustedDeviceListException.class);
        }
        assertThatThrownBy(() -> lists.learn(new AccountId(2, 2), first))
                .isInstanceOf(UntrustedDeviceListException.class);
        assertThat(lists.of(ACCOUNT)).isEmpty();
    }

    @Test
    void hearsOfANewerListOfAKnownAccountAndOfNothingElse() {
        SignedDeviceList second = next(first);

        assertThat(lists.hear(second)).isEmpty();
        assertThat(lists.of(ACCOUNT)).isEmpty();
        lists.learn(ACCOUNT, first);
        assertThat(lists.hear(second).orElseThrow().version()).isEqualTo(2);
        assertThat(lists.hear(first).orElseThrow().version()).isEqualTo(2);
        assertThat(lists.of(ACCOUNT).orElseThrow().signed()).isEqualTo(second);
    }

    @Test
    void doesNotBelieveAForgedListThatItHears() {
        DeviceKeys impostor = DeviceKeys.primary(ACCOUNT, random);
        SignedDeviceList forged =
                next(DeviceListDraft.first(impostor, Platform.LINUX).sign(impostor), impostor);
        lists.learn(ACCOUNT, first);

        assertThatThrownBy(() -> lists.hear(forged)).isInstanceOf(UntrustedDeviceListException.class);
        assertThatThrownBy(() -> lists.hear(
                        forged.toBuilder().setSignature(first.getSignature()).build()))
                .isInstanceOf(UntrustedDeviceListException.class);
        assertThat(lists.of(ACCOUNT).orElseThrow().version()).isEqualTo(1);
    }

    private SignedDeviceList next(SignedDeviceList current) {
        return next(current, primary);
    }

    private SignedDeviceList next(SignedDeviceList current, DeviceKeys signer) {
        return DeviceListDraft.after(DeviceList.parse(current))
                .add(DeviceKeys.companion(ACCOUNT, 2, random), Platform.LINUX)
                .sign(signer);
    }
}
