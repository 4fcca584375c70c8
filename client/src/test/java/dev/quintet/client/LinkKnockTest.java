package dev.quintet.client;

import static dev.quintet.client.RecordingListener.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.quintet.client.LinkFailedException.Kind;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.LinkCloseReason;
import dev.quintet.protocol.wire.LinkMessage;
import dev.quintet.protocol.wire.LinkOfferClaimed;
import dev.quintet.protocol.wire.LinkOfferClosed;
import dev.quintet.protocol.wire.LinkRequested;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.ServerFrame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a primary ends an offer by handle, at a relay and with a new device that say what the test wants. */
class LinkKnockTest {
    private static final ByteString REFERENCE = ByteString.copyFrom("reference-of-16b", StandardCharsets.US_ASCII);
    private static final ByteString OTHER_REFERENCE =
            ByteString.copyFrom("of another offer", StandardCharsets.US_ASCII);
    private static final int QUIET_MILLIS = 200;

    private final SecureRandom random = new SecureRandom();
    private final DeviceKeys keys = DeviceKeys.primary(AccountId.of(FakeRelay.NEW_ACCOUNT), random);
    private final DeviceKeys newDevice = DeviceKeys.companion(AccountId.of(FakeRelay.NEW_ACCOUNT), 2, random);
    private final byte[] linkSecret = new byte[LinkQr.KEY_BYTES];
    private final RecordingListener listener = new RecordingListener();
    private ClientTransport transport;
    private FakeRelay relay;
    private FakeRelay.Peer peer;
    private Device device;
    private LinkKnock knock;
    private CompletableFuture<LinkRequest> proved;

    @BeforeEach
    void start() {
        random.nextBytes(linkSecret);
        transport = new ClientTransport();
    }

    @AfterEach
    void stop() throws Exception {
        device.close();
        relay.close();
        transport.close();
    }

    private void knock(FakeRelay at, RelayTrust trust) throws Exception {
        relay = at;
        device = new Device(transport, relay.address(trust), keys, DeviceOptions.DEFAULTS.withPauses(10, 50), listener);
        device.connect();
        peer = relay.acceptAndLogIn();
        peer.send(ServerFrame.newBuilder()
                .setLinkRequested(LinkRequested.newBuilder()
                        .setReference(REFERENCE)
                        .setPlatform(Platform.LINUX)
                        .setName("laptop")
                        .setNetwork("192.0.2.0/24")
                        .setRemainingMillis(600_000)));
        knock = next(listener.knocks);
    }

    private void accept(FakeRelay at, RelayTrust trust) throws Exception {
        knock(at, trust);
        proved = knock.accept();
        peer.send(ServerFrame.newBuilder()
                .setRequestId(peer.receive().getRequestId())
                .setLinkOfferClaimed(LinkOfferClaimed.newBuilder()
                        .setReference(REFERENCE)
                        .setPlatform(Platform.LINUX)
                        .setName("laptop")
                        .setNetwork("192.0.2.0/24")));
    }

    private void accept() throws Exception {
        accept(new FakeRelay(), RelayTrust.plain());
    }

    private LinkQr card(ByteString reference) {
        return new LinkQr(
                reference,
                ByteString.copyFrom(LinkCipher.publicKey(linkSecret)),
                newDevice.identity().publicKey(),
                newDevice.registrationId(),
                ByteString.copyFrom(new byte[LinkQr.KEY_BYTES]),
                CertificateHash.UNBOUND,
                "relay.example:7443");
    }

    private CodeTry attempt(LinkCode code) {
        return CodeTry.ofNewDevice(card(REFERENCE), code, random);
    }

    private LinkCode wrongCode() {
        String characters = knock.code().characters();
        return new LinkCode((characters.startsWith("0") ? "1" : "0") + characters.substring(1));
    }

    private void say(byte[] message) throws IOException {
        peer.send(ServerFrame.newBuilder()
                .setLinkMessage(
                        LinkMessage.newBuilder().setReference(REFERENCE).setContent(ByteString.copyFrom(message))));
    }

    private byte[] hear() throws IOException {
        return peer.receive().getLinkMessage().getContent().toByteArray();
    }

    private void assertCloses(LinkCloseReason reason) throws Exception {
        ClientFrame frame = peer.receive();
        assertThat(frame.getCloseLinkOffer().getReference()).isEqualTo(REFERENCE);
        assertThat(frame.getCloseLinkOffer().getReason()).isEqualTo(reason);
        assertEndsWithTheOffer(reason);
    }

    private void assertEndsWithTheOffer(LinkCloseReason reason) throws Exception {
        assertThatThrownBy(() -> proved.get(5, TimeUnit.SECONDS)).hasCauseInstanceOf(LinkFailedException.class);
        assertThat(knock.ended()).isNotDone();
        peer.send(ServerFrame.newBuilder()
                .setLinkOfferClosed(
                        LinkOfferClosed.newBuilder().setReference(REFERENCE).setReason(reason)));
        knock.ended().get(5, TimeUnit.SECONDS);
    }

    private static byte[] flipped(byte[] message, int index) {
        byte[] altered = message.clone();
        altered[index] ^= 1;
        return altered;
    }

