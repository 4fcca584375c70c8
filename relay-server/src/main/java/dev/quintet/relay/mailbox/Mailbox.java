package dev.quintet.relay.mailbox;

import dev.quintet.protocol.AccountId;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * The envelopes that wait for one device, oldest first, and how far its subscriber has got.
 *
 * <pre>
 *   acknowledged   cursor          end
 *        |            |             |
 *   ─────┼────────────┼─────────────┼──▶ sequence
 *   gone │ in flight  │   waiting   │
 *               [ image … )[ tail … )
 * </pre>
 *
 * <p>Sequences have no holes: every number is an envelope or a gap. Items below the tail's first are in the image
 * alone. This class is the state; {@link Mailboxes} holds the verbs.
 *
 * <p><b>Thread:</b> the account's home loop. <b>Limits:</b> {@link MailboxLimits}.
 */
public final class Mailbox {
    private final AccountId account;
    private final int device;
    private final Tail tail;
    private final InFlight inFlight = new InFlight();
    private Queue<Fetched> fetched;

    private long acknowledged;
    private long bytes;
    private long lastAcknowledgementPosition = -1;

    private Subscriber subscriber;
    private long cursor;
    private int subscription;
    private boolean isFetching;
    private boolean isBacklogSaid;
    private long backlogCount;
    private long backlogBytes;
    private long backlogEnd;
    private boolean isBacklogDelivered;
    private volatile boolean isOut;
    private boolean isTailNoted;

    Mailbox(AccountId account, int device, MailboxRow row) {
        this.account = account;
        this.device = device;
        this.acknowledged = row.acknowledged();
        this.bytes = row.bytes();
        this.tail = new Tail(row.end());
    }

    AccountId account() {
        return account;
    }

    int device() {
        return device;
    }

    Tail tail() {
        return tail;
    }

    /** Whether the tail may hold something to trim. */
    boolean isTailNoted() {
        return isTailNoted;
    }

    void tailNoted(boolean now) {
        isTailNoted = now;
    }

    InFlight inFlight() {
        return inFlight;
    }

    /** Keeps a page that was read from disk and comes next, before anything else. */
    void fetched(List<Fetched> page) {
        fetched = new ArrayDeque<>(page);
    }

    /** Takes the next item of the page, or null if there is none. */
    Fetched nextFetched() {
        return fetched == null ? null : fetched.poll();
    }

    /** The highest sequence that is gone. */
    long acknowledged() {
        return acknowledged;
    }

    /** The sequence that the next item gets. */
    long end() {
        return tail.end();
    }

    /** How many items wait, those in flight included. */
    long count() {
        return end() - 1 - acknowledged;
    }

    /** Ciphertext of all that is not acknowledged, expired or not, in bytes. */
    long bytes() {
        return bytes;
    }

    boolean admits(int length, MailboxLimits limits) {
        return count() < limits.envelopes() && bytes + length <= limits.bytes();
    }

    void addBytes(int added) {
        bytes += added;
    }

    void acknowledge(long sequence, long acknowledgedBytes, long position) {
        acknowledged = sequence;
        bytes = count() == 0 ? 0 : Math.max(0, bytes - acknowledgedBytes);
        lastAcknowledgementPosition = position;
    }

    /** Position of the newest acknowledgement's entry; negative if none in this process. */
    long lastAcknowledgementPosition() {
        return lastAcknowledgementPosition;
    }

    /** The connection at the open end, or null while the device is away. */
    Subscriber subscriber() {
        return subscriber;
    }

    /** Tells one subscription from the next, for answers that come late. */
    int subscription() {
        return subscription;
    }

    void open(Subscriber newSubscriber) {
        close();
        subscriber = newSubscriber;
        isOut = false;
        cursor = acknowledged + 1;
        isBacklogSaid = false;
        isBacklogDelivered = false;
        backlogCount = count();
        backlogBytes = bytes;
        backlogEnd = end() - 1;
    }

    void close() {
        subscriber = null;
        subscription++;
        inFlight.clear();
        fetched = null;
        isFetching = false;
    }

    /** The device is removed or logged out. */
    void shut() {
        close();
        isOut = true;
    }

    /** Whether the device is removed or logged out: nothing goes in or out, until it opens its mailbox again. From any thread. */
    public boolean isOut() {
        return isOut;
    }

    /** The next sequence for the subscriber. */
    long cursor() {
        return cursor;
    }

    void handedOut(long sequence, int length) {
        cursor = sequence + 1;
        inFlight.add(sequence, length);
    }

    boolean isWindowOpen(MailboxLimits limits) {
        return inFlight.count() < limits.windowEnvelopes() && inFlight.bytes() < limits.windowBytes();
    }

    boolean isFetching() {
        return isFetching;
    }

    void fetching(boolean now) {
        isFetching = now;
    }

    boolean isBacklogSaid() {
        return isBacklogSaid;
    }

    /** Says what waited at subscription, the first time it is called. */
    void sayBacklog(long oldestAtMillis) {
        if (!isBacklogSaid) {
            isBacklogSaid = true;
            subscriber.backlog(backlogCount, backlogBytes, oldestAtMillis);
        }
    }

    /** Says once that all that waited at subscription is gone. */
    void sayBacklogDelivered(long durablyAcknowledged) {
        if (isBacklogSaid && !isBacklogDelivered && durablyAcknowledged >= backlogEnd) {
            isBacklogDelivered = true;
            subscriber.backlogDelivered();
        }
    }
}
