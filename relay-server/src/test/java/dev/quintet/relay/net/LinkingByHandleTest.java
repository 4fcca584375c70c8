package dev.quintet.relay.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.wire.ClaimLinkOffer;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.CloseLinkOffer;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.LinkCloseReason;
import dev.quintet.protocol.wire.LinkMessage;
import dev.quintet.protocol.wire.LinkRequested;
import dev.quintet.protocol.wire.LinkTry;
import dev.quintet.protocol.wire.OpenLinkOffer;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.PutHandle;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.server.RunningRelay;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Link offers by handle over sockets: what each side may do, and what nobody learns. */
@Timeout(30)
class LinkingByHandleTest {
    private static RunningRelay relay;
    private static int handles;

    private RawDevice primary;
    private RawAccount account;
    private String handle;
    private RawDevice device;

    @BeforeAll
    static void open() {
        relay = Door.EPOLL_PLAIN.open(Map.of("link.offers-per-address", 60));
    }

    @AfterAll
    static void close() {
        relay.close();
    }

    @BeforeEach
    void register() {
        handle = "+4477009001" + ++handles;
        primary = RawDevice.connect(relay);
        account = primary.register();
        primary.ask(ClientFrame.newBuilder().setPutHandle(PutHandle.newBuilder().setHandle(handle)));
        device = RawDevice.connect(relay);
    }

    @AfterEach
    void leave() {
        device.close();
        primary.close();
    }

    private static ClientFrame.Builder opening(String handle) {
        return ClientFrame.newBuilder()
                .setRequestId(1)
                .setOpenLinkOffer(OpenLinkOffer.newBuilder()
                        .setVersion(1)
                        .setIdentityKey(ByteString.copyFrom(new byte[32]))
                        .setPlatform(Platform.LINUX)
                        .setName("laptop")
                        .setHandle(handle));
    }

    private ByteString offer() {
        return device.send(opening(handle))
                .read(ServerFrame::hasLinkOffer)
                .getLinkOffer()
                .getReference();
    }

    private static ClientFrame.Builder claim(ByteString reference) {
        return ClientFrame.newBuilder()
                .setClaimLinkOffer(ClaimLinkOffer.newBuilder().setReference(reference));
    }

    private static ClientFrame.Builder refusal(ByteString reference) {
        return ClientFrame.newBuilder()
                .setCloseLinkOffer(
                        CloseLinkOffer.newBuilder().setReference(reference).setReason(LinkCloseReason.LINK_REFUSED));
    }

    private static ClientFrame.Builder attempt(ByteString reference) {
        return ClientFrame.newBuilder().setLinkTry(LinkTry.newBuilder().setReference(reference));
    }

    private static ClientFrame.Builder message(ByteString reference) {
        return ClientFrame.newBuilder()
                .setLinkMessage(
                        LinkMessage.newBuilder().setReference(reference).setContent(ByteString.copyFromUtf8("sealed")));
    }

    private static LinkCloseReason end(RawDevice of) {
        return of.read(ServerFrame::hasLinkOfferClosed).getLinkOfferClosed().getReason();
    }

    private ByteString claimed() {
        ByteString reference = offer();
        primary.read(ServerFrame::hasLinkRequested);
        assertThat(primary.ask(claim(reference)).hasLinkOfferClaimed()).isTrue();
        device.read(ServerFrame::hasLinkOfferClaimed);
        return reference;
    }

    @Test
    void asksThePrimaryThatIsConnected() {
        ByteString reference = offer();
        LinkRequested requested = primary.read(ServerFrame::hasLinkRequested).getLinkRequested();
        assertThat(requested.getReference()).isEqualTo(reference);
        assertThat(requested.getPlatform()).isEqualTo(Platform.LINUX);
        assertThat(requested.getName()).isEqualTo("laptop");
        assertThat(requested.getNetwork()).isEqualTo("127.0.0.0/24");
        assertThat(requested.getRemainingMillis()).isBetween(500_000, 600_000);
    }

