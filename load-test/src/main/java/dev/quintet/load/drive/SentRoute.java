package dev.quintet.load.drive;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What one sender submitted to one audience: how often, and what of it need not come to whom.
 *
 * <p><b>Thread:</b> the driver's event loop.
 */
final class SentRoute {
    /** No device has to get it. */
    static final Predicate<DriveDevice> EVERY_DEVICE = device -> true;

    private final int sender;
    private final DriveDevice from;
    private final Audience to;
    private final Map<Long, Predicate<DriveDevice>> excused = new HashMap<>(0);
    private long sent;

    /**
     * @param sender the number of the sender
     * @param from its device
     */
    SentRoute(int sender, DriveDevice from, Audience to) {
        this.sender = sender;
        this.from = from;
        this.to = to;
    }

    long sent() {
        return sent;
    }

    /** The count of the next submission. */
    long next() {
        return sent++;
    }

    /** How many devices each submission is for. */
    int receiverCount() {
        return to.receiverCount(from);
    }

    /** Whether the device is one of them. */
    boolean reaches(DriveDevice device) {
        return to.reaches(device, from);
    }

    /** These devices need not get the submission with this count. */
    void excuse(long count, Predicate<DriveDevice> devices) {
        excused.put(count, devices);
    }

    /** What has come to the device on this route. */
    Route arrived(DriveDevice device) {
        return device.route(sender, to);
    }

    /** How many that should have come to each of its devices have not. */
    void lost(Loss loss) {
        to.receivers(from).forEach(device -> {
            Route route = arrived(device);
            long spared = excused.entrySet().stream()
                    .filter(one -> one.getValue().test(device) && !route.has(one.getKey()))
                    .count();
            loss.found(device, sender, route.absent(sent) - spared);
        });
    }

    /** Is told what is lost. */
    interface Loss {
        void found(DriveDevice device, int sender, long count);
    }

    /** Envelopes that came although they need not. */
    long excusedDeliveries() {
        return excused.entrySet().stream()
                .mapToLong(one -> deliveries(one.getKey(), one.getValue()))
                .sum();
    }

    /** How many of these devices got the submission with this count. */
    long deliveries(long count, Predicate<DriveDevice> devices) {
        return to.receivers(from)
                .filter(device -> devices.test(device) && arrived(device).has(count))
                .count();
    }
}
