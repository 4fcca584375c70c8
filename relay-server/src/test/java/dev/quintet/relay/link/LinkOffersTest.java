package dev.quintet.relay.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.LinkCloseReason;
import dev.quintet.protocol.wire.LinkMessage;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.protocol.wire.ServerFrame;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LinkOffersTest {
    private static final LinkLimits LIMITS = new LinkLimits(3, 5, 60, 20, 160, 120, 600, 3, 5, 8, 1_000);
    private static final Asking ASKING =
            new Asking(ByteString.copyFrom(new byte[32]), Platform.LINUX, "laptop", "192.0.2.0/24");

    private static final AccountId ALICE = new AccountId(1, 1);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final LinkOffers offers = new LinkOffers(LIMITS, this::nanos, new Random(1), meters);
    private final Party newDevice = new Party();
    private final Party primary = new Party();
    private long nanos = 1;

    /** Remembers what it is told. */
    private static final class Party implements LinkParty {
        private final List<ServerFrame> told = new ArrayList<>();
        private LinkCloseReason end;

        @Override
        public void tell(ServerFrame.Builder frame) {
            told.add(frame.build());
        }

        @Override
        public void ended(ServerFrame.Builder last) {
            end = last.getLinkOfferClosed().getReason();
        }

        ServerFrame newest() {
            return told.get(told.size() - 1);
        }

        ByteString reference() {
            return newest().getLinkOffer().getReference();
        }
    }

    private long nanos() {
        return nanos;
    }

    private void pass(int seconds) {
        for (int second = 0; second < seconds; second++) {
            nanos += TimeUnit.SECONDS.toNanos(1);
            offers.look(newDevice);
        }
    }

    private LinkRefusal open(Party party) {
        return offers.open(party, ASKING, false, "192.0.2.7", 1);
    }

    private ErrorCode claim(Party by, ByteString reference) {
        LinkRefusal refusal = offers.claim(by, 4, reference, 2);
        return refusal == null ? null : refusal.code();
    }

    private ErrorCode pass(Party from, ByteString reference, int bytes) {
        LinkRefusal refusal = offers.pass(
                from,
                LinkMessage.newBuilder()
                        .setReference(reference)
                        .setContent(ByteString.copyFrom(new byte[bytes]))
                        .build());
        return refusal == null ? null : refusal.code();
    }

    private ByteString openAndClaim() {
        open(newDevice);
        ByteString reference = newDevice.reference();
        assertThat(claim(primary, reference)).isNull();
        return reference;
    }

    @Test
    void replacesTheReferenceAfterAMinuteAndThenEveryTwentySeconds() {
        open(newDevice);
        assertThat(newDevice.newest().getRequestId()).isEqualTo(1);
        assertThat(newDevice.newest().getLinkOffer().getValidForMillis()).isEqualTo(60_000);
        assertThat(newDevice.newest().getLinkOffer().getRemainingMillis()).isEqualTo(160_000);
        pass(59);
        assertThat(newDevice.told).hasSize(1);
        pass(1);
        assertThat(newDevice.newest().getLinkOffer().getValidForMillis()).isEqualTo(20_000);
        pass(99);
        assertThat(newDevice.told).hasSize(6).doesNotHaveDuplicates();
        assertThat(newDevice.end).isNull();
        pass(1);
        assertThat(newDevice.end).isEqualTo(LinkCloseReason.LINK_TIMED_OUT);
        assertThat(offers.count()).isZero();
    }

    @Test
    void takesTheReferenceBeforeForTwoSecondsMore() {
        open(newDevice);
        ByteString first = newDevice.reference();
        pass(61);
        assertThat(claim(primary, first)).isNull();
        assertThat(newDevice.newest().getLinkOfferClaimed().getReference()).isEqualTo(first);
    }

    @Test
    void refusesAReferenceThatWasRotatedAwayOrNeverWas() {
        open(newDevice);
        ByteString first = newDevice.reference();
        pass(62);
        assertThat(claim(primary, first)).isEqualTo(ErrorCode.LINK_OFFER_EXPIRED);
        assertThat(claim(primary, ByteString.copyFromUtf8("sixteen bytes 16"))).isEqualTo(ErrorCode.LINK_OFFER_EXPIRED);
        assertThat(claim(primary, newDevice.reference())).isNull();
    }

    @Test
    void tellsThePrimaryWhoAsksAndTheNewDeviceNothing() {
        openAndClaim();
        assertThat(primary.newest().getLinkOfferClaimed().getName()).isEqualTo("laptop");
        assertThat(primary.newest().getLinkOfferClaimed().getNetwork()).isEqualTo("192.0.2.0/24");
        assertThat(primary.newest().getRequestId()).isEqualTo(2);
        assertThat(newDevice.newest().getLinkOfferClaimed().getName()).isEmpty();
        assertThat(newDevice.newest().getLinkOfferClaimed().getNetwork()).isEmpty();
    }

    @Test
    void isClaimedOnceByWhomeverComesFirst() {
        ByteString reference = openAndClaim();
        assertThat(claim(new Party(), reference)).isEqualTo(ErrorCode.LINK_OFFER_USED);
        assertThat(claim(primary, reference)).isEqualTo(ErrorCode.LINK_OFFER_USED);
        assertThat(primary.told).hasSize(1);
    }

    @Test
    void passesMessagesBothWaysAndToNobodyElse() {
        ByteString reference = openAndClaim();
        assertThat(pass(newDevice, reference, 5)).isNull();
        assertThat(primary.newest().getLinkMessage().getContent().size()).isEqualTo(5);
        assertThat(pass(primary, reference, 7)).isNull();
        assertThat(newDevice.newest().getLinkMessage().getContent().size()).isEqualTo(7);
        assertThat(pass(new Party(), reference, 1)).isEqualTo(ErrorCode.LINK_OFFER_UNKNOWN);
    }

    @Test
    void passesNothingBeforeTheClaim() {
        open(newDevice);
        assertThat(pass(newDevice, newDevice.reference(), 1)).isEqualTo(ErrorCode.LINK_OFFER_UNKNOWN);
    }

    @Test
    void passesEightMessages() {
        ByteString reference = openAndClaim();
        for (int message = 0; message < 8; message++) {
            assertThat(pass(message % 2 == 0 ? newDevice : primary, reference, 1))
                    .isNull();
        }
        assertThat(pass(primary, reference, 1)).isEqualTo(ErrorCode.LINK_TOO_LARGE);
    }

    @Test
    void passesSoManyBytesAndNotOneMore() {
        ByteString reference = openAndClaim();
        assertThat(pass(primary, reference, 1_001)).isEqualTo(ErrorCode.LINK_TOO_LARGE);
        assertThat(pass(primary, reference, 999)).isNull();
        assertThat(pass(newDevice, reference, 2)).isEqualTo(ErrorCode.LINK_TOO_LARGE);
        assertThat(pass(newDevice, reference, 1)).isNull();
    }

    @Test
    void lastPlaceGoesToOneOfTwoUntilItIsFreeAgain() {
        Party other = new Party();
        open(newDevice);
        open(other);
        assertThat(offers.claim(primary, 1, newDevice.reference(), 2)).isNull();
        assertThat(offers.claim(primary, 1, other.reference(), 3).code()).isEqualTo(ErrorCode.LINK_LIMIT);
        offers.left(newDevice);
        assertThat(primary.end).isEqualTo(LinkCloseReason.LINK_ABANDONED);
        assertThat(offers.claim(primary, 1, other.reference(), 4)).isNull();
    }

    @Test
    void tellsTheNewDeviceThatThePrimaryHasGone() {
        openAndClaim();
        offers.left(primary);
        assertThat(newDevice.end).isEqualTo(LinkCloseReason.LINK_ABANDONED);
        assertThat(offers.count()).isZero();
    }

    @Test
    void tellsBothHowItEnded() {
        ByteString reference = openAndClaim();
        assertThat(offers.close(primary, reference, LinkCloseReason.LINK_REFUSED))
                .isNull();
        assertThat(newDevice.end).isEqualTo(LinkCloseReason.LINK_REFUSED);
        assertThat(primary.end).isEqualTo(LinkCloseReason.LINK_REFUSED);
        assertThat(offers.close(primary, reference, LinkCloseReason.LINK_REFUSED)
                        .code())
                .isEqualTo(ErrorCode.LINK_OFFER_UNKNOWN);
        assertThat(claim(primary, reference)).isEqualTo(ErrorCode.LINK_OFFER_EXPIRED);
        assertThat(meters.get("quintet.link.offers.ended")
                        .tag("reason", "refused")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void endsAClaimThatIsNotFinished() {
        openAndClaim();
        pass(119);
        assertThat(newDevice.end).isNull();
        pass(1);
        assertThat(newDevice.end).isEqualTo(LinkCloseReason.LINK_TIMED_OUT);
        assertThat(primary.end).isEqualTo(LinkCloseReason.LINK_TIMED_OUT);
    }

    @Test
    void refusesOneOfferTooMany() {
        for (int count = 0; count < 3; count++) {
            assertThat(open(new Party())).isNull();
        }
        assertThat(open(newDevice).code()).isEqualTo(ErrorCode.OVERLOADED);
    }

    @Test
    void refusesAnAddressThatOpensTooManyForAMinute() {
        for (int count = 0; count < 5; count++) {
            Party party = new Party();
            open(party);
            offers.left(party);
        }
        assertThat(open(newDevice).code()).isEqualTo(ErrorCode.RATE_LIMITED);
        assertThat(offers.open(new Party(), ASKING, false, "198.51.100.1", 1)).isNull();
        nanos += TimeUnit.SECONDS.toNanos(61);
        assertThat(open(newDevice)).isNull();
    }

    // By handle

    private ByteString openByHandle() {
        offers.open(newDevice, ASKING, true, "192.0.2.7", 1);
        return newDevice.reference();
    }

    private ByteString openAndClaimByHandle() {
        ByteString reference = openByHandle();
        offers.address(newDevice, ALICE);
        offers.arrived(primary, ALICE);
        assertThat(claim(primary, reference)).isNull();
        return reference;
    }

    @Test
    void keepsTheReferenceOfAnOfferByHandleForTenMinutesClaimedOrNot() {
        ByteString reference = openByHandle();
        assertThat(newDevice.newest().getLinkOffer().getValidForMillis()).isEqualTo(600_000);
        assertThat(newDevice.newest().getLinkOffer().getRemainingMillis()).isEqualTo(600_000);
        pass(400);
        offers.address(newDevice, ALICE);
        offers.arrived(primary, ALICE);
        assertThat(primary.newest().getLinkRequested().getRemainingMillis()).isEqualTo(200_000);
        assertThat(claim(primary, reference)).isNull();
        pass(199);
        assertThat(newDevice.end).isNull();
        assertThat(newDevice.told).hasSize(2);
        pass(1);
        assertThat(newDevice.end).isEqualTo(LinkCloseReason.LINK_TIMED_OUT);
        assertThat(primary.end).isEqualTo(LinkCloseReason.LINK_TIMED_OUT);
    }

    @Test
    void asksThePrimaryOnceForEachOfItsConnections() {
        ByteString reference = openByHandle();
        offers.address(newDevice, ALICE);
        offers.arrived(primary, ALICE);
        offers.arrived(primary, ALICE);
        assertThat(primary.told).hasSize(1);
        assertThat(primary.newest().getLinkRequested().getReference()).isEqualTo(reference);
        assertThat(primary.newest().getLinkRequested().getName()).isEqualTo("laptop");
        offers.left(primary, ALICE);
        assertThat(newDevice.end).isNull();
        Party again = new Party();
        offers.arrived(again, ALICE);
        assertThat(again.told).hasSize(1);
    }

    @Test
    void isNotForAnotherAccountThoughItKnowsTheReference() {
        ByteString reference = openByHandle();
        assertThat(claim(primary, reference)).isEqualTo(ErrorCode.LINK_OFFER_EXPIRED);
        offers.address(newDevice, ALICE);
        Party stranger = new Party();
        offers.arrived(stranger, new AccountId(7, 7));
        offers.arrived(primary, ALICE);
        assertThat(stranger.told).isEmpty();
        assertThat(claim(stranger, reference)).isEqualTo(ErrorCode.LINK_OFFER_EXPIRED);
        assertThat(offers.close(stranger, reference, LinkCloseReason.LINK_REFUSED)
                        .code())
                .isEqualTo(ErrorCode.LINK_OFFER_UNKNOWN);
        assertThat(claim(primary, reference)).isNull();
    }

    @Test
    void isRefusedByThePrimaryThatWasAskedWithoutAClaim() {
        ByteString reference = openByHandle();
        offers.address(newDevice, ALICE);
        offers.arrived(primary, ALICE);
        assertThat(offers.close(primary, reference, LinkCloseReason.LINK_REFUSED))
                .isNull();
        assertThat(newDevice.end).isEqualTo(LinkCloseReason.LINK_REFUSED);
        assertThat(claim(primary, reference)).isEqualTo(ErrorCode.LINK_OFFER_EXPIRED);
        assertThat(offers.count()).isZero();
    }

    @Test
    void tellsThePrimaryThatWasAskedWhenTheNewDeviceLeaves() {
        openByHandle();
        offers.address(newDevice, ALICE);
        offers.arrived(primary, ALICE);
        offers.left(newDevice);
        assertThat(primary.end).isEqualTo(LinkCloseReason.LINK_ABANDONED);
        Party again = new Party();
        offers.arrived(again, ALICE);
        assertThat(again.told).isEmpty();
    }

    @Test
    void passesMessagesOfTriesOnlyAndEachTryHasItsOwnAllowance() {
        ByteString reference = openAndClaimByHandle();
        assertThat(pass(newDevice, reference, 1)).isEqualTo(ErrorCode.LINK_TOO_LARGE);
        for (int tries = 0; tries < 3; tries++) {
            assertThat(offers.beginTry(newDevice, reference)).isNull();
            for (int message = 0; message < 8; message++) {
                assertThat(pass(message % 2 == 0 ? newDevice : primary, reference, 1))
                        .isNull();
            }
            assertThat(pass(newDevice, reference, 1)).isEqualTo(ErrorCode.LINK_TOO_LARGE);
        }
        assertThat(newDevice.end).isNull();
    }

    @Test
    void endsAtTheFourthTryAndTellsTheOwner() {
        ByteString reference = openAndClaimByHandle();
        for (int tries = 0; tries < 4; tries++) {
            assertThat(newDevice.end).isNull();
            offers.beginTry(newDevice, reference);
        }
        assertThat(newDevice.end).isEqualTo(LinkCloseReason.LINK_CODE_DEAD);
        assertThat(primary.end).isEqualTo(LinkCloseReason.LINK_CODE_DEAD);
        assertThat(offers.beginTry(newDevice, reference).code()).isEqualTo(ErrorCode.LINK_OFFER_UNKNOWN);
    }

    @Test
    void countsNoTriesButThoseOfTheNewDeviceAfterTheClaim() {
        ByteString reference = openByHandle();
        assertThat(offers.beginTry(newDevice, reference).code()).isEqualTo(ErrorCode.LINK_OFFER_UNKNOWN);
        offers.address(newDevice, ALICE);
        offers.arrived(primary, ALICE);
        claim(primary, reference);
        assertThat(offers.beginTry(primary, reference).code()).isEqualTo(ErrorCode.LINK_OFFER_UNKNOWN);
        Party byQr = new Party();
        open(byQr);
        assertThat(claim(primary, byQr.reference())).isNull();
        assertThat(offers.beginTry(byQr, byQr.told.get(0).getLinkOffer().getReference())
                        .code())
                .isEqualTo(ErrorCode.LINK_OFFER_UNKNOWN);
    }

    @Test
    void lastPlaceIsOneForBothWays() {
        Party byQr = new Party();
        open(byQr);
        ByteString byHandle = openByHandle();
        offers.address(newDevice, ALICE);
        offers.arrived(primary, ALICE);
        assertThat(offers.claim(primary, 1, byHandle, 2)).isNull();
        assertThat(offers.claim(primary, 1, byQr.reference(), 3).code()).isEqualTo(ErrorCode.LINK_LIMIT);
    }
}
