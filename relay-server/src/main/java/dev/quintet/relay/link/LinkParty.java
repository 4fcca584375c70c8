package dev.quintet.relay.link;

import dev.quintet.protocol.wire.ServerFrame;

/**
 * One of the two that meet at a {@link LinkOffer}: the new device's connection, or the primary's.
 *
 * <p><b>Thread:</b> called from any, under the lock of {@link LinkOffers}: hands the frame to its own loop and returns.
 */
public interface LinkParty {
    /** Sends a frame of the relay's own accord, or the answer that the frame names. */
    void tell(ServerFrame.Builder frame);

    /** The offer has ended; {@code last} says why. */
    void ended(ServerFrame.Builder last);
}
