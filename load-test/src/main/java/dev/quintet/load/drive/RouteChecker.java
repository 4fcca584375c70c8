package dev.quintet.load.drive;

import dev.quintet.load.drive.LineListener.AccountAnswer;
import dev.quintet.load.drive.LineListener.Arrival;
import io.netty.buffer.ByteBuf;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Holds every delivery against what was submitted, at the price of a look into one small table.
 *
 * <p>A sender counts its submissions to each audience, an account or a group, and the count is part of the envelope id. So a
 * device knows of each sender and audience which count comes next: a lower one is a repetition or late, a higher one leaves others out, which must then have
 * been refused, left unanswered, or be on their way.
 *
 * <p><b>Thread:</b> the driver's event loop. <b>Memory:</b> a few numbers for each sender, device and audience, and one
 * for each submission that was refused.
 */
final class RouteChecker {
    private static final int MOST_FINDINGS = 10;
    private static final int COUNT_BITS = 40;
    private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;

    /** One payload in so many is compared byte for byte; of the others the marks at both ends. */
    private static final int WHOLE_EACH = 16;

    private final int run;
    private final List<Source> senders = new ArrayList<>();
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

    /** What a device submits: of each audience, by its index, what went there. */
    private record Source(DriveDevice device, IntObjectMap<SentRoute> routes) {}

    /** Another sender; answers its number. */
    int addSender(DriveDevice device) {
        senders.add(new Source(device, new IntObjectHashMap<>()));
        return senders.size() - 1;
    }

    /** The first half of a sender's envelope ids. */
    long high(int sender) {
        return (long) run << Integer.SIZE | sender;
    }

    /** The second half of the envelope id of the sender's next submission to this audience. */
    long nextLow(int sender, Audience to) {
        submitted++;
        return (long) to.index() << COUNT_BITS | sent(sender, to).next();
    }

    private SentRoute sent(int sender, Audience to) {
        Source source = senders.get(sender);
        SentRoute route = source.routes.get(to.index());
        if (route == null) {
            route = new SentRoute(sender, source.device, to);
            source.routes.put(to.index(), route);
        }
        return route;
    }

    private SentRoute sent(Parting parting) {
        return sent((int) parting.high(), parting.to());
    }

    private static long count(long low) {
        return low & COUNT_MASK;
    }

    /** The server has it, for all devices. */
    void accepted(Parting parting) {
        accepted++;
        expected += sent(parting).receiverCount();
    }

    /** The server has it for some: one answer for each account, in the order of the submission. */
    void answered(Parting parting, List<AccountAnswer> answers) {
        SentRoute route = sent(parting);
        Set<DriveDevice> excused = new HashSet<>();
        for (int account = 0; account < answers.size(); account++) {
            excuse(excused, answers.get(account), parting.to().accounts().get(account), route);
        }
        if (answers.stream().allMatch(AccountAnswer::isAccepted)) {
            accepted++;
        } else {
            refused++;
        }
        expected += route.receiverCount() - excused.size();
        route.excuse(count(parting.low()), excused::contains);
    }

    private void excuse(Set<DriveDevice> excused, AccountAnswer answer, DriveAccount account, SentRoute route) {
        for (DriveDevice device : account.devices()) {
            boolean isFull = answer.isFullFor(device.number());
            if (route.reaches(device) && (isFull || !answer.isAccepted())) {
                excused.add(device);
                full += isFull ? 1 : 0;
            }
        }
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
        return step(device, sent.arrived(device), count(low), arrival);
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
        boolean isOurs = (int) (high >>> Integer.SIZE) == run && sender >= 0 && sender < senders.size();
        SentRoute route = isOurs ? senders.get(sender).routes.get((int) (low >>> COUNT_BITS)) : null;
        return route != null && route.reaches(device) ? route : null;
    }

    private boolean step(DriveDevice device, Route route, long count, Arrival arrival) {
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
        unanswered.forEach(parting -> sent(parting).excuse(count(parting.low()), SentRoute.EVERY_DEVICE));
        List<String> words = new ArrayList<>(findings);
        return new DriveVerdict(
                submitted,
                accepted,
                refused,
                unanswered.size(),
                delivered,
                full,
                redelivered,
                lost(words),
                duplicated,
                outOfOrder,
                unexpected + deliveredThoughRefused(unanswered),
                damaged,
                holes,
                gaps,
                List.copyOf(words));
    }

    private Stream<SentRoute> routes() {
        return senders.stream().flatMap(source -> source.routes.values().stream());
    }

    private long lost(List<String> words) {
        AtomicLong lost = new AtomicLong();
        routes().forEach(route -> route.lost((device, sender, count) -> {
            lost.addAndGet(count);
            if (count > 0 && words.size() < MOST_FINDINGS) {
                words.add(device + " never got " + count + " accepted envelopes of sender " + sender);
            }
        }));
        return lost.get();
    }

    private long deliveredThoughRefused(Collection<Parting> unanswered) {
        long allowed = unanswered.stream()
                .mapToLong(parting -> sent(parting).deliveries(count(parting.low()), SentRoute.EVERY_DEVICE))
                .sum();
        return routes().mapToLong(SentRoute::excusedDeliveries).sum() - allowed;
    }
}
