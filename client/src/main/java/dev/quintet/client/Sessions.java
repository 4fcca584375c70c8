package dev.quintet.client;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.protocol.wire.KeyBundle;

/**
 * The app's sessions with other devices, which begin with keys that the relay hands out.
 *
 * <p><b>Thread:</b> the caller's of {@link Outbox}, or the device's event loop.
 */
public interface Sessions {
    /** Whether there is one with this device, as it is installed now: its registration id may have changed. */
    boolean has(AccountId account, MemberDevice device);

    /**
     * Begins one; the next thing that is asked for is a ciphertext for this device.
     *
     * @param keys what the device has uploaded, verified; the one-time prekey is nobody else's. May be without any key
     */
    void begin(AccountId account, MemberDevice device, KeyBundle keys);
}
