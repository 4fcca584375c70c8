package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.LinkDisplay;
import dev.quintet.client.LinkFailedException;
import dev.quintet.client.LinkQr;
import dev.quintet.client.LinkRequest;
import dev.quintet.client.NewDevice;
import dev.quintet.client.RelayErrorException;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.Platform;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A new device and a primary meet at a real relay, whose operator listens in. */
@Timeout(60)
class LinkByQrTest {
    @TempDir
    private static Path folder;

    private static TappedRelay relay;

    private PrimaryAtRelay primary;

    @BeforeAll
    static void start() throws Exception {
        relay = new TappedRelay(folder);
    }

    @AfterAll
    static void stop() throws Exception {
        relay.close();
    }

    @BeforeEach
    void register() {
        primary = new PrimaryAtRelay(relay.address(), new FirstConnection());
    }

    @AfterEach
    void leave() {
        primary.close();
    }

    /** Shows its code to the test. */
    private static final class Shown implements LinkDisplay {
        private final CompletableFuture<LinkQr> qr = new CompletableFuture<>();
        private final CompletableFuture<String> comparison = new CompletableFuture<>();
        private final RuntimeException fault;

        Shown(RuntimeException fault) {
            this.fault = fault;
        }

        @Override
        public void show(LinkQr shown, long validForMillis) {
            qr.complete(shown);
        }

        @Override
        public void compare(String digits) {
            comparison.complete(digits);
        }

        @Override
        public void store(DeviceKeys stored) {
            if (fault != null) {
                throw fault;
            }
        }
    }

    private NewDevice open(Shown shown) {
        return NewDevice.open(
                primary.transport(), relay.address(), Platform.LINUX, "laptop", DeviceOptions.DEFAULTS, shown);
    }

    private LinkRequest claim(Shown shown) {
        return Fleet.join(
                primary.device().claim(LinkQr.parse(Fleet.join(shown.qr).text())));
    }

    @Test
    void linksADeviceThatThenLogsIn() {
        Shown shown = new Shown(null);
        NewDevice device = open(shown);
        LinkRequest request = claim(shown);
        assertThat(request.name()).isEqualTo("laptop");
        assertThat(request.platform()).isEqualTo(Platform.LINUX);
        assertThat(request.network()).isEqualTo("127.0.0.0/24");
        assertThat(request.comparison()).isEqualTo(Fleet.join(shown.comparison));

        DeviceList list = Fleet.join(request.approve());
        DeviceKeys linked = Fleet.join(device.linked());
        assertThat(linked.address().device()).isEqualTo(2);
        assertThat(list.device(2).identityKey()).isEqualTo(linked.identity().publicKey());
        assertThat(primary.listVersionSeenBy(linked)).isEqualTo(2);
    }

    @Test
    void operatorSeesNeitherSecretNorCode() {
        Shown shown = new Shown(null);
        NewDevice device = open(shown);
        LinkQr qr = Fleet.join(shown.qr);
        LinkRequest request = claim(shown);
        Fleet.join(request.approve());
        Fleet.join(device.linked());

        assertThat(relay.hasSeen(qr.reference().toByteArray())).isTrue();
        assertThat(relay.hasSeen(qr.identityKey().toBytes())).isTrue();
        assertThat(relay.hasSeen(qr.secret().toByteArray())).isFalse();
        assertThat(relay.hasSeen(qr.text().getBytes(StandardCharsets.US_ASCII))).isFalse();
        assertThat(relay.hasSeen(qr.linkKey().toByteArray())).isFalse();
        assertThat(relay.hasSeen(request.comparison().getBytes(StandardCharsets.US_ASCII)))
                .isFalse();
    }

    @Test
    void linksNothingWhenThePrimaryRefuses() {
        Shown shown = new Shown(null);
        NewDevice device = open(shown);
        claim(shown).refuse();
        assertThatThrownBy(() -> Fleet.join(device.linked()))
                .isInstanceOfSatisfying(
                        LinkFailedException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(LinkFailedException.Kind.REFUSED));
        assertThat(primary.list().version()).isEqualTo(1);
    }

    @Test
    void takesThePlaceBackWhenTheNewDeviceCannotKeepItsKeysAndLinksAnotherOne() {
        Shown broken = new Shown(new CommandFailure("no space left"));
        NewDevice device = open(broken);
        LinkRequest request = claim(broken);
        assertThatThrownBy(() -> Fleet.join(request.approve())).isInstanceOf(LinkFailedException.class);
        assertThatThrownBy(() -> Fleet.join(device.linked())).hasMessage("no space left");
        assertThat(primary.list().devices()).hasSize(1);
        assertThat(primary.list().version()).isEqualTo(3);

        Shown shown = new Shown(null);
        NewDevice next = open(shown);
        Fleet.join(claim(shown).approve());
        assertThat(Fleet.join(next.linked()).device()).isEqualTo(3);
    }

    @Test
    void acceptsACodeOnce() {
        Shown shown = new Shown(null);
        NewDevice device = open(shown);
        claim(shown);
        assertThatThrownBy(() -> claim(shown))
                .isInstanceOfSatisfying(
                        RelayErrorException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.LINK_OFFER_USED));
        device.cancel();
        assertThatThrownBy(() -> claim(shown))
                .isInstanceOfSatisfying(
                        RelayErrorException.class,
                        failure -> assertThat(failure.code())
                                .isIn(ErrorCode.LINK_OFFER_EXPIRED, ErrorCode.LINK_OFFER_USED));
    }

    @Test
    void readsItsOwnPictures() throws Exception {
        Path png = folder.resolve("code.png");
        Shown shown = new Shown(null);
        NewDevice device = open(shown);
        String text = Fleet.join(shown.qr).text();
        device.cancel();
        new QrPicture(text).write(png);
        assertThat(QrPicture.read(png)).isEqualTo(text);
        assertThatThrownBy(() -> QrPicture.read(folder.resolve("none.png"))).isInstanceOf(CommandFailure.class);
    }
}
