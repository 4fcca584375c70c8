package dev.quintet.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.DeviceEnvelope;
import dev.quintet.protocol.wire.DeviceListAnswer;
import dev.quintet.protocol.wire.DeviceListChanged;
import dev.quintet.protocol.wire.EnvelopeClass;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.KeyBundle;
import dev.quintet.protocol.wire.KeyBundles;
import dev.quintet.protocol.wire.Mismatch;
import dev.quintet.protocol.wire.OneTimePrekey;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.SignedDeviceList;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private static final AccountId OTHER = new AccountId(5, 5);
    private static final Sealer SEALER = device -> ByteString.copyFromUtf8("for " + device.number());

    private final SecureRandom random = new SecureRandom();
    private final DeviceKeys keys = DeviceKeys.primary(AccountId.of(FakeRelay.NEW_ACCOUNT), random);
    private final DeviceKeys other = DeviceKeys.primary(OTHER, random);
    private final DeviceKeys companion = DeviceKeys.companion(OTHER, 2, random);
    private final SignedDeviceList first =
            DeviceListDraft.first(other, Platform.LINUX).sign(other);
    private final SignedDeviceList second = DeviceListDraft.after(DeviceList.parse(first))
            .add(companion, Platform.LINUX)
            .sign(other);
    private final KnownDeviceLists lists = new KnownDeviceLists();
    private final RecordingListener listener = new RecordingListener();
    private ClientTransport transport;
    private FakeRelay relay;
    private Device device;
    private FakeRelay.Peer peer;
    private Outbox outbox;

    @BeforeEach
    void connect() throws Exception {
        transport = new ClientTransport();
        relay = new FakeRelay();
        device = new Device(transport, relay.address(), keys, DeviceOptions.DEFAULTS, listener);
        device.connect();
        peer = relay.acceptAndLogIn();
        outbox = new Outbox(device, lists);
    }

    @AfterEach
    void stop() throws Exception {
        device.close();
        relay.close();
        transport.close();
    }

    @Test
    void fetchesAnUnknownListAndSendsToItsDevices() throws Exception {
        CompletableFuture<Sent> sending = outbox.send(OTHER, SEALER);
        ClientFrame get = peer.receive();
        peer.send(ServerFrame.newBuilder()
                .setRequestId(get.getRequestId())
                .setDeviceList(DeviceListAnswer.newBuilder().setDeviceList(second)));
        ClientFrame submit = peer.receive();
        peer.send(FakeRelay.accepted(submit));

        assertThat(ciphertexts(submit)).containsExactly("for 1", "for 2");
        assertThat(sending.get(5, TimeUnit.SECONDS).devices()).containsExactly(1, 2);
    }

    @Test
    void triesAgainWithTheSameIdForTheListInAMismatch() throws Exception {
        lists.learn(OTHER, first);
        CompletableFuture<Sent> sending = outbox.send(OTHER, SEALER);
        ClientFrame wrong = peer.receive();
        peer.send(FakeRelay.answer(
                wrong,
                RecipientAnswer.newBuilder()
                        .setAccount(OTHER.toByteString())
                        .setMismatch(Mismatch.newBuilder().addMissing(2).setDeviceList(second))));
        ClientFrame right = peer.receive();
        peer.send(FakeRelay.accepted(right));

        assertThat(ciphertexts(right)).containsExactly("for 1", "for 2");
        assertThat(right.getSubmit().getEnvelopeId())
                .isEqualTo(wrong.getSubmit().getEnvelopeId());
        assertThat(sending.get(5, TimeUnit.SECONDS).attempts()).isEqualTo(2);
    }

    @Test
    void waitsAsLongAsAnOverloadedRelayAsks() throws Exception {
        lists.learn(OTHER, first);
        CompletableFuture<Sent> sending = outbox.send(OTHER, SEALER);
        refuse(peer.receive(), ErrorCode.OVERLOADED, 200);

        assertThat(peer.isQuiet(100)).isTrue();
        peer.send(FakeRelay.accepted(peer.receive()));
        assertThat(sending.get(5, TimeUnit.SECONDS).attempts()).isEqualTo(2);
    }

    @Test
    void failsWithTheErrorThatAnotherTryWouldNotChange() throws Exception {
        lists.learn(OTHER, first);
        CompletableFuture<Sent> sending = outbox.send(OTHER, SEALER);
        refuse(peer.receive(), ErrorCode.ID_CONFLICT, 0);

        assertThatThrownBy(() -> sending.get(5, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(
                        RelayErrorException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.ID_CONFLICT));
    }

    @Test
    void sealsNothingMoreForADeviceThatWasLoggedOut() throws Exception {
        lists.learn(OTHER, second);
        outbox.send(OTHER, SEALER);
        ClientFrame tried = peer.receive();
        assertThat(ciphertexts(tried)).containsExactly("for 1", "for 2");
        peer.send(FakeRelay.answer(
                tried,
                RecipientAnswer.newBuilder()
                        .setAccount(OTHER.toByteString())
                        .setMismatch(Mismatch.newBuilder()
                                .addExtra(2)
                                .setDeviceList(second.toBuilder().addLoggedOut(2)))));

        assertThat(ciphertexts(peer.receive())).containsExactly("for 1");
    }

    @Test
    void doesNotBelieveAForgedListInAMismatch() throws Exception {
        lists.learn(OTHER, second);
        CompletableFuture<Sent> sending = outbox.send(OTHER, SEALER);
        peer.send(FakeRelay.answer(
                peer.receive(),
                RecipientAnswer.newBuilder()
                        .setAccount(OTHER.toByteString())
                        .setMismatch(Mismatch.newBuilder().addExtra(2).setDeviceList(first))));

        assertThatThrownBy(() -> sending.get(5, TimeUnit.SECONDS))
                .hasCauseInstanceOf(UntrustedDeviceListException.class);
        assertThat(peer.isQuiet(100)).isTrue();
    }

    @Test
    void leavesItselfOutWhenItWritesToItsOwnAccount() throws Exception {
        SignedDeviceList own = DeviceListDraft.after(DeviceList.parse(
                        DeviceListDraft.first(keys, Platform.LINUX).sign(keys)))
                .add(DeviceKeys.companion(keys.account(), 2, random), Platform.LINUX)
                .sign(keys);
        lists.learn(keys.account(), own);
        outbox.send(keys.account(), SEALER);

        assertThat(ciphertexts(peer.receive())).containsExactly("for 2");
    }

    @Test
    void handsHistoryOverToOneDeviceAlone() throws Exception {
        DeviceList first =
                DeviceList.parse(DeviceListDraft.first(keys, Platform.LINUX).sign(keys));
        DeviceList second = DeviceList.parse(DeviceListDraft.after(first)
                .add(DeviceKeys.companion(keys.account(), 2, random), Platform.LINUX)
                .sign(keys));
        SignedDeviceList third = DeviceListDraft.after(second)
                .add(DeviceKeys.companion(keys.account(), 3, random), Platform.LINUX)
                .sign(keys);
        lists.learn(keys.account(), third);
        outbox.handOver(3, SEALER);

        ClientFrame submit = peer.receive();
        assertThat(ciphertexts(submit)).containsExactly("for 3");
        assertThat(submit.getSubmit().getClass_()).isEqualTo(EnvelopeClass.HISTORY);
        assertThatThrownBy(() -> outbox.handOver(4, SEALER).get(5, TimeUnit.SECONDS))
                .hasCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sendsAtOnceToADeviceOfWhichTheRelayHasTold() throws Exception {
        lists.learn(OTHER, first);
        peer.send(ServerFrame.newBuilder()
                .setDeviceListChanged(DeviceListChanged.newBuilder().setDeviceList(second)));
        RecordingListener.next(listener.events);
        outbox.send(OTHER, SEALER);

        assertThat(ciphertexts(peer.receive())).containsExactly("for 1", "for 2");
    }

    // With sessions

    /** Remembers who has begun with which one-time prekey. */
    private static final class Started implements Sessions {
        private final Map<Integer, Integer> oneTimeIds = new TreeMap<>();

        @Override
        public boolean has(AccountId account, MemberDevice device) {
            return oneTimeIds.containsKey(device.number());
        }

        @Override
        public void begin(AccountId account, MemberDevice device, KeyBundle keys) {
            oneTimeIds.put(device.number(), keys.getOneTime().getId());
        }
    }

    private KeyBundle.Builder bundle(DeviceKeys owner, DeviceKeys signer) {
        return KeyBundle.newBuilder()
                .setDevice(owner.device())
                .setRegistrationId(owner.registrationId())
                .setSignedPrekey(signer.signedPrekey(1, ByteString.copyFrom(new byte[32])))
                .setOneTime(OneTimePrekey.newBuilder()
                        .setId(100 + owner.device())
                        .setKey(ByteString.copyFrom(new byte[32])));
    }

    private ServerFrame.Builder mismatch(ClientFrame wrong, SignedDeviceList list, KeyBundle.Builder... keys) {
        Mismatch.Builder mismatch = Mismatch.newBuilder().setDeviceList(list);
        for (KeyBundle.Builder bundle : keys) {
            mismatch.addMissing(bundle.getDevice()).addKeys(bundle);
        }
        return FakeRelay.answer(
                wrong,
                RecipientAnswer.newBuilder().setAccount(OTHER.toByteString()).setMismatch(mismatch));
    }

    @Test
    void beginsSessionsWithTheKeysThatComeWithTheMismatch() throws Exception {
        Started started = new Started();
        CompletableFuture<Sent> sending = new Outbox(device, lists, started).send(OTHER, SEALER);
        ClientFrame probe = peer.receive();
        peer.send(mismatch(probe, second, bundle(other, other), bundle(companion, companion)));
        ClientFrame right = peer.receive();
        peer.send(FakeRelay.accepted(right));

        assertThat(probe.getSubmit().getWantKeys()).isTrue();
        assertThat(probe.getSubmit().getRecipients(0).getDevices(0).getRegistrationId())
                .isZero();
        assertThat(ciphertexts(right)).containsExactly("for 1", "for 2");
        assertThat(started.oneTimeIds).isEqualTo(Map.of(1, 101, 2, 102));
        assertThat(sending.get(5, TimeUnit.SECONDS).attempts()).isEqualTo(2);
    }

    @Test
    void asksForTheKeysThatDidNotComeWithTheMismatch() throws Exception {
        Started started = new Started();
        new Outbox(device, lists, started).send(OTHER, SEALER);
        peer.send(mismatch(peer.receive(), second, bundle(other, other)));
        ClientFrame get = peer.receive();
        peer.send(ServerFrame.newBuilder()
                .setRequestId(get.getRequestId())
                .setKeyBundles(KeyBundles.newBuilder().setDeviceList(second).addBundles(bundle(companion, companion))));

        assertThat(get.getGetKeys().getDevicesList()).containsExactly(2);
        assertThat(ciphertexts(peer.receive())).containsExactly("for 1", "for 2");
    }

    @Test
    void doesNotBelieveKeysThatTheirDeviceHasNotSigned() throws Exception {
        CompletableFuture<Sent> sending = new Outbox(device, lists, new Started()).send(OTHER, SEALER);
        peer.send(mismatch(peer.receive(), second, bundle(other, companion)));

        assertThatThrownBy(() -> sending.get(5, TimeUnit.SECONDS)).hasCauseInstanceOf(UntrustedKeysException.class);
        assertThat(peer.isQuiet(100)).isTrue();
    }

    private void refuse(ClientFrame submit, ErrorCode code, int retryAfterMillis) throws IOException {
        peer.send(FakeRelay.answer(
                submit,
                RecipientAnswer.newBuilder()
                        .setAccount(OTHER.toByteString())
                        .setError(Error.newBuilder().setCode(code).setRetryAfterMillis(retryAfterMillis))));
    }

    private static List<String> ciphertexts(ClientFrame submit) {
        return submit.getSubmit().getRecipients(0).getDevicesList().stream()
                .map(DeviceEnvelope::getCiphertext)
                .map(ByteString::toStringUtf8)
                .toList();
    }
}
