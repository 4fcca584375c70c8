package dev.quintet.client;

/**
 * What a {@link NewDevice} shows its user, and where it leaves its keys.
 *
 * <p><b>Thread:</b> an event loop, all methods; do not block for long.
 */
public interface LinkDisplay {
    /** Shows this code in the place of the one before. It is good for so long. */
    void show(LinkQr qr, long validForMillis);

    /** The primary has read the code: shows these six digits, which stand on its screen too. */
    void compare(String comparison);

    /**
     * The device has a place in the account: keeps its keys durably. If this throws, the primary takes the place back,
     * and the exception is what the future fails with.
     */
    void store(DeviceKeys keys);
}
