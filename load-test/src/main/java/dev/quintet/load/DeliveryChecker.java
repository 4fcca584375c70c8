package dev.quintet.load;

import dev.quintet.client.DeviceAddress;
import dev.quintet.load.DeliveryReport.DeviceCount;
import dev.quintet.protocol.EnvelopeId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The judge between what the relay accepted and what it delivered.
 *
 * <p>It hears of each submission before it is sent, of each answer and of each delivery, and knows nothing of the relay.
 * An accepted envelope must reach each device it was meant for exactly once, in the order in which its sender submitted
 * to that device; an unanswered one may have been delivered; a refused one must not. Submissions are told apart by
 * envelope id, which must be unique.
 *
 * <p><b>Thread:</b> any; a lock around each call. One sender's submissions are in the order of the calls.
 * <b>Memory:</b> about 150 bytes for each submission, for the whole run, since a duplicate may come late.
 */
public final class DeliveryChecker {
    private static final int MOST_FINDINGS = 10;

    private final Map<EnvelopeId, Submitted> submissions = new HashMap<>();
    private final Map<Route, Long> newestDelivered = new HashMap<>();
    private final SortedMap<DeviceAddress, Count> devices = new TreeMap<>();
    private final List<String> findings = new ArrayList<>();
    private long ordinals;
    private long accepted;
    private long refused;
    private long delivered;
    private long outstanding;
    private long duplicated;
    private long outOfOrder;
    private long unexpected;
    private long damaged;
    private long redelivered;
    private long holes;
    private long gaps;

    /**
     * A submission is about to be sent. For one that was refused and is tried again, perhaps with other devices, call it
     * again with the same id; it then takes its new place in the order. Repeating after a cut connection is no new call.
     */
    public synchronized void submitted(
            DeviceAddress sender, EnvelopeId envelopeId, Collection<DeviceAddress> recipients) {
        Submitted before = submissions.put(envelopeId, new Submitted(sender, ++ordinals, recipients));
        if (before != null) {
            if (before.state != State.REFUSED) {
                throw new IllegalArgumentException("envelope id used twice");
            }
            refused--;
        }
    }

    /** The relay accepted it for all devices that it named. */
    public void accepted(EnvelopeId envelopeId) {
        accepted(envelopeId, List.of());
    }

    /** The relay accepted it, but left out the devices in {@code full}: their mailboxes were at the limit. */
    public synchronized void accepted(EnvelopeId envelopeId, Collection<Integer> full) {
        Submitted submission = unanswered(envelopeId);
        submission.state = State.ACCEPTED;
        accepted++;
        for (int index = 0; index < submission.recipients.length; index++) {
            DeviceAddress recipient = submission.recipients[index];
            if (full.contains(recipient.device())) {
                submission.excused |= 1L << index;
            } else {
                count(recipient).expected++;
                outstanding += submission.isDelivered(index) ? 0 : 1;
            }
        }
    }

    /** The relay refused it: nothing of it may ever be delivered. */
    public synchronized void refused(EnvelopeId envelopeId) {
        Submitted submission = unanswered(envelopeId);
        submission.state = State.REFUSED;
        refused++;
        if (submission.delivered != 0) {
            unexpected++;
            find("refused after it had been delivered", envelopeId, submission.sender);
        }
    }

    /** An envelope reached a device for the first time, as far as the device itself could tell. */
    public synchronized void delivered(DeviceAddress recipient, DeviceAddress sender, EnvelopeId envelopeId) {
        Submitted submission = submissions.get(envelopeId);
        int index = submission == null ? -1 : submission.indexOf(recipient);
        if (index < 0 || submission.state == State.REFUSED || !submission.sender.equals(sender)) {
            unexpected++;
            find("delivered unexpectedly", envelopeId, recipient);
        } else if (submission.isDelivered(index)) {
            duplicated++;
            find("delivered twice", envelopeId, recipient);
        } else {
            firstDelivery(submission, index, envelopeId);
        }
    }

    private void firstDelivery(Submitted submission, int index, EnvelopeId envelopeId) {
        DeviceAddress recipient = submission.recipients[index];
        submission.delivered |= 1L << index;
        delivered++;
        count(recipient).delivered++;
        if (submission.state == State.ACCEPTED && !submission.isExcused(index)) {
            outstanding--;
        }
        Route route = new Route(submission.sender, recipient);
        long newest = newestDelivered.getOrDefault(route, 0L);
        if (submission.ordinal < newest) {
            outOfOrder++;
            find("delivered out of order", envelopeId, recipient);
        } else {
            newestDelivered.put(route, submission.ordinal);
        }
    }

    /** An envelope that the device had not yet acknowledged came once more. Allowed. */
    public synchronized void redelivered(DeviceAddress recipient) {
        redelivered++;
        count(recipient).redelivered++;
    }

