package dev.quintet.relay.simulation;

import dev.quintet.protocol.wire.GapReason;
import java.util.TreeMap;

/** What one device has got out of its mailbox, by sequence. */
final class Inbox {
    private final SimulatedDevice owner;
    private final TreeMap<Long, Item> items = new TreeMap<>();
    private long taken;
    private long acknowledged;

    Inbox(SimulatedDevice owner) {
        this.owner = owner;
    }

    /**
     * A delivery or a gap.
     *
     * @param previous the sequence before it
     * @param letter null for a gap
     * @param acceptedAtMillis of the letter
     * @param lost how many are lost in the gap
     * @param reason of the gap
     */
    record Item(long previous, Letter letter, long acceptedAtMillis, long lost, GapReason reason) {
        boolean isGap() {
            return letter == null;
        }
    }

    /** Takes what has come on {@code session} as {@code sequence}. */
    void take(DeviceSession session, long sequence, Item item) {
        if (sequence <= session.acknowledgedBefore()) {
            throw new Violation(
                    Promise.ACKNOWLEDGED_IS_GONE,
                    owner + " got " + sequence + " again after " + session.acknowledgedBefore() + " was acknowledged");
        }
        checkPrevious(session, sequence, item.previous());
        session.took(sequence);
        if (sequence > taken) {
            takeNew(sequence, item);
        } else {
            takeAgain(session, sequence, item);
        }
    }

    private void checkPrevious(DeviceSession session, long sequence, long previous) {
        boolean isNext = session.last() == 0 ? previous <= taken : previous == session.last();
        if (!isNext || previous >= sequence) {
            throw new Violation(
                    Promise.ORDER,
                    owner + " got " + sequence + " after " + previous + ", having " + taken + " and last "
                            + session.last());
        }
    }

    private void takeNew(long sequence, Item item) {
        if (!items.isEmpty() && item.acceptedAtMillis() > 0) {
            Item newest = items.lastEntry().getValue();
            if (newest.acceptedAtMillis() > item.acceptedAtMillis()) {
                throw new Violation(Promise.ORDER, owner + " got " + item + " after " + newest);
            }
        }
        if (!item.isGap()) {
            Long before = item.letter().sequences().put(owner.number(), sequence);
            if (before != null) {
                throw new Violation(
                        Promise.ONCE_BY_ID, owner + " got " + item.letter() + " as " + before + " and as " + sequence);
            }
        }
        items.put(sequence, item);
        taken = sequence;
    }

    private void takeAgain(DeviceSession session, long sequence, Item item) {
        Item before = items.get(sequence);
        boolean isSame = before != null && before.letter() == item.letter();
        boolean hasExpired = before != null && item.reason() == GapReason.EXPIRED;
        // What was under way on an older connection may be from before it expired, or before a gap grew.
        boolean isLate = before != null && before.isGap() && session.isReplaced();
        if (isLate) {
            return;
        }
        if (!isSame && !hasExpired || before.isGap() && hasShrunk(before, item)) {
            throw new Violation(Promise.ORDER, owner + " got " + item + " as " + sequence + ", which was " + before);
        }
        if (before.isGap()) {
            items.put(sequence, item);
        }
    }

    private static boolean hasShrunk(Item before, Item item) {
        return item.lost() < before.lost() || item.reason() != before.reason();
    }

    /** The relay has said that everything up to {@code sequence} is gone. */
    void acknowledged(long sequence) {
        acknowledged = Math.max(acknowledged, sequence);
    }

    long acknowledged() {
        return acknowledged;
    }

    /** The highest sequence that has come. */
    long taken() {
        return taken;
    }

    TreeMap<Long, Item> items() {
        return items;
    }

    /** How many envelopes are lost for this reason, as the relay has said. */
    long lost(GapReason reason) {
        return items.values().stream()
                .filter(item -> item.reason() == reason)
                .mapToLong(Item::lost)
                .sum();
    }
}
