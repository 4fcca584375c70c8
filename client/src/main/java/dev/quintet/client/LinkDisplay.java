package dev.quintet.client;

/**
 * What a {@link NewDevice} shows its user, and where it leaves its keys.
 *
 * <p><b>Thread:</b> an event loop, all methods; do not block for long.
 */
public interface LinkDisplay {
    /** By QR code: shows this code in the place of the one before. It is good for so long. */
    default void show(LinkQr qr, long validForMillis) {}

    /** The primary knows the code: shows these six digits, which stand on its screen too. */
    default void compare(String comparison) {}

    /** By handle: the owner of the handle was asked, if there is one. The offer stands so long. */
    default void asked(long remainingMillis) {}

    /**
     * By handle: the primary shows a one-time code. Have the user type it, then {@link NewDevice#enter}. Comes again after a
     * wrong one.
     */
    default void enterCode(int triesLeft) {}

    /**
     * The device has a place in the account: keeps its keys durably. If this throws, the primary takes the place back,
     * and the exception is what the future fails with.
     */
    void store(DeviceKeys keys);
}
