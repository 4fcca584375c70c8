package dev.quintet.client;

import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.wire.ErrorCode;
import java.util.HashMap;
import java.util.Map;

/**
 * Where a device stands in its mailbox: what it has seen, taken over and acknowledged, across connections.
 *
 * <p>Sequences rise on one connection; a new connection may start again at anything that was not acknowledged. At most
 * one acknowledgement is on its way at a time; the next one then covers all that was taken over meanwhile.
 *
 * <p><b>Thread:</b> the device's event loop.
 * <b>Failure:</b> a sequence that does not rise is a {@link ProtocolException}.
 */
final class MailboxCursor {
    private static final long UNKNOWN = -1;

    private final Map<Long, Long> gapsAfter = new HashMap<>();
    private long newestSeen;
    private long taken;
    private long confirmed;
    private long arrivedHere;
    private long askedHere;
    private boolean isAsking;

    /** What an arriving sequence is to this device. */
    enum Arrival {
        /** Never seen. */
        FRESH,
        /** Seen, and the relay has not confirmed an acknowledgement: it had to send it again. */
        REDELIVERED,
        /** The relay had confirmed its acknowledgement and should have forgotten it. */
        ACKNOWLEDGED_BEFORE
    }

    /** A device that does not know where it stands; the first delivery tells. */
    MailboxCursor() {
        newestSeen = UNKNOWN;
    }

    /** A device that has taken over everything up to {@code sequence} in an earlier life; 0 if it never got anything. */
    MailboxCursor(long sequence) {
        newestSeen = sequence;
        taken = sequence;
    }

    /** Whether a delivery or gap that names {@code previous} as the one before it proves that something is missing. */
    boolean isHole(long previous) {
        return newestSeen != UNKNOWN && previous > newestSeen;
    }

    /** Newest sequence seen so far, 0 if there was none. */
    long newestSeen() {
        return Math.max(newestSeen, 0);
    }

    /** The relay has confirmed that everything up to this sequence is gone. */
    long confirmed() {
        return confirmed;
    }

    /** Takes note of a gap. The app need not take it over: it goes with the delivery before it. */
    Arrival arriveGap(long sequence) {
        long before = newestSeen();
        Arrival arrival = arrive(sequence);
        if (arrival == Arrival.FRESH) {
            gapsAfter.put(before, sequence);
            takeGaps();
        }
        return arrival;
    }

    /** Takes note of a delivery. */
    Arrival arrive(long sequence) {
        if (sequence <= arrivedHere) {
            throw new ProtocolException(ErrorCode.MALFORMED, "the relay's sequences do not rise");
        }
        arrivedHere = sequence;
        if (sequence > newestSeen) {
            newestSeen = sequence;
            return Arrival.FRESH;
        }
        return sequence <= confirmed ? Arrival.ACKNOWLEDGED_BEFORE : Arrival.REDELIVERED;
    }

    /** The app has taken over everything up to {@code sequence}. */
    void take(long sequence) {
        taken = Math.max(taken, Math.min(sequence, newestSeen));
        takeGaps();
    }

    private void takeGaps() {
        gapsAfter.keySet().removeIf(before -> before < taken);
        for (Long gap = gapsAfter.remove(taken); gap != null; gap = gapsAfter.remove(taken)) {
            taken = gap;
        }
    }

    /** The relay would not acknowledge now; what was on its way is due again. */
    void refuse() {
        askedHere = Math.min(askedHere, confirmed);
        isAsking = false;
    }

    /** The sequence to acknowledge now; 0 if there is nothing new or an acknowledgement is on its way. */
    long startAcknowledging() {
        long due = Math.min(taken, arrivedHere);
        if (isAsking || due <= askedHere) {
            return 0;
        }
        askedHere = due;
        isAsking = true;
        return due;
    }

    /** How many sequences could be acknowledged and have not been asked for. */
    long due() {
        return Math.max(0, Math.min(taken, arrivedHere) - askedHere);
    }

    /** The relay has forgotten everything up to {@code sequence}. */
    void confirm(long sequence) {
        if (sequence > askedHere) {
            throw new ProtocolException(ErrorCode.MALFORMED, "the relay confirmed what was not acknowledged");
        }
        confirmed = Math.max(confirmed, sequence);
        isAsking = sequence < askedHere && isAsking;
    }

    /** Everything that was seen is taken over and the relay has confirmed it. */
    boolean isSettled() {
        return newestSeen() <= confirmed;
    }

    /** The connection is gone, and with it what was on its way. */
    void disconnect() {
        arrivedHere = 0;
        askedHere = 0;
        isAsking = false;
    }
}
