package dev.quintet.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Secret;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.ListedDevice;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.Role;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The messages of a link, with the vectors that stand in golden-frames.txt. */
class LinkCipherTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] NEW_DEVICE_SECRET = filled(0x11);
    private static final byte[] PRIMARY_SECRET = filled(0x22);
    private static final Ed25519Secret IDENTITY = Ed25519Secret.of(filled(0xd2));
    private static final Ed25519Secret ACCOUNT_SECRET = Ed25519Secret.of(filled(0xa0));
    private static final AccountId ACCOUNT =
            AccountId.of(ByteString.copyFrom("account-of-alice", StandardCharsets.US_ASCII));
    private static final DeviceKeys NEW_DEVICE = new DeviceKeys(ACCOUNT, 1, 7, IDENTITY, Optional.empty());
    private static final LinkQr QR = new LinkQr(
            ByteString.copyFrom("reference-of-16b", StandardCharsets.US_ASCII),
            ByteString.copyFrom(LinkCipher.publicKey(NEW_DEVICE_SECRET)),
            IDENTITY.publicKey(),
            7,
            ByteString.copyFrom(filled(0x33)),
            CertificateHash.UNBOUND,
            "relay.example:7443");

    private final LinkCipher primary = LinkCipher.ofPrimary(QR, PRIMARY_SECRET);
    private final byte[] hello = LinkMessages.hello(LinkCipher.publicKey(PRIMARY_SECRET), primary);

    private static byte[] filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private LinkCipher greeted() {
        return LinkMessages.readHello(hello, QR, NEW_DEVICE_SECRET);
    }

    private static DeviceList list(Ed25519Secret identity) {
        DeviceListContent content = DeviceListContent.newBuilder()
                .setAccount(ACCOUNT.toByteString())
                .setVersion(2)
                .setAccountKey(ACCOUNT_SECRET.publicKey().toByteString())
                .addDevices(ListedDevice.newBuilder()
                        .setDevice(1)
                        .setIdentityKey(
                                Ed25519Secret.of(filled(0xd1)).publicKey().toByteString())
                        .setRegistrationId(5)
                        .setRole(Role.PRIMARY))
                .addDevices(ListedDevice.newBuilder()
                        .setDevice(2)
                        .setIdentityKey(identity.publicKey().toByteString())
                        .setRegistrationId(7)
                        .setRole(Role.COMPANION))
                .build();
        return DeviceList.parse(DeviceList.sign(content, ACCOUNT_SECRET));
    }

    @Test
    void writesTheGoldenMessages() throws Exception {
        LinkCipher newDevice = greeted();
        byte[] proof =
                LinkMessages.proof(NEW_DEVICE, new LinkMessages.Introduction(Platform.LINUX, "laptop"), newDevice);
        assertThat(Files.readAllLines(Path.of("../protocol/src/main/proto/quintet/golden-frames.txt")))
                .contains("code: " + QR.text())
                .contains("transcript: " + HEX.formatHex(primary.transcript()))
                .contains("hello: " + HEX.formatHex(hello))
                .contains("proof: " + HEX.formatHex(proof))
                .contains("comparison: " + primary.comparison().replace(" ", ""));
    }

    @Test
    void bothSidesComeToTheSame() {
        LinkCipher newDevice = greeted();
        assertThat(newDevice.comparison()).isEqualTo(primary.comparison()).matches("\\d{3} \\d{3}");
        byte[] proof =
                LinkMessages.proof(NEW_DEVICE, new LinkMessages.Introduction(Platform.LINUX, "laptop"), newDevice);
        assertThat(LinkMessages.readProof(proof, QR, primary))
                .isEqualTo(new LinkMessages.Introduction(Platform.LINUX, "laptop"));
        DeviceKeys keys = LinkMessages.readPlace(LinkMessages.place(list(IDENTITY), 2, primary), NEW_DEVICE, newDevice);
        assertThat(keys.address()).isEqualTo(new DeviceAddress(ACCOUNT, 2));
    }

    @Test
    void readsTheTextItWrites() {
        assertThat(LinkQr.parse(QR.text())).isEqualTo(QR);
        assertThat(QR.toString()).doesNotContain(QR.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "quintet:2:AAAA", "quintet:1:", "quintet:1:AAAA", "quintet:1:*", "https://example.org"})
    void refusesATextThatIsNone(String text) {
        assertThatThrownBy(() -> LinkQr.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Whatever of the code is changed on its way to the primary, the hello that comes back cannot be opened. */
    @Test
    void doesNotMeetOverACodeThatWasAltered() {
        byte[] bytes = QR.toBytes();
        for (int index = 0; index < bytes.length; index++) {
            byte[] altered = bytes.clone();
            altered[index] ^= 1;
            String text = LinkQr.PREFIX
                    + java.util.Base64.getUrlEncoder().withoutPadding().encodeToString(altered);
            LinkQr read;
            try {
                read = LinkQr.parse(text);
            } catch (IllegalArgumentException noKey) {
                continue;
            }
            LinkCipher misled = LinkCipher.ofPrimary(read, PRIMARY_SECRET);
            byte[] misledHello = LinkMessages.hello(LinkCipher.publicKey(PRIMARY_SECRET), misled);
            assertThatThrownBy(() -> LinkMessages.readHello(misledHello, QR, NEW_DEVICE_SECRET))
                    .as("byte " + index)
                    .isInstanceOf(LinkFailedException.class);
        }
    }

    /** The relay passes the messages on: each bit of each of them that it changes is seen. */
    @Test
    void seesEveryChangedByteOfEveryMessage() {
        for (int index = 0; index < hello.length; index++) {
            byte[] altered = hello.clone();
            altered[index] ^= 1;
            assertThatThrownBy(() -> LinkMessages.readHello(altered, QR, NEW_DEVICE_SECRET))
                    .isInstanceOf(LinkFailedException.class);
        }
        byte[] proof =
                LinkMessages.proof(NEW_DEVICE, new LinkMessages.Introduction(Platform.LINUX, "laptop"), greeted());
        for (int index = 0; index < proof.length; index++) {
            byte[] altered = proof.clone();
            altered[index] ^= 1;
            LinkCipher cipher = LinkCipher.ofPrimary(QR, PRIMARY_SECRET);
            assertThatThrownBy(() -> LinkMessages.readProof(altered, QR, cipher))
                    .isInstanceOf(LinkFailedException.class);
        }
    }

    @Test
    void refusesAPrimaryWithoutTheSecret() {
        LinkQr guessed = new LinkQr(
                QR.reference(),
                QR.linkKey(),
                QR.identityKey(),
                QR.registrationId(),
                ByteString.copyFrom(filled(0x34)),
                QR.certificate(),
                QR.relay());
        LinkCipher guess = LinkCipher.ofPrimary(guessed, PRIMARY_SECRET);
        byte[] guessedHello = LinkMessages.hello(LinkCipher.publicKey(PRIMARY_SECRET), guess);
        assertThatThrownBy(() -> LinkMessages.readHello(guessedHello, QR, NEW_DEVICE_SECRET))
                .isInstanceOf(LinkFailedException.class);
    }

    @Test
    void refusesAKeyOfLowOrder() {
        byte[] zeros = new byte[33 + 16];
        zeros[0] = 1;
        assertThatThrownBy(() -> LinkMessages.readHello(zeros, QR, NEW_DEVICE_SECRET))
                .isInstanceOf(LinkFailedException.class);
    }

    @Test
    void refusesAProofByAnotherIdentityKey() {
        LinkCipher newDevice = greeted();
        DeviceKeys other = new DeviceKeys(ACCOUNT, 1, 7, Ed25519Secret.of(filled(0xd3)), Optional.empty());
        byte[] proof = LinkMessages.proof(other, new LinkMessages.Introduction(Platform.LINUX, ""), newDevice);
        assertThatThrownBy(() -> LinkMessages.readProof(proof, QR, primary)).isInstanceOf(LinkFailedException.class);
    }

    @Test
    void refusesAPlaceForAnotherKey() {
        LinkCipher newDevice = greeted();
        byte[] place = LinkMessages.place(list(Ed25519Secret.of(filled(0xd3))), 2, primary);
        assertThatThrownBy(() -> LinkMessages.readPlace(place, NEW_DEVICE, newDevice))
                .isInstanceOf(LinkFailedException.class);
    }
}
