package dev.quintet.load.drive;

import dev.quintet.load.drive.LineListener.Arrival;
import io.netty.buffer.ByteBuf;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Holds every delivery against what was submitted, at the price of a look into one small table.
 *
 * <p>A sender counts its submissions to each account, and the count is part of the envelope id. So a device knows of each
 * sender which count comes next: a lower one is a repetition or late, a higher one leaves others out, which must then have
 * been refused, left unanswered, or be on their way.
 *
 * <p><b>Thread:</b> the driver's event loop. <b>Memory:</b> a few numbers for each pair of a sender and a device, and one
 * for each submission that was refused.
 */
final class RouteChecker {
    private static final int MOST_FINDINGS = 10;
    private static final int COUNT_BITS = 40;
    private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;

    /** One payload in so many is compared byte for byte; of the others the marks at both ends. */
    private static final int WHOLE_EACH = 16;

    private final int run;
    private final List<IntObjectMap<SentRoute>> senders = new ArrayList<>();
    private final List<String> findings = new ArrayList<>();
    private long submitted;
    private long accepted;
    private long refused;
    private long expected;
    private long delivered;
    private long full;
    private long redelivered;
    private long duplicated;
    private long outOfOrder;
    private long unexpected;
    private long damaged;
    private long holes;
    private long gaps;
    private int untilWhole;

    /** @param run tells the envelopes of this load from those of others */
    RouteChecker(int run) {
        this.run = run;
    }

    /** Another sender; answers its number. */
    int addSender() {
        senders.add(new IntObjectHashMap<>());
        return senders.size() - 1;
    }

    /** The first half of a sender's envelope ids. */
    long high(int sender) {
        return (long) run << Integer.SIZE | sender;
    }

    /** The second half of the envelope id of the sender's next submission to this account. */
    long nextLow(int sender, DriveAccount to) {
        submitted++;
        return (long) to.index() << COUNT_BITS | sent(sender, to).next();
    }

    private SentRoute sent(int sender, DriveAccount to) {
        IntObjectMap<SentRoute> routes = senders.get(sender);
        SentRoute route = routes.get(to.index());
        if (route == null) {
            route = new SentRoute(to);
            routes.put(to.index(), route);
        }
        return route;
    }

    private static int sender(Parting parting) {
        return (int) parting.high();
    }

    private static long count(long low) {
        return low & COUNT_MASK;
    }

    /** The server has it, for all devices of the account but those in {@code fullDevices}, a bit for each. */
    void accepted(Parting parting, long fullDevices) {
        accepted++;
        expected += parting.to().devices().size() - Long.bitCount(fullDevices);
        if (fullDevices != 0) {
            full += Long.bitCount(fullDevices);
            sent(sender(parting), parting.to()).excuse(count(parting.low()), fullDevices);
        }
    }

    /** Nobody may get it. */
    void refused(Parting parting) {
        refused++;
        sent(sender(parting), parting.to()).excuse(count(parting.low()), SentRoute.EVERY_DEVICE);
    }

    /** An envelope has come; answers whether it is one of ours, for the first time. */
    boolean delivered(DriveDevice device, ByteBuf buffer, int offset, int length, Arrival arrival) {
        if (!Payload.isMarked(buffer, offset, length, device.number()) || isTorn(buffer, offset, length)) {
            damaged++;
            find("a damaged envelope", device);
            return false;
        }
        long high = Payload.high(buffer, offset);
        long low = Payload.low(buffer, offset);
        SentRoute sent = sent(high, low, device);
        if (sent == null || count(low) >= sent.sent()) {
            unexpected++;
            find("an envelope that was not sent to it", device);
            return false;
        }
        return step(device, (int) high, count(low), arrival);
    }

    private boolean isTorn(ByteBuf buffer, int offset, int length) {
        if (--untilWhole > 0) {
            return false;
        }
        untilWhole = WHOLE_EACH;
        return !Payload.isWhole(buffer, offset, length);
    }

