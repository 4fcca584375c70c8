package dev.quintet.load.drive;

import java.util.HashSet;
import java.util.Set;

/**
 * What one device got from one sender, who counts its submissions to each audience from 0.
 *
 * <p><b>Thread:</b> the driver's event loop. <b>Memory:</b> a number for each that was left out.
 */
final class Route {
    private long next;
    private Set<Long> missing = Set.of();

    /** What a delivery is to a route. */
    enum Step {
        IN_ORDER,
        AFTER_SOME,
        LATE,
        KNOWN
    }

    /** The submission with this count has come. */
    Step came(long count) {
        if (count == next) {
            next++;
            return Step.IN_ORDER;
        }
        if (count > next) {
            miss(count);
            return Step.AFTER_SOME;
        }
        return !missing.isEmpty() && missing.remove(count) ? Step.LATE : Step.KNOWN;
    }

    private void miss(long until) {
        if (missing.isEmpty()) {
            missing = new HashSet<>();
        }
        for (long count = next; count < until; count++) {
            missing.add(count);
        }
        next = until + 1;
    }

    /** Whether the submission with this count has come. */
    boolean has(long count) {
        return count < next && !missing.contains(count);
    }

    /** How many of the first {@code sent} have not come. */
    long absent(long sent) {
        return Math.max(0, sent - next) + missing.size();
    }
}
