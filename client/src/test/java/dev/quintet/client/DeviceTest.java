package dev.quintet.client;

import static dev.quintet.client.RecordingListener.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.quintet.client.Disconnection.Kind;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.Statement;
import dev.quintet.protocol.wire.Authenticate;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.DeviceEnvelope;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.Expiring;
import dev.quintet.protocol.wire.Gap;
import dev.quintet.protocol.wire.GoingAway;
import dev.quintet.protocol.wire.KeyBundle;
import dev.quintet.protocol.wire.KeyBundles;
import dev.quintet.protocol.wire.KeyCount;
import dev.quintet.protocol.wire.OneTimePrekey;
import dev.quintet.protocol.wire.Ping;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.PutKeys;
import dev.quintet.protocol.wire.Recipient;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.SignedDeviceList;
import dev.quintet.protocol.wire.Submit;
import dev.quintet.protocol.wire.SubmitAnswer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeviceTest {
    private static final DeviceOptions OPTIONS =
            DeviceOptions.DEFAULTS.withPauses(10, 50).withTimeouts(2_000, 2_000).withAcknowledging(20, 1_000);

    private final DeviceKeys keys = DeviceKeys.primary(AccountId.of(FakeRelay.NEW_ACCOUNT), new SecureRandom());
    private final RecordingListener listener = new RecordingListener();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private ClientTransport transport;
    private FakeRelay relay;

    @BeforeEach
    void start() throws Exception {
        transport = new ClientTransport();
        relay = new FakeRelay();
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable closeable : opened) {
            closeable.close();
        }
        relay.close();
        transport.close();
    }

    @Test
    void logsInByProvingItsKey() throws Exception {
        connect(relay.address());
        FakeRelay.Peer peer = relay.accept();
        peer.send(FakeRelay.challenge());
        Authenticate authenticate = peer.receive().getAuthenticate();
        peer.send(FakeRelay.welcome(FakeRelay.PING_INTERVAL_MILLIS));

        assertThat(next(listener.welcomes).getDevice()).isEqualTo(1);
        assertThat(authenticate.getVersion()).isEqualTo(1);
        assertThat(isProof(authenticate, CertificateHash.UNBOUND)).isTrue();
    }

    @Test
    void bindsTheProofToThePinnedCertificate() throws Exception {
        TestCertificate certificate = new TestCertificate(new GeneralName(GeneralName.dNSName, "elsewhere.example"));
        CertificateHash hash = CertificateHash.of(certificate.certificate);
        FakeRelay tls = open(new FakeRelay(certificate.serverContext()));
        connect(tls.address(RelayTrust.pinned(hash)));
        FakeRelay.Peer peer = tls.accept();
        peer.send(FakeRelay.challenge());

        assertThat(isProof(peer.receive().getAuthenticate(), hash)).isTrue();
    }

    @Test
    void refusesACertificateWithAnotherFingerprint() throws Exception {
        TestCertificate certificate = new TestCertificate(new GeneralName(GeneralName.dNSName, "localhost"));
        FakeRelay tls = open(new FakeRelay(certificate.serverContext()));
        connect(tls.address(RelayTrust.pinned(CertificateHash.ofDer(new byte[] {1}))));

        assertThat(tls.accept().isAtEnd()).isTrue();
        Disconnection disconnection = next(listener.disconnections);
        assertThat(disconnection.kind()).isEqualTo(Kind.UNTRUSTED);
        assertThat(disconnection.message())
                .contains("not the expected one")
                .contains(CertificateHash.of(certificate.certificate).toString());
    }

    @Test
    void checksTheHostNameWhenItTrustsAnAuthority() throws Exception {
        TestCertificate wrong = new TestCertificate(new GeneralName(GeneralName.dNSName, "elsewhere.example"));
        FakeRelay tls = open(new FakeRelay(wrong.serverContext()));
        connect(tls.address(new RelayTrust.Authorities(List.of(wrong.certificate), true)));

        assertThat(tls.accept().isAtEnd()).isTrue();
        assertThat(next(listener.disconnections).kind()).isEqualTo(Kind.UNTRUSTED);
    }

    @Test
    void acceptsAnAuthoritysCertificateForTheHost() throws Exception {
        TestCertificate right = new TestCertificate(new GeneralName(GeneralName.iPAddress, "127.0.0.1"));
        FakeRelay tls = open(new FakeRelay(right.serverContext()));
        connect(tls.address(new RelayTrust.Authorities(List.of(right.certificate), false)));
        FakeRelay.Peer peer = tls.accept();
        peer.send(FakeRelay.challenge());

        assertThat(isProof(peer.receive().getAuthenticate(), CertificateHash.UNBOUND))
                .isTrue();
    }

    @Test
    void saysWhenTheRelayDoesNotSpeakTls() throws Exception {
        connect(relay.address(RelayTrust.authorities()));
        relay.accept().sendBytes("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes());

        assertThat(next(listener.disconnections).kind()).isEqualTo(Kind.NOT_UNDERSTOOD);
    }

    @Test
    void saysWhenNobodyListens() throws Exception {
        RelayAddress address = relay.address();
        relay.close();
        connect(address);

        Disconnection disconnection = next(listener.disconnections);
        assertThat(disconnection.kind()).isEqualTo(Kind.UNREACHABLE);
        assertThat(disconnection.message()).contains("cannot reach 127.0.0.1:" + address.port());
    }

    @Test
    void endsWhenTheRelaySpeaksNoVersionOfItsOwn() throws Exception {
        Device device = device(relay.address());
        CompletableFuture<?> login = device.connect();
        FakeRelay.Peer peer = relay.accept();
        peer.send(FakeRelay.challenge(2, 3, 64));

        assertThat(peer.receive()).isNull();
        assertThat(next(listener.disconnections).kind()).isEqualTo(Kind.VERSION_UNSUPPORTED);
        assertThatThrownBy(() -> login.get(5, TimeUnit.SECONDS)).hasCauseInstanceOf(DisconnectedException.class);
        assertThat(relay.isLeftAlone(200)).isTrue();
    }

    @Test
    void leavesAfterBytesThatAreNoFrameAndComesBack() throws Exception {
        connect(relay.address());
        FakeRelay.Peer peer = relay.acceptAndLogIn();
        peer.sendBytes((byte) 3, (byte) 0xff, (byte) 0xff, (byte) 0xff);

        peer.awaitEnd();
        assertThat(next(listener.disconnections).kind()).isEqualTo(Kind.NOT_UNDERSTOOD);
        relay.acceptAndLogIn();
        next(listener.welcomes);
        next(listener.welcomes);
    }

    @Test
    void leavesAfterAFrameAtTheWrongTime() throws Exception {
        connect(relay.address());
        relay.accept().send(FakeRelay.deliver(1, 0));

        assertThat(next(listener.disconnections).kind()).isEqualTo(Kind.NOT_UNDERSTOOD);
    }

    @Test
    void leavesARelayThatNeverFinishesTheLogin() throws Exception {
        Device device = open(new Device(transport, relay.address(), keys, OPTIONS.withTimeouts(1_000, 100), listener));
        device.connect();
        relay.accept();

        assertThat(next(listener.disconnections).kind()).isEqualTo(Kind.SILENT);
    }

    @Test
    void answersPings() throws Exception {
        connect(relay.address());
        FakeRelay.Peer peer = relay.acceptAndLogIn();
        peer.send(ServerFrame.newBuilder().setPing(Ping.newBuilder().setToken(77)));

        assertThat(peer.receive().getPong().getToken()).isEqualTo(77);
    }

    @Test
    void asksASilentRelayAndThenLeavesIt() throws Exception {
        connect(relay.address());
        FakeRelay.Peer peer = relay.accept();
        peer.send(FakeRelay.challenge());
        peer.receive();
        peer.send(FakeRelay.welcome(100));

        assertThat(peer.receive().hasPing()).isTrue();
        assertThat(next(listener.disconnections).kind()).isEqualTo(Kind.SILENT);
    }

    @Test
    void staysAwayAfterANewerLoginHasReplacedIt() throws Exception {
        Device device = connect(relay.address());
        FakeRelay.Peer peer = relay.acceptAndLogIn();
        peer.send(FakeRelay.error(ErrorCode.REPLACED, true));
        peer.finish();

        assertThat(next(listener.disconnections).code()).isEqualTo(ErrorCode.REPLACED);
        assertThat(relay.isLeftAlone(200)).isTrue();
        assertThatThrownBy(() -> device.submit(submit(1)).get(5, TimeUnit.SECONDS))
                .hasCauseInstanceOf(DisconnectedException.class);
    }

    @Test
    void tellsHowManyDaysAreLeftAndStaysAwayOnceItIsLoggedOut() throws Exception {
        connect(relay.address());
        FakeRelay.Peer peer = relay.acceptAndLogIn();
        peer.send(ServerFrame.newBuilder().setExpiring(Expiring.newBuilder().setCompanionDaysLeft(2)));
        assertThat(next(listener.events)).isEqualTo("expiring 2");
        peer.send(FakeRelay.error(ErrorCode.PRIMARY_INACTIVE, true));
        peer.finish();

        assertThat(next(listener.disconnections).code()).isEqualTo(ErrorCode.PRIMARY_INACTIVE);
        assertThat(relay.isLeftAlone(200)).isTrue();
    }

    @Test
    void waitsAsLongAsARelayThatGoesAwayAsks() throws Exception {
        connect(relay.address());
        FakeRelay.Peer peer = relay.acceptAndLogIn();
        peer.send(ServerFrame.newBuilder().setGoingAway(GoingAway.newBuilder().setReconnectAfterMillis(600)));
        peer.send(FakeRelay.deliver(1, 0));
        assertThat(next(listener.deliveries).sequence()).isEqualTo(1);
        peer.cut();

        assertThat(next(listener.disconnections).kind()).isEqualTo(Kind.GOING_AWAY);
        assertThat(relay.isLeftAlone(400)).isTrue();
        relay.acceptAndLogIn();
    }

    @Test
    void repeatsWhatIsUnansweredWithTheSameBytesInOrderAfterACut() throws Exception {
        Device device = connect(relay.address());
        FakeRelay.Peer first = relay.acceptAndLogIn();
        CompletableFuture<SubmitAnswer> answered = device.submit(submit(1));
        CompletableFuture<SubmitAnswer> repeated = device.submit(submit(2));
        device.submit(submit(3));
        first.send(FakeRelay.accepted(first.receive()));
        List<ClientFrame> before = List.of(first.receive(), first.receive());
        answered.get(5, TimeUnit.SECONDS);
        first.cut();
        FakeRelay.Peer second = relay.acceptAndLogIn();

        assertThat(List.of(second.receive(), second.receive())).isEqualTo(before);
        second.send(FakeRelay.accepted(before.get(0)));
        assertThat(repeated.get(5, TimeUnit.SECONDS).getAnswers(0).hasAccepted())
                .isTrue();
        assertThat(device.repeated().get()).isEqualTo(2);
        assertThat(device.unanswered().get()).isEqualTo(1);
    }

    @Test
    void neverHasMoreOnTheWayThanTheRelayAllowsCountedFromTheOldest() throws Exception {
        Device device = connect(relay.address());
        FakeRelay.Peer peer = relay.accept();
        peer.send(FakeRelay.challenge(1, 1, 2));
        peer.receive();
        peer.send(FakeRelay.welcome(FakeRelay.PING_INTERVAL_MILLIS));
        for (int number = 1; number <= 4; number++) {
            device.submit(submit(number));
        }
        ClientFrame first = peer.receive();
        ClientFrame second = peer.receive();

        assertThat(peer.isQuiet(100)).isTrue();
        peer.send(FakeRelay.accepted(second));
        assertThat(peer.isQuiet(100)).isTrue();
        peer.send(FakeRelay.accepted(first));
        assertThat(List.of(peer.receive().getSubmit(), peer.receive().getSubmit()))
                .containsExactly(submit(3), submit(4));
    }

    @Test
    void refusesMoreThanMayWait() throws Exception {
        DeviceOptions few = new DeviceOptions(1_000, 1_000, 10, 10, 1, 1, 2);
        Device device = open(new Device(transport, relay.address(), keys, few, listener));
        device.submit(submit(1));
        device.submit(submit(2));

        assertThatThrownBy(() -> device.submit(submit(3)).get(5, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void givesAnErrorToTheSubmissionThatItAnswers() throws Exception {
        Device device = connect(relay.address());
        FakeRelay.Peer peer = relay.acceptAndLogIn();
        CompletableFuture<SubmitAnswer> answer = device.submit(submit(1));
        peer.send(FakeRelay.error(ErrorCode.ENVELOPE_TOO_LARGE, false)
                .setRequestId(peer.receive().getRequestId()));

        assertThatThrownBy(() -> answer.get(5, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(
                        RelayErrorException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.ENVELOPE_TOO_LARGE));
    }

    @Test
    void acknowledgesManyAtOnceAndOnlyOneAtATime() throws Exception {
        connect(relay.address());
        FakeRelay.Peer peer = relay.acceptAndLogIn();
        deliver(peer, 1, 10);
        takeAll(10);

        assertThat(peer.receive().getAcknowledge().getSequence()).isEqualTo(10);
        deliver(peer, 11, 12);
        takeAll(2);
        assertThat(peer.isQuiet(100)).isTrue();
        peer.send(FakeRelay.acknowledged(10));
        assertThat(peer.receive().getAcknowledge().getSequence()).isEqualTo(12);
    }

    @Test
    void acknowledgesNothingThatTheAppHasNotTaken() throws Exception {
        connect(relay.address());
        FakeRelay.Peer peer = relay.acceptAndLogIn();
        deliver(peer, 1, 3);
        next(listener.deliveries);
        next(listener.deliveries).acknowledge();

        assertThat(peer.receive().getAcknowledge().getSequence()).isEqualTo(2);
    }

    @Test
    void asksAgainWhenAnAcknowledgementIsRefused() throws Exception {
        connect(relay.address());
        FakeRelay.Peer peer = relay.acceptAndLogIn();
        deliver(peer, 1, 1);
        takeAll(1);
        ClientFrame acknowledge = peer.receive();
        peer.send(FakeRelay.error(ErrorCode.OVERLOADED, false).setRequestId(acknowledge.getRequestId()));

        assertThat(peer.receive().getAcknowledge().getSequence()).isEqualTo(1);
    }

    @Test
    void givesARedeliveredEnvelopeOnceAndAcknowledgesIt() throws Exception {
        connect(relay.address());
        FakeRelay.Peer first = relay.acceptAndLogIn();
        deliver(first, 1, 2);
        takeAll(2);
        first.cut();
        FakeRelay.Peer second = relay.acceptAndLogIn();
        deliver(second, 1, 3);

        assertThat(next(listener.deliveries).sequence()).isEqualTo(3);
        assertThat(listener.redelivered).containsExactly(1L, 2L);
        assertThat(second.receive().getAcknowledge().getSequence()).isEqualTo(2);
    }

    @Test
    void tellsWhatComesAgainAfterItWasAcknowledged() throws Exception {
        connect(relay.address());
        FakeRelay.Peer first = relay.acceptAndLogIn();
        deliver(first, 1, 1);
        takeAll(1);
        first.receive();
        first.send(FakeRelay.acknowledged(1));
        deliver(first, 2, 2);
        next(listener.deliveries);
        first.cut();
        relay.acceptAndLogIn().send(FakeRelay.deliver(1, 0));

        assertThat(next(listener.events)).isEqualTo("fault 1");
    }

    @Test
    void tellsHolesAndGapsAndAcknowledgesAGapWithWhatIsBeforeIt() throws Exception {
        connect(relay.address());
        FakeRelay.Peer peer = relay.acceptAndLogIn();
        peer.send(FakeRelay.deliver(5, 4));
        peer.send(ServerFrame.newBuilder()
                .setGap(Gap.newBuilder().setSequence(6).setPrevious(5).setCount(1)));
        peer.send(FakeRelay.deliver(9, 8));
        Delivery first = next(listener.deliveries);

        assertThat(next(listener.events)).isEqualTo("gap 6");
        assertThat(next(listener.events)).isEqualTo("hole 8");
        assertThat(peer.isQuiet(100)).isTrue();
        first.acknowledge();
        assertThat(peer.receive().getAcknowledge().getSequence()).isEqualTo(6);
    }

    @Test
    void provesAHoleAtTheFirstDeliveryWhenItKnowsWhereItStood() throws Exception {
        Device device = open(Device.resumeAfter(3, transport, relay.address(), keys, OPTIONS, listener));
        device.connect();
        relay.acceptAndLogIn().send(FakeRelay.deliver(6, 5));

        assertThat(next(listener.events)).isEqualTo("hole 5");
    }

    @Test
    void leavesARelayWhoseSequencesDoNotRise() throws Exception {
        connect(relay.address());
        FakeRelay.Peer peer = relay.acceptAndLogIn();
        peer.send(FakeRelay.deliver(2, 0));
        peer.send(FakeRelay.deliver(2, 0));

        assertThat(next(listener.disconnections).kind()).isEqualTo(Kind.NOT_UNDERSTOOD);
    }

    @Test
    void doesNotAcknowledgeEphemeralEnvelopes() throws Exception {
        connect(relay.address());
        FakeRelay.Peer peer = relay.acceptAndLogIn();
        peer.send(FakeRelay.deliver(0, 0));
        Delivery delivery = next(listener.deliveries);
        delivery.acknowledge();

        assertThat(delivery.isEphemeral()).isTrue();
        assertThat(peer.isQuiet(100)).isTrue();
    }

    @Test
    void takesAListThatConflictsWithItselfForStored() throws Exception {
        Device device = connect(relay.address());
        SignedDeviceList list = DeviceListDraft.first(keys, Platform.LINUX).sign(keys);
        FakeRelay.Peer first = relay.acceptAndLogIn();
        CompletableFuture<Long> version = device.putDeviceList(list);
        first.receive();
        first.cut();
        FakeRelay.Peer second = relay.acceptAndLogIn();
        ClientFrame again = second.receive();
        second.send(ServerFrame.newBuilder()
                .setRequestId(again.getRequestId())
                .setError(Error.newBuilder().setCode(ErrorCode.LIST_CONFLICT).setDeviceList(list)));

        assertThat(again.getPutDeviceList().getDeviceList()).isEqualTo(list);
        assertThat(version.get(5, TimeUnit.SECONDS)).isEqualTo(1);
    }

    @Test
    void knowsAnUploadThatWasStoredBeforeTheCut() throws Exception {
        Device device = connect(relay.address());
        FakeRelay.Peer first = relay.acceptAndLogIn();
        PutKeys keys = PutKeys.newBuilder()
                .addOneTime(OneTimePrekey.newBuilder().setId(7).setKey(ByteString.copyFrom(new byte[32])))
                .build();
        CompletableFuture<KeyCount> stored = device.putKeys(keys);
        first.receive();
        first.cut();
        FakeRelay.Peer second = relay.acceptAndLogIn();
        ClientFrame again = second.receive();
        second.send(ServerFrame.newBuilder()
                .setRequestId(again.getRequestId())
                .setError(Error.newBuilder().setCode(ErrorCode.INVALID_KEYS)));
        ClientFrame asked = second.receive();
        KeyCount count =
                KeyCount.newBuilder().setOneTime(1).setHighestOneTimeId(7).build();
        second.send(ServerFrame.newBuilder().setRequestId(asked.getRequestId()).setKeyCount(count));

        assertThat(again.getPutKeys()).isEqualTo(keys);
        assertThat(stored.get(5, TimeUnit.SECONDS)).isEqualTo(count);
    }

    @Test
    void fetchesKeysOfSomeDevices() throws Exception {
        Device device = connect(relay.address());
        FakeRelay.Peer peer = relay.acceptAndLogIn();
        AccountId account = new AccountId(1, 2);
        CompletableFuture<KeyBundles> fetched = device.keys(account, 1, 3);
        ClientFrame get = peer.receive();
        KeyBundles bundles = KeyBundles.newBuilder()
                .setDeviceList(SignedDeviceList.newBuilder()
                        .setContent(ByteString.copyFromUtf8("a list"))
                        .setSignature(ByteString.copyFrom(new byte[64])))
                .addBundles(KeyBundle.newBuilder().setDevice(3).setExhausted(true))
                .build();
        peer.send(ServerFrame.newBuilder().setRequestId(get.getRequestId()).setKeyBundles(bundles));

        assertThat(get.getGetKeys().getAccount()).isEqualTo(account.toByteString());
        assertThat(get.getGetKeys().getDevicesList()).containsExactly(1, 3);
        assertThat(fetched.get(5, TimeUnit.SECONDS)).isEqualTo(bundles);
    }

    @Test
    void staysAwayUntilItIsToldToConnectAgain() throws Exception {
        Device device = connect(relay.address());
        FakeRelay.Peer peer = relay.acceptAndLogIn();
        device.disconnect().get(5, TimeUnit.SECONDS);
        CompletableFuture<SubmitAnswer> answer = device.submit(submit(1));

        peer.awaitEnd();
        assertThat(relay.isLeftAlone(200)).isTrue();
        device.connect();
        FakeRelay.Peer second = relay.acceptAndLogIn();
        second.send(FakeRelay.accepted(second.receive()));
        answer.get(5, TimeUnit.SECONDS);
    }

    @Test
    void registersANewAccountWithAListThatItSigned() throws Exception {
        CompletableFuture<DeviceKeys> registration =
                Registration.register(transport, relay.address(), Platform.LINUX, OPTIONS);
        FakeRelay.Peer peer = relay.accept();
        peer.send(FakeRelay.challenge());
        SignedDeviceList signed = peer.receive().getRegister().getDeviceList();
        peer.send(FakeRelay.welcome(FakeRelay.PING_INTERVAL_MILLIS));

        DeviceKeys registered = registration.get(5, TimeUnit.SECONDS);
        DeviceList list = DeviceList.parse(signed);
        assertThat(list.isFrom(registered.accountSecret().orElseThrow().publicKey()))
                .isTrue();
        assertThat(list.account()).isEqualTo(registered.account());
        assertThat(list.primary().identityKey()).isEqualTo(registered.identity().publicKey());
    }

    @Test
    void failsARegistrationThatIsRefused() throws Exception {
        CompletableFuture<DeviceKeys> registration =
                Registration.register(transport, relay.address(), Platform.LINUX, OPTIONS);
        FakeRelay.Peer peer = relay.accept();
        peer.send(FakeRelay.challenge());
        peer.receive();
        peer.send(FakeRelay.error(ErrorCode.RATE_LIMITED, true));
        peer.finish();

        assertThatThrownBy(() -> registration.get(5, TimeUnit.SECONDS))
                .hasCauseInstanceOf(DisconnectedException.class)
                .hasMessageContaining("RATE_LIMITED");
    }

    private Device device(RelayAddress address) {
        return open(new Device(transport, address, keys, OPTIONS, listener));
    }

    private Device connect(RelayAddress address) {
        Device device = device(address);
        device.connect();
        return device;
    }

    private <T extends AutoCloseable> T open(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    private boolean isProof(Authenticate authenticate, CertificateHash certificate) {
        byte[] statement = Statement.authenticate(new byte[Statement.CHALLENGE_BYTES], keys.account(), 1, certificate);
        return keys.identity()
                .publicKey()
                .verify(statement, authenticate.getSignature().toByteArray());
    }

    private static void deliver(FakeRelay.Peer peer, long from, long to) throws Exception {
        for (long sequence = from; sequence <= to; sequence++) {
            peer.send(FakeRelay.deliver(sequence, sequence - 1));
        }
    }

    private void takeAll(int count) throws InterruptedException {
        for (int taken = 0; taken < count; taken++) {
            next(listener.deliveries).acknowledge();
        }
    }

    private static Submit submit(int number) {
        return Submit.newBuilder()
                .setEnvelopeId(new EnvelopeId(1, number).toByteString())
                .addRecipients(Recipient.newBuilder()
                        .setAccount(FakeRelay.NEW_ACCOUNT)
                        .addDevices(DeviceEnvelope.newBuilder()
                                .setDevice(2)
                                .setRegistrationId(3)
                                .setCiphertext(ByteString.copyFromUtf8("c"))))
                .build();
    }
}
