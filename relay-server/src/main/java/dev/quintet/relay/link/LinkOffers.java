package dev.quintet.relay.link;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.LinkCloseReason;
import dev.quintet.protocol.wire.LinkMessage;
import dev.quintet.protocol.wire.ServerFrame;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * Where new devices and primaries meet: the relay's open link offers.
 *
 * <p>A meeting place and no more. What the two say to each other is passed on unread; the secret of the QR code, or the
 * one-time code, never comes here. An offer is gone with the process: a new device then opens another one.
 *
 * <p><b>Thread:</b> any; one lock around everything, since linking is rare and every step short.
 * <b>Memory:</b> {@link LinkLimits#offers} offers; what they pass on is not kept.
 * <b>Limits:</b> {@link LinkLimits}; an account cannot claim more offers than it has places for devices.
 * <b>Failure:</b> {@link LinkRefusal}; an offer one of whose parties leaves ends, and the other party is told.
 */
public final class LinkOffers {
    private static final int REFERENCE_BYTES = 16;
    private static final int FULL_RETRY_MILLIS = 10_000;
    private static final Set<LinkCloseReason> MAY_BE_GIVEN =
            EnumSet.of(LinkCloseReason.LINK_DONE, LinkCloseReason.LINK_REFUSED, LinkCloseReason.LINK_WRONG_CODE);
    private static final int ADDRESSES = 100_000;
    private static final Duration ADDRESS_PERIOD = Duration.ofMinutes(1);

    private final LinkLimits limits;
    private final Ticker nanoTime;
    private final RandomGenerator random;
    private final MeterRegistry meters;
    private final Map<ByteString, Offer> byReference = new HashMap<>();
    private final Map<LinkParty, Offer> byNewDevice = new HashMap<>();
    private final Map<LinkParty, Set<Offer>> byPrimary = new HashMap<>();
    private final Map<AccountId, Set<Offer>> byAccount = new HashMap<>();
    private final Cache<String, AtomicInteger> openedByAddress;

    /** No offers yet. */
    public LinkOffers(LinkLimits limits, Ticker nanoTime, RandomGenerator random, MeterRegistry meters) {
        this.limits = limits;
        this.nanoTime = nanoTime;
        this.random = random;
        this.meters = meters;
        openedByAddress = Caffeine.newBuilder()
                .maximumSize(ADDRESSES)
                .expireAfterWrite(ADDRESS_PERIOD)
                .ticker(nanoTime)
                .build();
        Gauge.builder("quintet.link.offers", this, LinkOffers::count)
                .description("Link offers that are open or claimed")
                .register(meters);
    }

    /** Offers that have not ended. */
    public synchronized int count() {
        return byNewDevice.size();
    }

    // The new device

    /**
     * Opens an offer for a new device, which has none yet; it gets its references by {@link LinkParty#tell}.
     *
     * @param isByHandle whether it waits for {@link #address} instead of being shown
     * @param address what the limit by address counts
     * @param requestId which the first reference answers
     * @return null if it is open
     */
    public synchronized LinkRefusal open(
            LinkParty newDevice, Asking asking, boolean isByHandle, String address, long requestId) {
        int opened = openedByAddress.get(address, unused -> new AtomicInteger()).incrementAndGet();
        if (opened > limits.offersPerAddress()) {
            String message = "too many link offers from this address";
            return new LinkRefusal(ErrorCode.RATE_LIMITED, message, (int) ADDRESS_PERIOD.toMillis());
        }
        if (byNewDevice.size() >= limits.offers()) {
            return new LinkRefusal(ErrorCode.OVERLOADED, "too many link offers are open", FULL_RETRY_MILLIS);
        }
        long now = nanoTime.read();
        Offer offer = new Offer(newDevice, asking, isByHandle, newReference(), limits, now);
        byNewDevice.put(newDevice, offer);
        byReference.put(offer.reference(), offer);
        newDevice.tell(LinkNotices.offer(offer, now).setRequestId(requestId));
        return null;
    }

    private ByteString newReference() {
        byte[] reference = new byte[REFERENCE_BYTES];
        random.nextBytes(reference);
        return ByteString.copyFrom(reference);
    }

    /** Does what is due for the offer of this new device: a new reference, or the end. Called once a second. */
    public synchronized void look(LinkParty newDevice) {
        Offer offer = byNewDevice.get(newDevice);
        if (offer == null) {
            return;
        }
        long now = nanoTime.read();
        if (offer.remainingNanos(now) <= 0) {
            end(offer, LinkCloseReason.LINK_TIMED_OUT);
            return;
        }
        boolean isRotationDue = offer.isRotationDue(now);
        if (offer.isPreviousOver(now) || isRotationDue && offer.previous() != null) {
            byReference.remove(offer.previous());
            offer.forgetPrevious();
        }
        if (isRotationDue) {
            offer.rotate(newReference(), now);
            byReference.put(offer.reference(), offer);
            newDevice.tell(LinkNotices.offer(offer, now));
        }
    }

    /**
     * The new device begins a try of the code: it may send another few messages.
     *
     * @return null if it has begun; also if there were too many, which ends the offer
     */
    public synchronized LinkRefusal beginTry(LinkParty newDevice, ByteString reference) {
        Offer offer = claimedBy(newDevice, reference);
        if (offer == null || !offer.isByHandle() || offer.newDevice() != newDevice) {
            return unknown();
        }
        if (!offer.beginTry()) {
            end(offer, LinkCloseReason.LINK_CODE_DEAD);
        }
        return null;
    }

    // By handle

    /** The offer of this new device, if it is still there, waits for the primary of {@code account}. */
    synchronized void address(LinkParty newDevice, AccountId account) {
        Offer offer = byNewDevice.get(newDevice);
        if (offer != null && offer.account() == null) {
            offer.address(account);
            byAccount.computeIfAbsent(account, unused -> new HashSet<>()).add(offer);
        }
    }

    /** The account's primary can be asked on this connection: tells it who waits for it and is not told yet. */
    public synchronized void arrived(LinkParty primary, AccountId account) {
        long now = nanoTime.read();
        for (Offer offer : byAccount.getOrDefault(account, Set.of())) {
            if (offer.asked() != primary && !offer.isClaimed()) {
                offer.ask(primary);
                primary.tell(LinkNotices.requested(offer, now));
            }
        }
    }

    // The primary

    /**
     * Claims an offer for a primary, which is told who asks; the new device is told that it was claimed.
     *
     * @param places devices that the account may still get
     * @return null if it is claimed
     */
    public synchronized LinkRefusal claim(LinkParty primary, int places, ByteString reference, long requestId) {
        Offer offer = byReference.get(reference);
        long now = nanoTime.read();
        if (offer == null || !offer.isFor(primary) || !offer.isClaimed() && !offer.isGood(reference, now)) {
            return LinkRefusal.of(ErrorCode.LINK_OFFER_EXPIRED, "there is no such link offer, or no longer");
        }
        if (offer.isClaimed()) {
            return LinkRefusal.of(ErrorCode.LINK_OFFER_USED, "the link offer was claimed before");
        }
        Set<Offer> claims = byPrimary.computeIfAbsent(primary, unused -> new HashSet<>());
        if (claims.size() >= places) {
            return LinkRefusal.of(
                    ErrorCode.LINK_LIMIT, "an account has at most " + DeviceList.MAX_DEVICES + " devices");
        }
        claims.add(offer);
        offer.claim(primary, reference, now);
        primary.tell(LinkNotices.claimed(offer).setRequestId(requestId));
        offer.newDevice().tell(LinkNotices.claimed(reference));
        return null;
    }

    // Both

    /** What those say of themselves whose offers this primary has claimed and which have not ended. */
    public synchronized List<Asking> asked(LinkParty primary) {
        return byPrimary.getOrDefault(primary, Set.of()).stream()
                .map(Offer::asking)
                .toList();
    }

    /** Passes a message on to the other one; null if it was passed on. */
    public synchronized LinkRefusal pass(LinkParty from, LinkMessage message) {
        Offer offer = claimedBy(from, message.getReference());
        if (offer == null) {
            return unknown();
        }
        if (!offer.takes(message.getContent().size())) {
            String allowed =
                    limits.messages() + " messages and " + limits.messageBytes() + " bytes, or as many in a try";
            return LinkRefusal.of(ErrorCode.LINK_TOO_LARGE, "a link offer passes at most " + allowed);
        }
        offer.other(from).tell(ServerFrame.newBuilder().setLinkMessage(message));
        return null;
    }

    private Offer claimedBy(LinkParty party, ByteString reference) {
        Offer offer = byReference.get(reference);
        boolean isTheirs =
                offer != null && offer.other(party) != null && offer.reference().equals(reference);
        return isTheirs ? offer : null;
    }

    private static LinkRefusal unknown() {
        return LinkRefusal.of(ErrorCode.LINK_OFFER_UNKNOWN, "no link offer of this connection, or it has ended");
    }

    /** Ends an offer at the wish of one of the two, of the new device alone, or of the primary that was asked. */
    public synchronized LinkRefusal close(LinkParty by, ByteString reference, LinkCloseReason reason) {
        Offer offer = byReference.get(reference);
        boolean isTheirs = offer != null
                && offer.reference().equals(reference)
                && (offer.newDevice() == by || offer.primary() == by || !offer.isClaimed() && offer.asked() == by);
        if (!isTheirs) {
            return unknown();
        }
        end(offer, MAY_BE_GIVEN.contains(reason) ? reason : LinkCloseReason.LINK_REFUSED);
        return null;
    }

    /** A connection has ended, and with it all that it took part in. */
    public synchronized void left(LinkParty party) {
        Offer opened = byNewDevice.get(party);
        if (opened != null) {
            end(opened, LinkCloseReason.LINK_ABANDONED);
        }
        List.copyOf(byPrimary.getOrDefault(party, Set.of()))
                .forEach(offer -> end(offer, LinkCloseReason.LINK_ABANDONED));
        byPrimary.remove(party);
    }

    /** A device of {@code account} has left: what it was asked waits for the next one, what it claimed ends. */
    public synchronized void left(LinkParty party, AccountId account) {
        for (Offer offer : byAccount.getOrDefault(account, Set.of())) {
            if (offer.asked() == party) {
                offer.ask(null);
            }
        }
        left(party);
    }

    private void forgetAccount(Offer offer) {
        if (offer.account() != null) {
            byAccount.computeIfPresent(offer.account(), (account, offers) -> {
                offers.remove(offer);
                return offers.isEmpty() ? null : offers;
            });
        }
    }

    private void end(Offer offer, LinkCloseReason reason) {
        byReference.remove(offer.reference());
        if (offer.previous() != null) {
            byReference.remove(offer.previous());
        }
        byNewDevice.remove(offer.newDevice());
        forgetAccount(offer);
        ServerFrame.Builder closed = LinkNotices.closed(offer, reason);
        if (offer.isClaimed()) {
            byPrimary.get(offer.primary()).remove(offer);
            offer.primary().ended(closed.clone());
        } else if (offer.asked() != null) {
            offer.asked().ended(closed.clone());
        }
        offer.newDevice().ended(closed);
        Counter.builder("quintet.link.offers.ended")
                .description("Link offers that have ended, by how")
                .tag("reason", reason.name().substring("LINK_".length()).toLowerCase(Locale.ROOT))
                .register(meters)
                .increment();
    }
}
