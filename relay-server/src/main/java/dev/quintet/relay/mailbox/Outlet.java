package dev.quintet.relay.mailbox;

import dev.quintet.protocol.EnvelopeHeader;
import dev.quintet.protocol.wire.GapReason;
import dev.quintet.relay.journal.Journal;
import io.micrometer.core.instrument.Counter;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * The way out of the mailboxes of one home loop.
 *
 * <p>An item goes out once its journal entry is durable, while the subscriber's window is open and its socket takes it;
 * from memory if the hot tier still has it, else from the image or the journal, by a page that is read aside. An
 * envelope whose time is over goes out as a gap. Ephemeral ones that wait overtake all others.
 *
 * <p><b>Thread:</b> the home loop. <b>Memory:</b> pages, see {@link Fetcher}. <b>Failure:</b> none of its own; a
 * subscriber may leave in any of its methods.
 */
final class Outlet {
    private final MailboxLimits limits;
    private final Journal journal;
    private final HotTier hotTier;
    private final Fetcher fetcher;
    private final EphemeralQueues ephemeral;
    private final InstantSource clock;
    private final Counter delivered;
    private final Counter gaps;

    Outlet(MailboxLimits limits, EphemeralQueues ephemeral, Ground ground) {
        this.limits = limits;
        this.ephemeral = ephemeral;
        this.journal = ground.journal();
        this.hotTier = ground.hotTier();
        this.fetcher = new Fetcher(ground.rows(), ground.journal(), ground.readers(), ground.home(), ground.failure());
        this.clock = ground.clock();
        this.delivered = Counter.builder("quintet.envelopes.delivered")
                .description("Envelopes sent to devices")
                .register(ground.meters());
        this.gaps = Counter.builder("quintet.gaps.delivered")
                .description("Gaps told to devices")
                .register(ground.meters());
    }

    /** Hands out what may leave now. */
    void pump(Mailbox mailbox) {
        Subscriber subscriber = mailbox.subscriber();
        boolean isMoved = ephemeral.handOut(mailbox);
        while (canTake(mailbox, subscriber) && handOutNext(mailbox)) {
            isMoved = true;
        }
        // The first delivery has said the backlog, behind which they waited.
        isMoved |= ephemeral.handOut(mailbox);
        if (isMoved) {
            subscriber.flush();
        }
    }

    /** Asked anew before each item: the subscriber may have left while it took the one before. */
    private boolean canTake(Mailbox mailbox, Subscriber subscriber) {
        return subscriber != null
                && mailbox.subscriber() == subscriber
                && mailbox.isWindowOpen(limits)
                && subscriber.isWritable();
    }

    private boolean handOutNext(Mailbox mailbox) {
        Fetched item = mailbox.nextFetched();
        if (item != null) {
            handOutFetched(mailbox, item);
            return true;
        }
        long cursor = mailbox.cursor();
        if (cursor == mailbox.end() || mailbox.isFetching()) {
            return false;
        }
        if (cursor < mailbox.tail().first()) {
            fetchFromImage(mailbox, cursor);
            return false;
        }
        return handOutFromTail(mailbox, cursor);
    }

    private boolean handOutFromTail(Mailbox mailbox, long sequence) {
        Tail tail = mailbox.tail();
        if (tail.position(sequence) >= journal.durablePosition()) {
            return false;
        }
        int length = tail.length(sequence);
        byte kind = tail.kind(sequence);
        if (kind != Tail.ENVELOPE) {
            handOutGap(mailbox, sequence, length, tail.gapCount(sequence), GapReason.forNumber(kind));
            return true;
        }
        if (tail.expiresAtMillis(sequence) <= clock.millis()) {
            handOutGap(mailbox, sequence, length, 1, GapReason.EXPIRED);
            return true;
        }
        HotEntry hot = tail.hot(sequence);
        ByteBuf entry = hotTier.bytes(hot);
        if (entry == null) {
            fetchFromJournal(mailbox, sequence);
            return false;
        }
        Subscriber subscriber = handOut(mailbox, sequence, length, hot.header().acceptedAtMillis());
        // The entry's own view, which costs no object: nobody but this loop reads it.
        ByteBuffer ciphertext = entry.internalNioBuffer(tail.offset(sequence), length);
        subscriber.deliver(sequence, sequence - 1, hot.header(), ciphertext);
        delivered.increment();
        return true;
    }

    private void handOutFetched(Mailbox mailbox, Fetched item) {
        if (item.isGap()) {
            handOutGap(mailbox, item.sequence(), item.length(), item.gapCount(), item.gapReason());
            return;
        }
        ByteBuf entry = EnvelopeRow.entry(item.row());
        if (SubmissionEntry.expiresAtMillis(entry) <= clock.millis()) {
            handOutGap(mailbox, item.sequence(), item.length(), 1, GapReason.EXPIRED);
            return;
        }
        EnvelopeHeader header = SubmissionEntry.header(entry);
        Subscriber subscriber = handOut(mailbox, item.sequence(), item.length(), header.acceptedAtMillis());
        ByteBuffer ciphertext = entry.nioBuffer(SubmissionEntry.HEAD_BYTES, item.length());
        subscriber.deliver(item.sequence(), item.sequence() - 1, header, ciphertext);
        delivered.increment();
    }

    private void handOutGap(Mailbox mailbox, long sequence, int length, long count, GapReason reason) {
        long previous = mailbox.cursor() - 1;
        handOut(mailbox, sequence, length, 0).gap(sequence, previous, count, reason);
        gaps.increment();
    }

    /** The item counts as given before it is given, whatever the subscriber does with it. */
    private static Subscriber handOut(Mailbox mailbox, long sequence, int length, long acceptedAtMillis) {
        Subscriber subscriber = mailbox.subscriber();
        mailbox.sayBacklog(acceptedAtMillis);
        mailbox.handedOut(sequence, length);
        return subscriber;
    }

    // Reading back

    private void fetchFromImage(Mailbox mailbox, long from) {
        long end = mailbox.tail().first();
        fetcher.fetchFromImage(mailbox.account(), mailbox.device(), from, end, request(mailbox));
    }

    private void fetchFromJournal(Mailbox mailbox, long from) {
        Tail tail = mailbox.tail();
        List<Fetcher.Wanted> wanted = new ArrayList<>();
        int bytes = 0;
        for (long sequence = from; sequence < tail.end() && isCold(tail, sequence); sequence++) {
            int length = tail.length(sequence);
            wanted.add(new Fetcher.Wanted(sequence, tail.position(sequence), tail.offset(sequence), length));
            bytes += length;
            if (wanted.size() == Fetcher.PAGE_ITEMS || bytes >= Fetcher.PAGE_BYTES) {
                break;
            }
        }
        fetcher.fetchFromJournal(mailbox.account(), mailbox.device(), wanted, request(mailbox));
    }

    private boolean isCold(Tail tail, long sequence) {
        HotEntry hot = tail.hot(sequence);
        return tail.kind(sequence) == Tail.ENVELOPE
                && tail.position(sequence) < journal.durablePosition()
                && (hot == null || hot.bytes() == null);
    }

    /** One page at a time, for as long as this subscription lasts. */
    private Fetcher.Request request(Mailbox mailbox) {
        int subscription = mailbox.subscription();
        mailbox.fetching(true);
        return new Fetcher.Request(() -> mailbox.subscription() == subscription, page -> {
            mailbox.fetching(false);
            mailbox.fetched(page);
            pump(mailbox);
        });
    }
}
