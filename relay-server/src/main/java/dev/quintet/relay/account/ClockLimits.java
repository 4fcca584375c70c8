package dev.quintet.relay.account;

/**
 * How long a device may stay away, and when the clock that says so is to be believed.
 *
 * @param primaryAwaySeconds the primary, before its companions are logged out
 * @param companionAwaySeconds a companion, before it is logged out
 * @param warningSeconds so long before the first of the two the companions are warned
 * @param sealedMailboxSeconds how long a companion that was logged out may come back to its mailbox; 0: not at all
 * @param seenEverySeconds a device that stays connected is noted as seen so often
 * @param jumpSeconds by how much the system's clock may step forward at once and still be believed
 * @param agreementSeconds how long it has to go on without a step before it is believed again
 */
public record ClockLimits(
        long primaryAwaySeconds,
        long companionAwaySeconds,
        long warningSeconds,
        long sealedMailboxSeconds,
        long seenEverySeconds,
        long jumpSeconds,
        long agreementSeconds) {
    private static final long DAY = 86_400;

    /** Checks that the periods fit together. */
    public ClockLimits {
        requirePositive("primaryAwaySeconds", primaryAwaySeconds);
        requirePositive("companionAwaySeconds", companionAwaySeconds);
        requirePositive("warningSeconds", warningSeconds);
        requirePositive("seenEverySeconds", seenEverySeconds);
        requirePositive("jumpSeconds", jumpSeconds);
        requirePositive("agreementSeconds", agreementSeconds);
        if (sealedMailboxSeconds < 0) {
            throw new IllegalArgumentException("sealedMailboxSeconds must not be below zero");
        }
        if (warningSeconds >= primaryAwaySeconds) {
            throw new IllegalArgumentException("warningSeconds must be below primaryAwaySeconds");
        }
        if (seenEverySeconds >= Math.min(primaryAwaySeconds, companionAwaySeconds)) {
            throw new IllegalArgumentException(
                    "seenEverySeconds must be below primaryAwaySeconds and companionAwaySeconds");
        }
    }

    /** What an operator gets who sets nothing. */
    public static ClockLimits defaults() {
        return new ClockLimits(14 * DAY, 30 * DAY, 4 * DAY, 14 * DAY, DAY, 600, 3_600);
    }

    private static void requirePositive(String key, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(key + " must be above zero, not " + value);
        }
    }
}
