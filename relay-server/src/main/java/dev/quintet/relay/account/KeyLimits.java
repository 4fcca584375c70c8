package dev.quintet.relay.account;

/**
 * What may be stored and asked of keys.
 *
 * @param stored most one-time prekeys of one device that wait to be handed out
 * @param requests how often one account may ask for another one's keys at once
 * @param requestPauseMillis and then once in this time
 * @param requesters most pairs of such accounts that are remembered, over all home loops; the longest silent are
 *     forgotten
 */
public record KeyLimits(int stored, int requests, long requestPauseMillis, int requesters) {
    /** Checks that each limit is positive. */
    public KeyLimits {
        requirePositive("stored", stored);
        requirePositive("requests", requests);
        requirePositive("requestPauseMillis", requestPauseMillis);
        requirePositive("requesters", requesters);
    }

    private static void requirePositive(String key, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(key + " must be above zero, not " + value);
        }
    }
}
