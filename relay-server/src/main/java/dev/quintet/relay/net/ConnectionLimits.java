package dev.quintet.relay.net;

/**
 * What one connection may do, and for how long it may do nothing.
 *
 * @param frameBytes longest frame after login
 * @param preLoginFrameBytes longest frame before
 * @param heldFrames frames that may arrive while the login is being checked
 * @param heldBytes their bytes
 * @param unsentBytes bytes that wait for the socket before nothing more is read
 * @param framesPerSecond frames of any kind that a device may send for long
 * @param framesBurst and at once
 * @param submissionsPerSecond recipient accounts that a device may submit to for long
 * @param submissionsBurst and at once
 * @param failedLoginsPerMinute logins of one address that may fail before it has to wait
 * @param timeouts how long things may take
 */
public record ConnectionLimits(
        int frameBytes,
        int preLoginFrameBytes,
        int heldFrames,
        int heldBytes,
        int unsentBytes,
        int framesPerSecond,
        int framesBurst,
        int submissionsPerSecond,
        int submissionsBurst,
        int failedLoginsPerMinute,
        Timeouts timeouts) {
    private static final int MAX_FRAME_BYTES = 1 << 20;

    /**
     * How long things may take, in seconds.
     *
     * @param tlsSeconds the TLS handshake
     * @param loginSeconds from connecting to the login, in all
     * @param frameSeconds from a frame's first byte to its last
     * @param pingSeconds silence before a ping; three times as much ends the connection
     * @param stallSeconds a device that does not read what is sent
     * @param windowSeconds a device that does not acknowledge anything
     */
    public record Timeouts(
            int tlsSeconds, int loginSeconds, int frameSeconds, int pingSeconds, int stallSeconds, int windowSeconds) {
        /** Checks that each is positive. */
        public Timeouts {
            requirePositive("tlsSeconds", tlsSeconds);
            requirePositive("loginSeconds", loginSeconds);
            requirePositive("frameSeconds", frameSeconds);
            requirePositive("pingSeconds", pingSeconds);
            requirePositive("stallSeconds", stallSeconds);
            requirePositive("windowSeconds", windowSeconds);
        }
    }

    /** Checks that each limit is in its range. */
    public ConnectionLimits {
        requirePositive("frameBytes", frameBytes);
        requirePositive("preLoginFrameBytes", preLoginFrameBytes);
        requirePositive("heldFrames", heldFrames);
        requirePositive("heldBytes", heldBytes);
        requirePositive("unsentBytes", unsentBytes);
        requirePositive("framesPerSecond", framesPerSecond);
        requirePositive("framesBurst", framesBurst);
        requirePositive("submissionsPerSecond", submissionsPerSecond);
        requirePositive("submissionsBurst", submissionsBurst);
        requirePositive("failedLoginsPerMinute", failedLoginsPerMinute);
        if (frameBytes > MAX_FRAME_BYTES) {
            throw new IllegalArgumentException("frameBytes must be at most " + MAX_FRAME_BYTES);
        }
        if (preLoginFrameBytes > frameBytes) {
            throw new IllegalArgumentException("preLoginFrameBytes must be at most frameBytes");
        }
    }

    private static void requirePositive(String key, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException(key + " must be above zero, not " + value);
        }
    }
}