    @Test
    void asksThePrimaryWhenItComes() {
        primary.close();
        ByteString reference = offer();
        primary = RawDevice.connect(relay).login(account, 1);
        assertThat(primary.read(ServerFrame::hasLinkRequested)
                        .getLinkRequested()
                        .getReference())
                .isEqualTo(reference);
        assertThat(primary.ask(claim(reference)).hasLinkOfferClaimed()).isTrue();
    }

    /** An account that nobody has, and four that cannot be asked: the new device sees nothing that tells them apart. */
    enum Silent {
        UNKNOWN((test, primary) -> test.handle = "nobody has this"),
        GIVEN_UP((test, primary) -> primary.ask(ClientFrame.newBuilder().setPutHandle(PutHandle.getDefaultInstance()))),
        AWAY((test, primary) -> primary.close()),
        FULL((test, primary) -> primary.putList(test.account, 2, 1, 2, 3, 4, 5)),
        OVER_ITS_LIMIT((test, primary) -> {
            // It was asked once before.
            for (int asked = 1; asked < 5; asked++) {
                try (RawDevice other = RawDevice.connect(relay)) {
                    other.send(opening(test.handle)).read(ServerFrame::hasLinkOffer);
                    primary.read(ServerFrame::hasLinkRequested);
                }
            }
        });

        private final BiConsumer<LinkingByHandleTest, RawDevice> preparation;

        Silent(BiConsumer<LinkingByHandleTest, RawDevice> preparation) {
            this.preparation = preparation;
        }
    }

    @ParameterizedTest
    @EnumSource
    void answersAlikeWhoeverIsAskedFor(Silent silent) {
        try (RawDevice known = RawDevice.connect(relay)) {
            ServerFrame expected = known.send(opening(handle)).read(ServerFrame::hasLinkOffer);
            primary.read(ServerFrame::hasLinkRequested);
            silent.preparation.accept(this, primary);

            ServerFrame answer = device.send(opening(handle)).read();

            assertThat(answer.getSerializedSize()).isEqualTo(expected.getSerializedSize());
            assertThat(answer.getRequestId()).isEqualTo(expected.getRequestId());
            assertThat(answer.getLinkOffer().getRemainingMillis())
                    .isEqualTo(expected.getLinkOffer().getRemainingMillis())
                    .isEqualTo(answer.getLinkOffer().getValidForMillis());
            assertThat(device.isAlive()).isTrue();
            if (silent == Silent.FULL || silent == Silent.OVER_ITS_LIMIT) {
                assertThat(primary.ask(claim(answer.getLinkOffer().getReference()))
                                .getError()
                                .getCode())
                        .isEqualTo(ErrorCode.LINK_OFFER_EXPIRED);
            }
        }
    }

    @Test
    void endsWhenThePrimaryRefuses() {
        ByteString reference = offer();
        primary.read(ServerFrame::hasLinkRequested);
        primary.send(refusal(reference));
        assertThat(end(device)).isEqualTo(LinkCloseReason.LINK_REFUSED);
        assertThat(device.read()).isNull();
        assertThat(end(primary)).isEqualTo(LinkCloseReason.LINK_REFUSED);
        assertThat(primary.ask(claim(reference)).getError().getCode()).isEqualTo(ErrorCode.LINK_OFFER_EXPIRED);
    }

