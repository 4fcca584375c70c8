package dev.quintet.relay.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.wire.ClaimLinkOffer;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.CloseLinkOffer;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.LinkCloseReason;
import dev.quintet.protocol.wire.LinkMessage;
import dev.quintet.protocol.wire.LinkOfferClaimed;
import dev.quintet.protocol.wire.OpenLinkOffer;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.server.RunningRelay;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Link offers over sockets: who may do what when. */
@Timeout(30)
class LinkingTest {
    private static RunningRelay relay;
    private static RawDevice primary;
    private static RawAccount account;

    @BeforeAll
    static void open() {
        relay = Door.EPOLL_PLAIN.open(Map.of(
                "link.offers-per-address", 1_000,
                "link.first-reference", "3 s",
                "link.next-reference", "1 s",
                "link.offer", "4 s"));
        primary = RawDevice.connect(relay);
        account = primary.register();
    }

    @AfterAll
    static void close() {
        primary.close();
        relay.close();
    }

    private static ClientFrame.Builder opening(String name) {
        return ClientFrame.newBuilder()
                .setRequestId(1)
                .setOpenLinkOffer(OpenLinkOffer.newBuilder()
                        .setVersion(1)
                        .setIdentityKey(ByteString.copyFrom(new byte[32]))
                        .setPlatform(Platform.LINUX)
                        .setName(name));
    }

    private static ByteString offer(RawDevice device) {
        return device.send(opening("laptop"))
                .read(ServerFrame::hasLinkOffer)
                .getLinkOffer()
                .getReference();
    }

    private static ClientFrame.Builder claim(ByteString reference) {
        return ClientFrame.newBuilder()
                .setClaimLinkOffer(ClaimLinkOffer.newBuilder().setReference(reference));
    }

    private static ClientFrame.Builder message(ByteString reference, int bytes) {
        return ClientFrame.newBuilder()
                .setLinkMessage(LinkMessage.newBuilder()
                        .setReference(reference)
                        .setContent(ByteString.copyFrom(new byte[bytes])));
    }

    private static ClientFrame.Builder closing(ByteString reference, LinkCloseReason reason) {
        return ClientFrame.newBuilder()
                .setCloseLinkOffer(
                        CloseLinkOffer.newBuilder().setReference(reference).setReason(reason));
    }

    @Test
    void livesLongerThanALoginMayTakeAndEndsWithWord() {
        try (RawDevice device = RawDevice.connect(relay)) {
            ByteString first = offer(device);
            ByteString second =
                    device.read(ServerFrame::hasLinkOffer).getLinkOffer().getReference();
            assertThat(second).isNotEqualTo(first);
            assertThat(device.isAlive()).isTrue();
            assertThat(device.read(ServerFrame::hasLinkOfferClosed)
                            .getLinkOfferClosed()
                            .getReason())
                    .isEqualTo(LinkCloseReason.LINK_TIMED_OUT);
            assertThat(device.read()).isNull();
        }
    }

    @Test
    void passesMessagesAndEndsTheNewDevicesConnectionWhenDone() {
        try (RawDevice device = RawDevice.connect(relay)) {
            ByteString reference = offer(device);
            LinkOfferClaimed claimed = primary.ask(claim(reference)).getLinkOfferClaimed();
            assertThat(claimed.getName()).isEqualTo("laptop");
            assertThat(claimed.getPlatform()).isEqualTo(Platform.LINUX);
            assertThat(claimed.getNetwork()).isEqualTo("127.0.0.0/24");
            device.read(ServerFrame::hasLinkOfferClaimed);
            device.send(message(reference, 100));
            primary.read(ServerFrame::hasLinkMessage);
            primary.send(message(reference, 200_000));
            assertThat(device.read(ServerFrame::hasLinkMessage)
                            .getLinkMessage()
                            .getContent()
                            .size())
                    .isEqualTo(200_000);
            assertThat(primary.ask(message(reference, 100_000)).getError().getCode())
                    .isEqualTo(ErrorCode.LINK_TOO_LARGE);
            device.send(closing(reference, LinkCloseReason.LINK_DONE));
            assertThat(primary.read(ServerFrame::hasLinkOfferClosed)
                            .getLinkOfferClosed()
                            .getReason())
                    .isEqualTo(LinkCloseReason.LINK_DONE);
            device.read(ServerFrame::hasLinkOfferClosed);
            assertThat(device.read()).isNull();
        }
    }

