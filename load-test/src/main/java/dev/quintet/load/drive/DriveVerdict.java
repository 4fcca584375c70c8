package dev.quintet.load.drive;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a {@link RouteChecker} found.
 *
 * @param submitted submissions made, each counted once however often it was repeated
 * @param accepted that the server took over
 * @param refused that it answered with anything else
 * @param unanswered that have no answer
 * @param delivered envelopes that devices received, repetitions not counted
 * @param full envelopes that a full mailbox refused, and the answer said so
 * @param redelivered that came again before they were acknowledged; allowed
 * @param lost of accepted submissions that a device never received
 * @param duplicated that came again although they should not
 * @param outOfOrder that came after a later one of the same sender
 * @param unexpected that nobody sent to that device, or that were refused
 * @param damaged whose bytes were not those that were sent
 * @param holes deliveries that named a predecessor which never came
 * @param gaps envelopes that the server announced as missing
 * @param findings the first violations in words
 */
public record DriveVerdict(
        long submitted,
        long accepted,
        long refused,
        long unanswered,
        long delivered,
        long full,
        long redelivered,
        long lost,
        long duplicated,
        long outOfOrder,
        long unexpected,
        long damaged,
        long holes,
        long gaps,
        List<String> findings) {

    /** How often a promise was broken; gaps that a full mailbox explains are none. */
    public long violations() {
        return lost + duplicated + outOfOrder + unexpected + damaged + holes + Math.max(0, gaps - full);
    }

    /** All counts by name, in the order of the record. */
    public Map<String, Long> counts() {
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("submitted", submitted);
        counts.put("accepted", accepted);
        counts.put("refused", refused);
        counts.put("unanswered", unanswered);
        counts.put("delivered", delivered);
        counts.put("full", full);
        counts.put("redelivered", redelivered);
        counts.put("lost", lost);
        counts.put("duplicated", duplicated);
        counts.put("out of order", outOfOrder);
        counts.put("unexpected", unexpected);
        counts.put("damaged", damaged);
        counts.put("holes", holes);
        counts.put("gaps", gaps);
        return counts;
    }
}
