package dev.quintet.load.drive;

import java.util.HashMap;
import java.util.Map;

/**
 * What one sender submitted to one account: how often, and what of it need not come to whom.
 *
 * <p><b>Thread:</b> the driver's event loop.
 */
final class SentRoute {
    /** No device has to get it. */
    static final long EVERY_DEVICE = -1;

    private final DriveAccount to;
    private final Map<Long, Long> excused = new HashMap<>(0);
    private long sent;

    SentRoute(DriveAccount to) {
        this.to = to;
    }

    DriveAccount to() {
        return to;
    }

    long sent() {
        return sent;
    }

    /** The count of the next submission. */
    long next() {
        return sent++;
    }

    /** The devices with these bits, device 1 the lowest, need not get it. */
    void excuse(long count, long devices) {
        excused.put(count, devices);
    }

    /** What need not come to all, with the devices that are excused. */
    Map<Long, Long> excused() {
        return excused;
    }

    /** The bit of a device. */
    static long bit(int device) {
        return 1L << device - 1;
    }
}
