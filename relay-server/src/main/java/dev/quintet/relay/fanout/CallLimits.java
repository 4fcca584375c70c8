package dev.quintet.relay.fanout;

/**
 * How often it may ring, and for how long.
 *
 * @param offers calls that one account may offer to another at once
 * @param offerPauseMillis and then one in this time
 * @param callers most pairs of such accounts that are remembered, over all home loops; the longest silent are forgotten
 * @param ringing most calls that ring at one account at a time, whoever offers them
 * @param ringMillis how long after its offer a call can be claimed, and is remembered
 */
public record CallLimits(int offers, long offerPauseMillis, int callers, int ringing, long ringMillis) {
    /** Checks that each limit is positive. */
    public CallLimits {
        requirePositive("offers", offers);
        requirePositive("offerPauseMillis", offerPauseMillis);
        requirePositive("callers", callers);
        requirePositive("ringing", ringing);
        requirePositive("ringMillis", ringMillis);
    }

    /** What {@code defaults.conf} says. */
    public static CallLimits defaults() {
        return new CallLimits(6, 10_000, 100_000, 16, 60_000);
    }

    private static void requirePositive(String key, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(key + " must be above zero, not " + value);
        }
    }
}