    @Test
    void asksAndObeysThePrimaryAlone() {
        primary.putList(account, 2, 1, 2);
        try (RawDevice companion = RawDevice.connect(relay).login(account, 2);
                RawDevice stranger = RawDevice.connect(relay)) {
            stranger.register();
            ByteString reference = offer();
            primary.read(ServerFrame::hasLinkRequested);
            assertThat(companion.ask(claim(reference)).getError().getCode()).isEqualTo(ErrorCode.FORBIDDEN);
            assertThat(companion.ask(refusal(reference)).getError().getCode()).isEqualTo(ErrorCode.FORBIDDEN);
            assertThat(stranger.ask(claim(reference)).getError().getCode()).isEqualTo(ErrorCode.LINK_OFFER_EXPIRED);
            assertThat(stranger.ask(refusal(reference)).getError().getCode()).isEqualTo(ErrorCode.LINK_OFFER_UNKNOWN);
            assertThat(primary.ask(claim(reference)).hasLinkOfferClaimed()).isTrue();
            assertThat(primary.ask(claim(reference)).getError().getCode()).isEqualTo(ErrorCode.LINK_OFFER_USED);
        }
    }

    @Test
    void endsAtTheFourthTryAndTellsTheOwner() {
        ByteString reference = claimed();
        for (int tries = 0; tries < 3; tries++) {
            device.send(attempt(reference)).send(message(reference));
            assertThat(primary.read(ServerFrame::hasLinkMessage)).isNotNull();
        }
        device.send(attempt(reference));
        assertThat(end(device)).isEqualTo(LinkCloseReason.LINK_CODE_DEAD);
        assertThat(device.read()).isNull();
        assertThat(end(primary)).isEqualTo(LinkCloseReason.LINK_CODE_DEAD);
        assertThat(primary.ask(message(reference)).getError().getCode()).isEqualTo(ErrorCode.LINK_OFFER_UNKNOWN);
    }

    @Test
    void leavesTheTriesToTheNewDevice() {
        primary.putList(account, 2, 1, 2);
        ByteString reference = claimed();
        try (RawDevice companion = RawDevice.connect(relay).login(account, 2)) {
            for (RawDevice loggedIn : new RawDevice[] {primary, companion}) {
                assertThat(loggedIn.ask(attempt(reference)).getError().getCode())
                        .isEqualTo(ErrorCode.LINK_OFFER_UNKNOWN);
                assertThat(loggedIn.isAlive()).isTrue();
            }
        }
        device.send(attempt(reference)).send(message(reference));
        assertThat(primary.read(ServerFrame::hasLinkMessage)).isNotNull();
    }

    @Test
    void passesNothingOutsideATry() {
        ByteString reference = claimed();
        assertThat(device.ask(message(reference)).getError().getCode()).isEqualTo(ErrorCode.LINK_TOO_LARGE);
    }

    @Test
    void freesThePlaceWhenTheNewDeviceGoesAway() {
        primary.putList(account, 2, 1, 2, 3, 4);
        claimed();
        try (RawDevice second = RawDevice.connect(relay)) {
            ByteString reference = second.send(opening(handle))
                    .read(ServerFrame::hasLinkOffer)
                    .getLinkOffer()
                    .getReference();
            primary.read(ServerFrame::hasLinkRequested);
            assertThat(primary.ask(claim(reference)).getError().getCode()).isEqualTo(ErrorCode.LINK_LIMIT);
            device.close();
            assertThat(end(primary)).isEqualTo(LinkCloseReason.LINK_ABANDONED);
            assertThat(primary.ask(claim(reference)).hasLinkOfferClaimed()).isTrue();
        }
    }

    @Test
    void limitsAnAddressWhateverHandlesItNames() {
        try (RunningRelay strict = Door.EPOLL_PLAIN.open(Map.of("link.offers-per-address", 20))) {
            int refused = 0;
            for (int asked = 0; asked < 30; asked++) {
                try (RawDevice each = RawDevice.connect(strict)) {
                    ServerFrame answer = each.send(opening("handle " + asked)).read();
                    refused += answer.getError().getCode() == ErrorCode.RATE_LIMITED ? 1 : 0;
                }
            }
            assertThat(refused).isEqualTo(10);
        }
    }

    @Test
    void refusesAHandleThatIsNoLine() {
        assertThat(RawDevice.lastErrorOf(device.send(opening("a\nb")))).isEqualTo(ErrorCode.MALFORMED);
    }
}