    @Test
    void leavesItToTheNewDeviceToCloseAfterTheThirdWrongCode() throws Exception {
        accept();
        for (int time = 1; time <= 3; time++) {
            assertThat(proved).isNotDone();
            CodeTry attempt = attempt(wrongCode());
            say(attempt.begin());
            say(attempt.confirm(hear()));
            assertThat(hear()).isEqualTo(CodeTry.WRONG);
        }
        assertThat(peer.isQuiet(QUIET_MILLIS)).isTrue();
        assertEndsWithTheOffer(LinkCloseReason.LINK_WRONG_CODE);
        assertThatThrownBy(proved::join)
                .cause()
                .isInstanceOfSatisfying(
                        LinkFailedException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(Kind.WRONG_CODE));
    }

    /** The first byte of a point, the last of a proof. */
    @ParameterizedTest
    @ValueSource(ints = {1, Jpake.ROUND_1_BYTES})
    void reportsAWrongCodeForAPointOrAProofThatDoesNotCheck(int index) throws Exception {
        accept();
        say(flipped(attempt(knock.code()).begin(), index));
        assertCloses(LinkCloseReason.LINK_WRONG_CODE);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 1 + Jpake.ROUND_1_BYTES, 400})
    void reportsAWrongCodeForABeginThatIsCutOff(int bytes) throws Exception {
        accept();
        say(Arrays.copyOf(attempt(knock.code()).begin(), bytes));
        assertCloses(LinkCloseReason.LINK_WRONG_CODE);
    }

    @Test
    void reportsAWrongCodeForACardWithASecret() throws Exception {
        accept();
        byte[] round1 = Arrays.copyOf(attempt(knock.code()).begin(), 1 + Jpake.ROUND_1_BYTES);
        LinkQr told = card(REFERENCE).withSecret(ByteString.copyFrom(linkSecret));
        say(LinkCipher.join(round1, told.toBytes()));
        assertCloses(LinkCloseReason.LINK_WRONG_CODE);
    }

    @Test
    void reportsAWrongCodeForACardOfAnotherOffer() throws Exception {
        accept();
        say(CodeTry.ofNewDevice(card(OTHER_REFERENCE), knock.code(), random).begin());
        assertCloses(LinkCloseReason.LINK_WRONG_CODE);
    }

    @Test
    void reportsAWrongCodeForAConfirmWhoseProofDoesNotCheck() throws Exception {
        accept();
        CodeTry attempt = attempt(knock.code());
        say(attempt.begin());
        say(flipped(attempt.confirm(hear()), Jpake.ROUND_2_BYTES));
        assertCloses(LinkCloseReason.LINK_WRONG_CODE);
    }

    @Test
    void reportsAWrongCodeForACardWithoutTheCertificateThatThePrimarySees() throws Exception {
        TestCertificate certificate = new TestCertificate(new GeneralName(GeneralName.dNSName, "relay.example"));
        RelayTrust trust = RelayTrust.pinned(CertificateHash.of(certificate.certificate));
        accept(new FakeRelay(certificate.serverContext()), trust);
        say(attempt(knock.code()).begin());
        assertCloses(LinkCloseReason.LINK_WRONG_CODE);
    }

    @Test
    void claimsNoQrCodeWithoutTheCertificateThatThePrimarySees() throws Exception {
        TestCertificate certificate = new TestCertificate(new GeneralName(GeneralName.iPAddress, "127.0.0.1"));
        RelayTrust trust = new RelayTrust.Authorities(List.of(certificate.certificate), true);
        knock(new FakeRelay(certificate.serverContext()), trust);
        assertThatThrownBy(() -> device.claim(card(OTHER_REFERENCE)).get(5, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(
                        LinkFailedException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(Kind.WRONG_CODE));
        assertThat(peer.isQuiet(QUIET_MILLIS)).isTrue();
    }

    @Test
    void refusesADeviceThatProvesAnotherNameOrPlatformThanTheRelayHasSaid() throws Exception {
        accept();
        prove(new LinkMessages.Introduction(Platform.LINUX, "desktop"));
        assertCloses(LinkCloseReason.LINK_REFUSED);
        device.close();
        relay.close();
        accept();
        prove(new LinkMessages.Introduction(Platform.ANDROID, "laptop"));
        assertCloses(LinkCloseReason.LINK_REFUSED);
    }

    private void prove(LinkMessages.Introduction introduction) throws Exception {
        CodeTry attempt = attempt(knock.code());
        say(attempt.begin());
        say(attempt.confirm(hear()));
        LinkQr agreed = attempt.agree(hear());
        LinkCipher cipher = LinkMessages.readHello(hear(), agreed, linkSecret);
        say(LinkMessages.proof(newDevice, introduction, cipher));
    }

    @Test
    void saysItsRefusalBeforeItLeaves() throws Exception {
        knock(new FakeRelay(), RelayTrust.plain());
        knock.refuse();
        device.close();
        assertThat(peer.receive().getCloseLinkOffer().getReason()).isEqualTo(LinkCloseReason.LINK_REFUSED);
        knock.ended().get(5, TimeUnit.SECONDS);
    }
}
