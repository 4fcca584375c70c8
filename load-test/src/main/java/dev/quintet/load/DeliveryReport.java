package dev.quintet.load;

import dev.quintet.client.DeviceAddress;
import java.util.List;
import java.util.SortedMap;

/**
 * What a {@link DeliveryChecker} found.
 *
 * @param submitted submissions made, each counted once however often it was repeated
 * @param accepted submissions that the relay answered with accepted
 * @param refused submissions that the relay answered with anything else
 * @param unanswered submissions without an answer so far
 * @param delivered envelopes that devices received, duplicates not counted
 * @param lost envelopes of accepted submissions that a device never received
 * @param duplicated envelopes that a device received once more, or that came again after they were acknowledged
 * @param outOfOrder envelopes that a device received after a later one from the same sender
 * @param unexpected envelopes that a device should not have received: unknown, refused, or for another device
 * @param damaged envelopes whose content was not what was sent
 * @param redelivered envelopes that came again because they were not yet acknowledged; allowed
 * @param holes deliveries that named a predecessor which the device had never seen
 * @param gaps envelopes that the relay announced as missing
 * @param devices the count of each device that was to receive something
 * @param findings the first violations in words, for people
 */
public record DeliveryReport(
        long submitted,
        long accepted,
        long refused,
        long unanswered,
        long delivered,
        long lost,
        long duplicated,
        long outOfOrder,
        long unexpected,
        long damaged,
        long redelivered,
        long holes,
        long gaps,
        SortedMap<DeviceAddress, DeviceCount> devices,
        List<String> findings) {

    /**
     * The deliveries of one device.
     *
     * @param expected envelopes of accepted submissions for it
     * @param delivered envelopes that it received, duplicates not counted
     * @param redelivered envelopes that came again before they were acknowledged
     */
    public record DeviceCount(long expected, long delivered, long redelivered) {}

    /** Whether every promise was kept: all of it delivered, once, in order, intact, and nothing else. */
    public boolean isClean() {
        return violations() == 0 && unanswered == 0;
    }

    /** How often a promise was broken. */
    public long violations() {
        return lost + duplicated + outOfOrder + unexpected + damaged + holes + gaps;
    }
}
