package dev.quintet.client;

/**
 * How a device behaves. Start from {@link #DEFAULTS} and change what is needed with the {@code with} methods.
 *
 * @param connectTimeoutMillis how long TCP may take, and after it TLS
 * @param loginTimeoutMillis how long everything from TCP's end to {@code Welcome} may take
 * @param smallestPauseMillis the first pause before connecting again
 * @param largestPauseMillis the longest pause before connecting again
 * @param acknowledgeDelayMillis how long a taken delivery waits for others to be acknowledged with it
 * @param acknowledgeEvery how many taken deliveries are acknowledged without that delay
 * @param mostWaiting submissions and other requests that may wait for the connection or for room in the relay's window
 */
public record DeviceOptions(
        int connectTimeoutMillis,
        int loginTimeoutMillis,
        int smallestPauseMillis,
        int largestPauseMillis,
        int acknowledgeDelayMillis,
        int acknowledgeEvery,
        int mostWaiting) {
    /** For an app. */
    public static final DeviceOptions DEFAULTS = new DeviceOptions(5_000, 10_000, 200, 30_000, 5, 64, 10_000);

    /** Throws {@link IllegalArgumentException} for a value that is not positive. */
    public DeviceOptions {
        if (Math.min(connectTimeoutMillis, loginTimeoutMillis) < 1
                || Math.min(smallestPauseMillis, largestPauseMillis) < 1
                || Math.min(acknowledgeDelayMillis, acknowledgeEvery) < 1
                || mostWaiting < 1) {
            throw new IllegalArgumentException("every option of a device is at least 1: " + this);
        }
    }

    /** The same with other pauses before connecting again. */
    public DeviceOptions withPauses(int smallestMillis, int largestMillis) {
        return new DeviceOptions(
                connectTimeoutMillis,
                loginTimeoutMillis,
                smallestMillis,
                largestMillis,
                acknowledgeDelayMillis,
                acknowledgeEvery,
                mostWaiting);
    }

    /** The same with other coalescing of acknowledgements. */
    public DeviceOptions withAcknowledging(int delayMillis, int every) {
        return new DeviceOptions(
                connectTimeoutMillis,
                loginTimeoutMillis,
                smallestPauseMillis,
                largestPauseMillis,
                delayMillis,
                every,
                mostWaiting);
    }

    /** The same with other deadlines. */
    public DeviceOptions withTimeouts(int connectMillis, int loginMillis) {
        return new DeviceOptions(
                connectMillis,
                loginMillis,
                smallestPauseMillis,
                largestPauseMillis,
                acknowledgeDelayMillis,
                acknowledgeEvery,
                mostWaiting);
    }
}