    @Test
    void tellsTheNewDeviceThatThePrimaryRefuses() {
        try (RawDevice device = RawDevice.connect(relay)) {
            ByteString reference = offer(device);
            primary.ask(claim(reference));
            primary.send(closing(reference, LinkCloseReason.LINK_REFUSED));
            assertThat(device.read(ServerFrame::hasLinkOfferClosed)
                            .getLinkOfferClosed()
                            .getReason())
                    .isEqualTo(LinkCloseReason.LINK_REFUSED);
            assertThat(device.read()).isNull();
            assertThat(primary.ask(message(reference, 1)).getError().getCode()).isEqualTo(ErrorCode.LINK_OFFER_UNKNOWN);
        }
    }

    @Test
    void tellsThePrimaryThatTheNewDeviceIsGone() {
        RawDevice device = RawDevice.connect(relay);
        ByteString reference = offer(device);
        primary.ask(claim(reference));
        device.close();
        assertThat(primary.read(ServerFrame::hasLinkOfferClosed)
                        .getLinkOfferClosed()
                        .getReason())
                .isEqualTo(LinkCloseReason.LINK_ABANDONED);
    }

    @Test
    void onlyThePrimaryClaims() {
        try (RawDevice other = RawDevice.connect(relay);
                RawDevice companion = RawDevice.connect(relay);
                RawDevice device = RawDevice.connect(relay)) {
            RawAccount others = other.register();
            other.putList(others, 2, 1, 2);
            companion.login(others, 2);
            ByteString reference = offer(device);
            assertThat(companion.ask(claim(reference)).getError().getCode()).isEqualTo(ErrorCode.FORBIDDEN);
            assertThat(other.ask(claim(reference)).hasLinkOfferClaimed()).isTrue();
            assertThat(primary.ask(claim(reference)).getError().getCode()).isEqualTo(ErrorCode.LINK_OFFER_USED);
        }
    }

    @Test
    void hasNoPlaceForASixthDevice() {
        try (RawDevice full = RawDevice.connect(relay);
                RawDevice device = RawDevice.connect(relay)) {
            RawAccount five = full.register();
            full.putList(five, 2, 1, 2, 3, 4, 5);
            assertThat(full.ask(claim(offer(device))).getError().getCode()).isEqualTo(ErrorCode.LINK_LIMIT);
        }
    }

    @Test
    void givesTheLastPlaceToOneOfTwoThatAskAtOnceAndFreesItWhenThatOneGoes() {
        try (RawDevice four = RawDevice.connect(relay);
                RawDevice other = RawDevice.connect(relay)) {
            RawAccount almostFull = four.register();
            four.putList(almostFull, 2, 1, 2, 3, 4);
            RawDevice one = RawDevice.connect(relay);
            ByteString first = offer(one);
            ByteString second = offer(other);
            four.send(claim(first).setRequestId(1)).send(claim(second).setRequestId(2));

            assertThat(four.read(frame -> frame.getRequestId() == 1).hasLinkOfferClaimed())
                    .isTrue();
            assertThat(four.read(frame -> frame.getRequestId() == 2).getError().getCode())
                    .isEqualTo(ErrorCode.LINK_LIMIT);
            one.close();
            four.read(ServerFrame::hasLinkOfferClosed);
            assertThat(four.ask(claim(offerAgain(other, second))).hasLinkOfferClaimed())
                    .isTrue();
        }
    }

    /** The newest reference: while the test waited it may have been replaced. */
    private static ByteString offerAgain(RawDevice device, ByteString known) {
        device.send(RawDevice.ping(3));
        ByteString newest = known;
        ServerFrame frame = device.read();
        while (!frame.hasPong()) {
            newest = frame.hasLinkOffer() ? frame.getLinkOffer().getReference() : newest;
            frame = device.read();
        }
        return newest;
    }

    @Test
    void knowsNoReferenceThatWasAltered() {
        try (RawDevice device = RawDevice.connect(relay)) {
            byte[] altered = offer(device).toByteArray();
            altered[15] ^= 1;
            assertThat(primary.ask(claim(ByteString.copyFrom(altered)))
                            .getError()
                            .getCode())
                    .isEqualTo(ErrorCode.LINK_OFFER_EXPIRED);
        }
    }

    @Test
    void refusesANameThatIsNoLine() {
        for (String name : new String[] {"a\nb", "a\u0000", "\u001b[31mred", "\u202eevil", "a\u2028b"}) {
            try (RawDevice device = RawDevice.connect(relay)) {
                assertThat(RawDevice.lastErrorOf(device.send(opening(name)))).isEqualTo(ErrorCode.MALFORMED);
            }
        }
    }

    @Test
    void isForLinkingAlone() {
        try (RawDevice device = RawDevice.connect(relay)) {
            offer(device);
            device.sendLogin(account, 1);
            assertThat(RawDevice.lastErrorOf(device)).isEqualTo(ErrorCode.WRONG_STATE);
        }
        assertThat(primary.isAlive()).isTrue();
    }
}
