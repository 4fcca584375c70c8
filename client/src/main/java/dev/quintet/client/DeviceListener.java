package dev.quintet.client;

import dev.quintet.protocol.wire.Backlog;
import dev.quintet.protocol.wire.CallClaimed;
import dev.quintet.protocol.wire.Gap;
import dev.quintet.protocol.wire.LinkAlert;
import dev.quintet.protocol.wire.SignedDeviceList;
import dev.quintet.protocol.wire.Welcome;

/**
 * What a device tells its app.
 *
 * <p><b>Thread:</b> the device's event loop, all methods; do not block. What an exception leaves undone is not repeated.
 */
public interface DeviceListener {
    /**
     * An envelope, in the order of the mailbox, each once for the life of the {@link Device}. Call {@link
     * Delivery#acknowledge} now or later; without it nothing comes any more once the relay's window is full.
     */
    void delivered(Delivery delivery);

    /**
     * An envelope that this device has delivered before, after a cut connection. Nothing to do.
     *
     * @param wasAcknowledged whether the relay had confirmed that it is gone; then the relay is at fault
     */
    default void redelivered(Delivery delivery, boolean wasAcknowledged) {}

    /** Envelopes that the relay says will not come. */
    default void gap(Gap gap) {}

    /** The relay names a delivery before this one that never came: something is lost and was not announced. */
    default void hole(long missingSequence) {}

    /** Logged in. */
    default void connected(Welcome welcome) {}

    /** What waits for this device; right after {@link #connected}. */
    default void backlog(Backlog backlog) {}

    /** Everything that waited at login has been acknowledged. */
    default void backlogDelivered() {}

    /**
     * The devices of this account, or of one that this device has lately written to, have changed. Not checked: {@link
     * KnownDeviceLists#hear} does; those of an {@link Outbox} have heard of it already.
     */
    default void deviceListChanged(SignedDeviceList deviceList) {}

    /** Another device has claimed a call that rings here or that this device has offered: stop ringing. */
    default void callClaimed(CallClaimed claimed) {}

    /**
     * So many days are left until the account's companions are logged out because the primary stays away: ask the user to
     * open it. Told after {@link #connected} if it is above 0, and when it changes; 0: the primary has come.
     */
    default void expiring(int companionDaysLeft) {}

    /** The last one-time prekey of this device was handed out: {@link Device#putKeys} more. */
    default void keysExhausted() {}

    /**
     * A device was added to the account after this one; each once for the life of the {@link Device}, and again in its next
     * life: known by device and list version. Show it, and how to remove that device if nobody of this account knows it: on
     * the primary.
     */
    default void linked(LinkAlert alert) {}

    /** A device asks to be linked to this account by its handle; only to the primary. Again after each reconnect. */
    default void linkRequested(LinkKnock knock) {}

    /** Not connected: an attempt failed or a connection ended. Unless it is final the device tries again by itself. */
    default void disconnected(Disconnection disconnection) {}
}
