package dev.quintet.client;

import static dev.quintet.client.RecordingListener.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.wire.CallClaimed;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.EnvelopeClass;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.protocol.wire.ServerFrame;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Offers and claims calls, at a relay that says what the test wants. */
class CallingTest {
    private static final AccountId OTHER = new AccountId(5, 5);
    private static final Sealer SEALER = device -> ByteString.copyFromUtf8("for " + device.number());

    private final SecureRandom random = new SecureRandom();
    private final DeviceKeys keys = DeviceKeys.primary(AccountId.of(FakeRelay.NEW_ACCOUNT), random);
    private final DeviceKeys other = DeviceKeys.primary(OTHER, random);
    private final RecordingListener listener = new RecordingListener();
    private final KnownDeviceLists lists = new KnownDeviceLists();
    private ClientTransport transport;
    private FakeRelay relay;
    private Device device;
    private FakeRelay.Peer peer;
    private Outbox outbox;

    @BeforeEach
    void connect() throws Exception {
        transport = new ClientTransport();
        relay = new FakeRelay();
        lists.learn(OTHER, DeviceListDraft.first(other, Platform.LINUX).sign(other));
        DeviceOptions options = DeviceOptions.DEFAULTS.withPauses(10, 50);
        device = new Device(transport, relay.address(), keys, options, listener);
        outbox = new Outbox(device, lists);
        device.connect();
        peer = relay.acceptAndLogIn();
        next(listener.welcomes);
    }

    @AfterEach
    void stop() throws Exception {
        device.close();
        relay.close();
        transport.close();
    }

    private static ServerFrame.Builder claimed(int device) {
        return ServerFrame.newBuilder()
                .setCallClaimed(CallClaimed.newBuilder()
                        .setEnvelopeId(ByteString.copyFrom(new byte[16]))
                        .setFromAccount(OTHER.toByteString())
                        .setFromDevice(1)
                        .setAccount(FakeRelay.NEW_ACCOUNT)
                        .setDevice(device));
    }

    @Test
    void offersACallAndHearsThatNobodyIsThere() throws Exception {
        CompletableFuture<Sent> calling = outbox.call(OTHER, SEALER);
        ClientFrame submit = peer.receive();
        ServerFrame.Builder answer = FakeRelay.accepted(submit);
        answer.getSubmitAnswerBuilder()
                .getAnswersBuilder(0)
                .getAcceptedBuilder()
                .setNobodyConnected(true);
        peer.send(answer);

        assertThat(submit.getSubmit().getClass_()).isEqualTo(EnvelopeClass.CALL);
        assertThat(submit.getSubmit().getCallOffer()).isTrue();
        assertThat(calling.get(5, TimeUnit.SECONDS).accepted().getNobodyConnected())
                .isTrue();
    }

    @Test
    void claimsACallByTheDeliveryThatOfferedIt() throws Exception {
        peer.send(FakeRelay.deliver(0, 0));
        CompletableFuture<CallClaimed> claiming = device.claim(next(listener.deliveries));
        ClientFrame claim = peer.receive();
        peer.send(claimed(3).setRequestId(claim.getRequestId()));

        assertThat(claim.getCallClaim().getFromAccount()).isEqualTo(FakeRelay.NEW_ACCOUNT);
        assertThat(claim.getCallClaim().getFromDevice()).isEqualTo(2);
        assertThat(claiming.get(5, TimeUnit.SECONDS).getDevice()).isEqualTo(3);
        assertThat(listener.events).isEmpty();
    }

    @Test
    void failsToClaimACallThatIsGone() throws Exception {
        peer.send(FakeRelay.deliver(0, 0));
        CompletableFuture<CallClaimed> claiming = device.claim(next(listener.deliveries));
        peer.send(FakeRelay.error(ErrorCode.CALL_GONE, false)
                .setRequestId(peer.receive().getRequestId()));

        assertThatThrownBy(() -> claiming.get(5, TimeUnit.SECONDS)).hasCauseInstanceOf(RelayErrorException.class);
    }

    @Test
    void hearsThatAnotherDeviceHasTheCall() throws Exception {
        peer.send(claimed(4));

        assertThat(next(listener.events)).isEqualTo("call claimed by 4");
    }

    /** A bell that rings ten minutes late is worse than none. */
    @Test
    void neverOffersACallAgainAfterACutNorAnythingElseThatIsEphemeral() throws Exception {
        CompletableFuture<Sent> calling = outbox.call(OTHER, SEALER);
        CompletableFuture<Sent> typing = outbox.signal(OTHER, EnvelopeClass.TYPING, SEALER);
        CompletableFuture<Sent> message = outbox.send(OTHER, SEALER);
        peer.receive();
        peer.receive();
        ClientFrame stored = peer.receive();
        peer.cut();

        assertThatThrownBy(() -> calling.get(5, TimeUnit.SECONDS)).hasCauseInstanceOf(DisconnectedException.class);
        assertThatThrownBy(() -> typing.get(5, TimeUnit.SECONDS)).hasCauseInstanceOf(DisconnectedException.class);
        assertThatThrownBy(() -> outbox.call(OTHER, SEALER).get(5, TimeUnit.SECONDS))
                .hasCauseInstanceOf(DisconnectedException.class);
        FakeRelay.Peer again = relay.acceptAndLogIn();
        assertThat(again.receive()).isEqualTo(stored);
        again.send(FakeRelay.accepted(stored));
        message.get(5, TimeUnit.SECONDS);
    }

    @Test
    void doesNotRingLaterThoughTheRelayNamesAPause() throws Exception {
        CompletableFuture<Sent> calling = outbox.call(OTHER, SEALER);
        peer.send(FakeRelay.answer(
                peer.receive(),
                RecipientAnswer.newBuilder()
                        .setAccount(OTHER.toByteString())
                        .setError(Error.newBuilder()
                                .setCode(ErrorCode.RATE_LIMITED)
                                .setRetryAfterMillis(10))));

        assertThatThrownBy(() -> calling.get(5, TimeUnit.SECONDS)).hasCauseInstanceOf(RelayErrorException.class);
        assertThat(peer.isQuiet(100)).isTrue();
    }
}
