package dev.quintet.relay.mailbox;

import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.EnvelopeHeader;
import dev.quintet.protocol.wire.CallClaimed;
import dev.quintet.protocol.wire.GapReason;
import dev.quintet.relay.journal.LogOutReason;
import java.nio.ByteBuffer;

/**
 * The connection at the open end of a mailbox.
 *
 * <p><b>Thread:</b> the account's home loop, all methods. A subscriber that has been displaced or removed hears nothing
 * more.
 */
public interface Subscriber {
    /** Whether it can take another delivery now. If not, it calls {@link Mailboxes#pump} once it can again. */
    boolean isWritable();

    /** What waits, said once before everything else. */
    void backlog(long count, long bytes, long oldestAtMillis);

    /** All that the backlog announced is acknowledged; leaves without a {@link #flush}. */
    void backlogDelivered();

    /**
     * One envelope.
     *
     * @param sequence its number, or zero for an ephemeral one
     * @param previous the sequence delivered before it
     * @param header what is said beside the ciphertext
     * @param ciphertext what remains in it; owned by the caller, to be read during the call
     */
    void deliver(long sequence, long previous, EnvelopeHeader header, ByteBuffer ciphertext);

    /** Envelopes that this device will not get: {@code count} of them, in the place of {@code sequence}. */
    void gap(long sequence, long previous, long count, GapReason reason);

    /**
     * Everything up to {@code sequence} is durably gone; answers the request {@code requestId}. Nobody waits for it, so it
     * leaves with whatever comes next, or after a while without.
     */
    void acknowledged(long sequence, long requestId);

    /** What was written should leave now. */
    void flush();

    /** The account, or one that this device has lately written to, has a new device list or fewer devices; durable. */
    void deviceListChanged(DeviceList list);

    /** The new list that this device has put is durable. */
    void deviceListPut(DeviceList list);

    /** Other devices of the account were logged out, as its list now says; durable. */
    void othersLoggedOut(DeviceList list);

    /** The device's last one-time prekey was handed out, durably. */
    void keysExhausted();

    /** A call that rings at this account, or that this device has offered, was claimed by another device. */
    void callClaimed(CallClaimed claimed);

    /** A device asks to join the account; the primary is to look who. */
    void linkRequested();

    /** A newer connection of the same device has taken the mailbox over. */
    void displaced();

    /** The device is no longer in its account's list; durable. */
    void removed();

    /** The device was logged out; durable. */
    void loggedOut(LogOutReason reason);
}