    /** An envelope came once more although the relay had confirmed its acknowledgement. */
    public synchronized void deliveredAfterAcknowledgement(DeviceAddress recipient, EnvelopeId envelopeId) {
        duplicated++;
        find("delivered after it was acknowledged", envelopeId, recipient);
    }

    /** An envelope's content was not what its sender had put in. */
    public synchronized void damaged(DeviceAddress recipient, EnvelopeId envelopeId) {
        damaged++;
        find("damaged", envelopeId, recipient);
    }

    /** A delivery named a predecessor that the device has never seen. */
    public synchronized void hole(DeviceAddress recipient, long missing) {
        holes++;
        find("never saw sequence " + missing, recipient);
    }

    /** The relay said that {@code count} envelopes will not come. */
    public synchronized void gap(DeviceAddress recipient, long count) {
        gaps += count;
        find("gap of " + count, recipient);
    }

    /** Envelopes of accepted submissions that have not been delivered yet. */
    public synchronized long outstanding() {
        return outstanding;
    }

    /** Submissions that have no answer yet. */
    public synchronized long unanswered() {
        return submissions.size() - accepted - refused;
    }

    /** Submissions that were accepted so far. */
    public synchronized long acceptedCount() {
        return accepted;
    }

    /** Envelopes delivered so far, duplicates not counted. */
    public synchronized long deliveredCount() {
        return delivered;
    }

    /** The verdict so far; whatever is outstanding at this moment counts as lost. */
    public synchronized DeliveryReport report() {
        List<String> words = new ArrayList<>(findings);
        submissions.forEach((envelopeId, submission) -> findLoss(envelopeId, submission, words));
        SortedMap<DeviceAddress, DeviceCount> counts = new TreeMap<>();
        devices.forEach((device, count) ->
                counts.put(device, new DeviceCount(count.expected, count.delivered, count.redelivered)));
        return new DeliveryReport(
                submissions.size(),
                accepted,
                refused,
                unanswered(),
                delivered,
                outstanding,
                duplicated,
                outOfOrder,
                unexpected,
                damaged,
                redelivered,
                holes,
                gaps,
                counts,
                List.copyOf(words));
    }

    private static void findLoss(EnvelopeId envelopeId, Submitted submission, List<String> words) {
        for (int index = 0; index < submission.recipients.length && words.size() < MOST_FINDINGS; index++) {
            if (submission.isLost(index)) {
                words.add(submission.recipients[index] + ": " + sentence("accepted, not delivered", envelopeId));
            }
        }
    }

    private Submitted unanswered(EnvelopeId envelopeId) {
        Submitted submission = submissions.get(envelopeId);
        if (submission == null || submission.state != State.UNANSWERED) {
            throw new IllegalArgumentException("an answer to no submission, or a second one");
        }
        return submission;
    }

    private Count count(DeviceAddress device) {
        return devices.computeIfAbsent(device, absent -> new Count());
    }

    private void find(String what, EnvelopeId envelopeId, DeviceAddress device) {
        find(sentence(what, envelopeId), device);
    }

    private void find(String what, DeviceAddress device) {
        if (findings.size() < MOST_FINDINGS) {
            findings.add(device + ": " + what);
        }
    }

    private static String sentence(String what, EnvelopeId envelopeId) {
        return "envelope " + envelopeId + " " + what;
    }

    private enum State {
        UNANSWERED,
        ACCEPTED,
        REFUSED
    }

    private record Route(DeviceAddress sender, DeviceAddress recipient) {}

    private static final class Count {
        private long expected;
        private long delivered;
        private long redelivered;
    }

    /** One submission; the bits of {@code delivered} and {@code excused} stand for the recipients by index. */
    private static final class Submitted {
        private final DeviceAddress sender;
        private final long ordinal;
        private final DeviceAddress[] recipients;
        private State state = State.UNANSWERED;
        private long delivered;
        private long excused;

        Submitted(DeviceAddress sender, long ordinal, Collection<DeviceAddress> recipients) {
            if (recipients.size() > Long.SIZE) {
                throw new IllegalArgumentException("at most " + Long.SIZE + " devices in a checked submission");
            }
            this.sender = sender;
            this.ordinal = ordinal;
            this.recipients = recipients.toArray(DeviceAddress[]::new);
        }

        int indexOf(DeviceAddress recipient) {
            for (int index = 0; index < recipients.length; index++) {
                if (recipients[index].equals(recipient)) {
                    return index;
                }
            }
            return -1;
        }

        boolean isDelivered(int index) {
            return (delivered & 1L << index) != 0;
        }

        boolean isExcused(int index) {
            return (excused & 1L << index) != 0;
        }

        boolean isLost(int index) {
            return state == State.ACCEPTED && !isDelivered(index) && !isExcused(index);
        }
    }
}
