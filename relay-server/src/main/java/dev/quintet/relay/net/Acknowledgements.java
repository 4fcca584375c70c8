package dev.quintet.relay.net;

import dev.quintet.relay.mailbox.Acknowledgement;
import dev.quintet.relay.mailbox.Mailbox;
import dev.quintet.relay.mailbox.Mailboxes;
import dev.quintet.relay.mailbox.Subscriber;
import dev.quintet.relay.store.Resident;

/**
 * What a device acknowledges: noted frame by frame, journaled once for all frames of a turn.
 *
 * <p><b>Thread:</b> the connection's loop.
 */
final class Acknowledgements {
    private static final long NONE = -1;
    private static final int WRONG_ONES = 3;

    private final Mailboxes mailboxes;
    private final Resident resident;
    private final Mailbox mailbox;
    private final Subscriber subscriber;
    private long sequence = NONE;
    private long requestId;
    private int wrongOnes;

    /** Of {@code subscriber}, at the end of {@code mailbox}. */
    Acknowledgements(Mailboxes mailboxes, Resident resident, Mailbox mailbox, Subscriber subscriber) {
        this.mailboxes = mailboxes;
        this.resident = resident;
        this.mailbox = mailbox;
        this.subscriber = subscriber;
    }

    /** Notes an acknowledgement; false if its sequence was not delivered on this connection. */
    boolean note(long acknowledgedBy, long acknowledged) {
        if (!mailboxes.isHandedOut(mailbox, acknowledged)) {
            wrongOnes++;
            return false;
        }
        if (acknowledged >= sequence) {
            sequence = acknowledged;
            requestId = acknowledgedBy;
        }
        return true;
    }

    /** Whether the device has been wrong too often. */
    boolean isEnough() {
        return wrongOnes == WRONG_ONES;
    }

    /** Whether something was noted since the last {@link #journal}. */
    boolean isDue() {
        return sequence != NONE;
    }

    /** The request that noted the newest sequence. */
    long requestId() {
        return requestId;
    }

    /** Journals what was noted; the subscriber hears of it once that is durable. False: overloaded. */
    boolean journal() {
        Acknowledgement outcome = mailboxes.acknowledge(resident, mailbox, subscriber, sequence, requestId);
        sequence = NONE;
        return outcome != Acknowledgement.OVERLOADED;
    }
}