    private SentRoute sent(long high, long low, DriveDevice device) {
        int sender = (int) high;
        boolean isOurs = (int) (high >>> Integer.SIZE) == run
                && sender >= 0
                && sender < senders.size()
                && low >>> COUNT_BITS == device.account().index();
        return isOurs ? senders.get(sender).get(device.account().index()) : null;
    }

    private boolean step(DriveDevice device, int sender, long count, Arrival arrival) {
        Route route = device.route(sender);
        if (arrival == Arrival.AFTER_A_HOLE) {
            holes++;
            find("an envelope whose predecessor never came", device);
        }
        if (arrival == Arrival.AGAIN || arrival == Arrival.AFTER_ACKNOWLEDGEMENT) {
            return again(device, route.has(count), arrival);
        }
        Route.Step step = route.came(count);
        if (step == Route.Step.KNOWN) {
            duplicated++;
            find("an envelope twice", device);
            return false;
        }
        if (step == Route.Step.LATE) {
            outOfOrder++;
            find("an envelope after a later one of the same sender", device);
        }
        delivered++;
        return true;
    }

    private boolean again(DriveDevice device, boolean isKnown, Arrival arrival) {
        if (!isKnown) {
            unexpected++;
            find("a new envelope under an old sequence", device);
        } else if (arrival == Arrival.AFTER_ACKNOWLEDGEMENT) {
            duplicated++;
            find("an envelope after its acknowledgement was confirmed", device);
        } else {
            redelivered++;
        }
        return false;
    }

    /** The server said that so many will not come. */
    void gap(DriveDevice device, long count) {
        gaps += count;
        if (gaps > full) {
            find("a gap of " + count, device);
        }
    }

    private void find(String what, DriveDevice device) {
        if (findings.size() < MOST_FINDINGS) {
            findings.add(device + " got " + what);
        }
    }

    /** Deliveries that are still to come, as far as the answers say. */
    long outstanding() {
        return expected - delivered;
    }

    /** Whatever was accepted and has not come counts as lost. */
    DriveVerdict verdict(Collection<Parting> unanswered) {
        unanswered.forEach(
                parting -> sent(sender(parting), parting.to()).excuse(count(parting.low()), SentRoute.EVERY_DEVICE));
        List<String> words = new ArrayList<>(findings);
        long lost = 0;
        for (int sender = 0; sender < senders.size(); sender++) {
            for (SentRoute route : senders.get(sender).values()) {
                for (DriveDevice device : route.to().devices()) {
                    lost += lost(route, sender, device, words);
                }
            }
        }
        return new DriveVerdict(
                submitted,
                accepted,
                refused,
                unanswered.size(),
                delivered,
                full,
                redelivered,
                lost,
                duplicated,
                outOfOrder,
                unexpected + deliveredThoughRefused(unanswered),
                damaged,
                holes,
                gaps,
                List.copyOf(words));
    }

    private static long lost(SentRoute sent, int sender, DriveDevice device, List<String> words) {
        Route route = device.route(sender);
        long lost = route.absent(sent.sent())
                - sent.excused().entrySet().stream()
                        .filter(one ->
                                (one.getValue() & SentRoute.bit(device.number())) != 0 && !route.has(one.getKey()))
                        .count();
        if (lost > 0 && words.size() < MOST_FINDINGS) {
            words.add(device + " never got " + lost + " accepted envelopes of sender " + sender);
        }
        return lost;
    }

    private long deliveredThoughRefused(Collection<Parting> unanswered) {
        long found = -unanswered.stream().mapToLong(this::deliveriesOf).sum();
        for (int sender = 0; sender < senders.size(); sender++) {
            for (SentRoute route : senders.get(sender).values()) {
                for (var one : route.excused().entrySet()) {
                    found += deliveries(route.to(), sender, one.getKey(), one.getValue());
                }
            }
        }
        return found;
    }

    private long deliveriesOf(Parting parting) {
        return deliveries(parting.to(), sender(parting), count(parting.low()), SentRoute.EVERY_DEVICE);
    }

    private static long deliveries(DriveAccount to, int sender, long count, long devices) {
        return to.devices().stream()
                .filter(device -> (devices & SentRoute.bit(device.number())) != 0
                        && device.route(sender).has(count))
                .count();
    }
}
