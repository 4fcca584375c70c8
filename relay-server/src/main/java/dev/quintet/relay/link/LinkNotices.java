package dev.quintet.relay.link;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.wire.LinkCloseReason;
import dev.quintet.protocol.wire.LinkOffer;
import dev.quintet.protocol.wire.LinkOfferClaimed;
import dev.quintet.protocol.wire.LinkOfferClosed;
import dev.quintet.protocol.wire.LinkRequested;
import dev.quintet.protocol.wire.ServerFrame;
import java.util.concurrent.TimeUnit;

/** The frames that tell the two sides about an {@link Offer}. */
final class LinkNotices {
    private LinkNotices() {}

    /** To the new device: where it can be claimed. */
    static ServerFrame.Builder offer(Offer offer, long nowNanos) {
        return ServerFrame.newBuilder()
                .setLinkOffer(LinkOffer.newBuilder()
                        .setReference(offer.reference())
                        .setValidForMillis(millis(offer.validNanos(nowNanos)))
                        .setRemainingMillis(millis(offer.remainingNanos(nowNanos))));
    }

    /** To the primary: who asks for its account by the handle. */
    static ServerFrame.Builder requested(Offer offer, long nowNanos) {
        Asking asking = offer.asking();
        return ServerFrame.newBuilder()
                .setLinkRequested(LinkRequested.newBuilder()
                        .setReference(offer.reference())
                        .setPlatform(asking.platform())
                        .setName(asking.name())
                        .setNetwork(asking.network())
                        .setRemainingMillis(millis(offer.remainingNanos(nowNanos))));
    }

    /** To the primary that has claimed it: who asks. */
    static ServerFrame.Builder claimed(Offer offer) {
        Asking asking = offer.asking();
        return ServerFrame.newBuilder()
                .setLinkOfferClaimed(LinkOfferClaimed.newBuilder()
                        .setReference(offer.reference())
                        .setPlatform(asking.platform())
                        .setName(asking.name())
                        .setNetwork(asking.network()));
    }

    /** To the new device: that it was claimed, and by which reference. */
    static ServerFrame.Builder claimed(ByteString reference) {
        return ServerFrame.newBuilder()
                .setLinkOfferClaimed(LinkOfferClaimed.newBuilder().setReference(reference));
    }

    /** To both: it has ended. */
    static ServerFrame.Builder closed(Offer offer, LinkCloseReason reason) {
        return ServerFrame.newBuilder()
                .setLinkOfferClosed(LinkOfferClosed.newBuilder()
                        .setReference(offer.reference())
                        .setReason(reason));
    }

    private static int millis(long nanos) {
        return (int) TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
