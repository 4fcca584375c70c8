package dev.quintet.relay.link;

/**
 * How often one account may read another one's device list.
 *
 * @param reads at once
 * @param readPauseMillis and then once in this time
 * @param readers most pairs of such accounts that are remembered, over all home loops; the longest silent are forgotten
 */
public record ListLimits(int reads, long readPauseMillis, int readers) {
    /** Checks that each limit is positive. */
    public ListLimits {
        requirePositive("reads", reads);
        requirePositive("readPauseMillis", readPauseMillis);
        requirePositive("readers", readers);
    }

    /** What an operator gets who sets nothing. */
    public static ListLimits defaults() {
        return new ListLimits(20, 30_000, 100_000);
    }

    private static void requirePositive(String key, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(key + " must be above zero, not " + value);
        }
    }
}
