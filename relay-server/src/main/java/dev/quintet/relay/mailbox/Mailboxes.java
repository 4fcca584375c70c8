package dev.quintet.relay.mailbox;

import dev.quintet.protocol.EnvelopeHeader;
import dev.quintet.protocol.wire.GapReason;
import dev.quintet.relay.journal.AfterDurable;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.journal.Partitions;
import dev.quintet.relay.store.Resident;
import dev.quintet.relay.store.Residents;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What can be done with the mailboxes of one home loop: put in, hand out, acknowledge, expire.
 *
 * <p>An item goes out once its journal entry is durable, while the subscriber's window is open and its socket takes it;
 * from memory if the hot tier still has it, else from the image or the journal, by a page that is read aside.
 *
 * <p><b>Thread:</b> the home loop. <b>Memory:</b> tails, trimmed as the image advances; windows; pages.
 * <b>Limits:</b> {@link MailboxLimits}. <b>Failure:</b> none of its own.
 */
public final class Mailboxes {
    private final MailboxChapter chapter;
    private final MailboxLimits limits;
    private final Residents residents;
    private final Journal journal;
    private final AfterDurable afterDurable;
    private final HotTier hotTier;
    private final Fetcher fetcher;
    private final InstantSource clock;
    private final Set<Mailbox> withTail = new LinkedHashSet<>();
    private final Counter delivered;
    private final Counter acknowledged;
    private final Counter expired;
    private final Counter gaps;

    /** The mailboxes of one home loop, on the rooms below. */
    public Mailboxes(MailboxChapter chapter, MailboxLimits limits, Ground ground) {
        this.chapter = chapter;
        this.limits = limits;
        this.residents = ground.residents();
        this.journal = ground.journal();
        this.afterDurable = ground.afterDurable();
        this.hotTier = ground.hotTier();
        this.fetcher = new Fetcher(ground.rows(), ground.journal(), ground.readers(), ground.home(), ground.failure());
        this.clock = ground.clock();
        MeterRegistry meters = ground.meters();
        this.delivered = meters.counter("quintet.envelopes.delivered");
        this.acknowledged = meters.counter("quintet.envelopes.acknowledged");
        this.expired = meters.counter("quintet.envelopes.expired");
        this.gaps = meters.counter("quintet.gaps.delivered");
    }

    /** The mailbox of a device of {@code resident}; made if there is none yet. */
    public Mailbox mailbox(Resident resident, int device) {
        AccountMailboxes mailboxes = resident.part(chapter);
        if (mailboxes == null) {
            mailboxes = new AccountMailboxes(resident.account());
            resident.setPart(chapter, mailboxes);
        }
        return mailboxes.findOrAdd(device);
    }

    /** The connected devices of {@code resident}. */
    public List<Subscriber> subscribers(Resident resident) {
        AccountMailboxes mailboxes = resident.part(chapter);
        return mailboxes == null ? List.of() : mailboxes.subscribers();
    }

    // Putting in

    /** Whether an envelope of {@code length} bytes still has room. */
    public boolean admits(Mailbox mailbox, int length) {
        return mailbox.admits(length, limits);
    }

    /** The sequence that an admitted envelope gets. */
    public long nextSequence(Mailbox mailbox) {
        return mailbox.end();
    }

    /** The sequence of the gap that a refused envelope falls into: the newest one's while nothing came after it. */
    public long gapSequence(Mailbox mailbox) {
        return isOpenGap(mailbox) ? mailbox.end() - 1 : mailbox.end();
    }

    private static boolean isOpenGap(Mailbox mailbox) {
        Tail tail = mailbox.tail();
        long newest = tail.end() - 1;
        return !tail.isEmpty()
                && tail.kind(newest) == GapReason.MAILBOX_FULL_VALUE
                && (mailbox.subscriber() == null || newest >= mailbox.cursor());
    }

    /** Keeps the entry at {@code position} in memory for {@code holders} mailboxes; takes over {@code entry}. */
    public HotEntry hold(long position, EnvelopeHeader header, ByteBuf entry, int holders) {
        return hotTier.put(position, header, entry, holders);
    }

    /** Puts an admitted envelope in; nothing leaves before {@code position} is durable and {@link #pump} is called. */
    public void add(Mailbox mailbox, long position, int offset, int length, long expiresAtMillis, HotEntry hot) {
        mailbox.tail().add(position, offset, length, expiresAtMillis, hot);
        mailbox.addBytes(length);
        withTail.add(mailbox);
    }

    /** Notes a refused envelope, in the gap that {@link #gapSequence} named. */
    public void addRefused(Mailbox mailbox, long position) {
        Tail tail = mailbox.tail();
        if (isOpenGap(mailbox)) {
            tail.widenGap(tail.end() - 1, position);
        } else {
            tail.addGap(position, (byte) GapReason.MAILBOX_FULL_VALUE, 1);
        }
        withTail.add(mailbox);
    }

    /** Hands an ephemeral envelope to the subscriber, if there is one that can take it now. */
    public void deliverNow(Mailbox mailbox, EnvelopeHeader header, ByteBuf bytes, int index, int length) {
        Subscriber subscriber = mailbox.subscriber();
        if (subscriber != null && subscriber.isWritable()) {
            subscriber.deliver(0, 0, header, bytes, index, length);
            subscriber.flush();
        }
    }

    // Handing out

    /** Opens the mailbox towards {@code subscriber}; one that was there before is displaced. */
    public void subscribe(Resident resident, Mailbox mailbox, Subscriber subscriber) {
        Subscriber before = mailbox.subscriber();
        mailbox.open(resident, subscriber);
        if (before == null) {
            residents.pin(resident);
        } else {
            before.displaced();
        }
        if (mailbox.count() == 0) {
            mailbox.sayBacklog(0);
            afterDurable.after(mailbox.lastAcknowledgementPosition(), () -> saidBacklogDelivered(mailbox, subscriber));
        }
        pump(mailbox);
    }

    private static void saidBacklogDelivered(Mailbox mailbox, Subscriber subscriber) {
        if (mailbox.subscriber() == subscriber) {
            mailbox.sayBacklogDelivered(mailbox.acknowledged());
            subscriber.flush();
        }
    }

    /** The subscriber has gone; without effect if it was displaced before. */
    public void unsubscribe(Resident resident, Mailbox mailbox, Subscriber subscriber) {
        if (mailbox.subscriber() == subscriber) {
            mailbox.close();
            residents.unpin(resident);
        }
    }

    /** Hands out what may leave now. */
    public void pump(Mailbox mailbox) {
        Subscriber subscriber = mailbox.subscriber();
        if (subscriber == null) {
            return;
        }
        boolean isMoved = false;
        while (mailbox.isWindowOpen(limits) && subscriber.isWritable() && handOutNext(mailbox, subscriber)) {
            isMoved = true;
        }
        if (isMoved) {
            subscriber.flush();
        }
    }

    private boolean handOutNext(Mailbox mailbox, Subscriber subscriber) {
        if (!mailbox.fetched().isEmpty()) {
            return handOutFetched(mailbox, subscriber);
        }
        long cursor = mailbox.cursor();
        if (cursor == mailbox.end() || mailbox.isFetching()) {
            return false;
        }
        return cursor < mailbox.tail().first()
                ? fetchFromImage(mailbox, cursor)
                : handOutFromTail(mailbox, subscriber, cursor);
    }

    private boolean handOutFromTail(Mailbox mailbox, Subscriber subscriber, long sequence) {
        Tail tail = mailbox.tail();
        if (tail.position(sequence) >= journal.durablePosition()) {
            return false;
        }
        byte kind = tail.kind(sequence);
        if (kind != Tail.ENVELOPE) {
            handOutGap(mailbox, subscriber, sequence, tail.gapCount(sequence), GapReason.forNumber(kind));
            return true;
        }
        if (tail.expiresAtMillis(sequence) <= clock.millis()) {
            return expireTail(mailbox, sequence);
        }
        HotEntry hot = tail.hot(sequence);
        ByteBuf entry = hotTier.bytes(hot);
        if (entry == null) {
            return fetchFromJournal(mailbox, sequence);
        }
        int length = tail.length(sequence);
        handOut(mailbox, sequence, hot.header().acceptedAtMillis(), length);
        subscriber.deliver(sequence, sequence - 1, hot.header(), entry, tail.offset(sequence), length);
        return true;
    }

    private boolean handOutFetched(Mailbox mailbox, Subscriber subscriber) {
        Fetched item = mailbox.fetched().peek();
        if (item.isGap()) {
            if (item.position() >= journal.durablePosition()) {
                return false;
            }
            handOutGap(mailbox, subscriber, item.sequence(), item.gapCount(), item.gapReason());
        } else {
            ByteBuf entry = EnvelopeRow.entry(item.row());
            if (SubmissionEntry.expiresAtMillis(entry) <= clock.millis()) {
                return expireFetched(mailbox);
            }
            EnvelopeHeader header = SubmissionEntry.header(entry);
            int length = EnvelopeRow.ciphertextLength(item.row());
            handOut(mailbox, item.sequence(), header.acceptedAtMillis(), length);
            subscriber.deliver(item.sequence(), item.sequence() - 1, header, entry, SubmissionEntry.HEAD_BYTES, length);
        }
        mailbox.fetched().remove();
        return true;
    }

    private void handOut(Mailbox mailbox, long sequence, long acceptedAtMillis, int length) {
        mailbox.sayBacklog(acceptedAtMillis);
        mailbox.handedOut(sequence, length);
        delivered.increment();
    }

    private void handOutGap(Mailbox mailbox, Subscriber subscriber, long sequence, long count, GapReason reason) {
        mailbox.sayBacklog(0);
        subscriber.gap(sequence, mailbox.cursor() - 1, count, reason);
        mailbox.handedOut(sequence, 0);
        gaps.increment();
    }

    // Reading back

    private boolean fetchFromImage(Mailbox mailbox, long from) {
        int subscription = mailbox.subscription();
        mailbox.fetching(true);
        fetcher.fetchFromImage(
                mailbox.account(),
                mailbox.device(),
                from,
                mailbox.tail().first(),
                page -> fetched(mailbox, subscription, page));
        return false;
    }

    private boolean fetchFromJournal(Mailbox mailbox, long from) {
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
        int subscription = mailbox.subscription();
        mailbox.fetching(true);
        fetcher.fetchFromJournal(
                mailbox.account(), mailbox.device(), wanted, page -> fetched(mailbox, subscription, page));
        return false;
    }

    private boolean isCold(Tail tail, long sequence) {
        HotEntry hot = tail.hot(sequence);
        return tail.kind(sequence) == Tail.ENVELOPE
                && tail.position(sequence) < journal.durablePosition()
                && (hot == null || hot.bytes() == null);
    }

    private void fetched(Mailbox mailbox, int subscription, List<Fetched> page) {
        if (mailbox.subscription() == subscription) {
            mailbox.fetching(false);
            mailbox.fetched().addAll(page);
            pump(mailbox);
        }
    }

    // Acknowledging

    /** Whether {@code sequence} was handed to the subscriber that is there now. */
    public boolean isHandedOut(Mailbox mailbox, long sequence) {
        return sequence >= 0 && sequence < mailbox.cursor();
    }

    /** Whether the subscriber has something that it has not acknowledged. */
    public boolean hasUnacknowledged(Mailbox mailbox) {
        return mailbox.inFlight().count() > 0;
    }

    /**
     * The device has taken over everything up to {@code sequence}; {@code subscriber} hears of it, as the answer to
     * {@code requestId}, once it is durable.
     */
    public Acknowledgement acknowledge(
            Resident resident, Mailbox mailbox, Subscriber subscriber, long sequence, long requestId) {
        if (mailbox.subscriber() != subscriber || sequence >= mailbox.cursor() || sequence < 0) {
            return Acknowledgement.NOT_DELIVERED;
        }
        if (sequence > mailbox.acknowledged() && !journalAcknowledgement(resident, mailbox, sequence)) {
            return Acknowledgement.OVERLOADED;
        }
        afterDurable.after(
                mailbox.lastAcknowledgementPosition(),
                () -> tellAcknowledged(mailbox, subscriber, sequence, requestId));
        pump(mailbox);
        return Acknowledgement.TAKEN;
    }

    private boolean journalAcknowledgement(Resident resident, Mailbox mailbox, long sequence) {
        long bytes = mailbox.inFlight().bytesUpTo(sequence);
        ByteBuf entry = ByteBufAllocator.DEFAULT.directBuffer(AcknowledgementEntry.BYTES);
        try {
            AcknowledgementEntry.write(entry, mailbox.account(), mailbox.device(), sequence, bytes);
            long position = journal.append(Partitions.of(mailbox.account()), EntryType.ACKNOWLEDGEMENT, entry);
            if (position < 0) {
                return false;
            }
            residents.changed(resident, position);
            acknowledged.increment(sequence - mailbox.acknowledged());
            mailbox.inFlight().removeUpTo(sequence);
            mailbox.acknowledge(sequence, bytes, position);
            forget(mailbox, sequence);
            return true;
        } finally {
            entry.release();
        }
    }

    private void forget(Mailbox mailbox, long sequence) {
        Tail tail = mailbox.tail();
        while (!tail.isEmpty() && tail.first() <= sequence) {
            forgetFirst(tail);
        }
        if (tail.isEmpty()) {
            withTail.remove(mailbox);
        }
    }

    private void forgetFirst(Tail tail) {
        HotEntry hot = tail.hot(tail.first());
        if (hot != null) {
            hotTier.letGo(hot);
        }
        tail.removeFirst();
    }

    private static void tellAcknowledged(Mailbox mailbox, Subscriber subscriber, long sequence, long requestId) {
        if (mailbox.subscriber() == subscriber) {
            subscriber.acknowledged(sequence, requestId);
            mailbox.sayBacklogDelivered(sequence);
            subscriber.flush();
        }
    }

    // Expiring

    private boolean expireTail(Mailbox mailbox, long from) {
        Tail tail = mailbox.tail();
        long now = clock.millis();
        long[] sequences = new long[ExpiryEntry.MAX_SEQUENCES];
        int count = 0;
        long bytes = 0;
        for (long sequence = from; sequence < tail.end() && count < sequences.length; sequence++) {
            if (tail.kind(sequence) == Tail.ENVELOPE && tail.expiresAtMillis(sequence) <= now) {
                sequences[count++] = sequence;
                bytes += tail.length(sequence);
            }
        }
        long position = journalExpiry(mailbox, sequences, count, bytes);
        for (int index = 0; index < count && position >= 0; index++) {
            HotEntry hot = tail.hot(sequences[index]);
            if (hot != null) {
                hotTier.letGo(hot);
            }
            tail.turnIntoGap(sequences[index], position, (byte) GapReason.EXPIRED_VALUE);
        }
        return false;
    }

    private boolean expireFetched(Mailbox mailbox) {
        long now = clock.millis();
        long[] sequences = new long[mailbox.fetched().size()];
        int count = 0;
        long bytes = 0;
        for (Fetched item : mailbox.fetched()) {
            if (isExpired(item, now)) {
                sequences[count++] = item.sequence();
                bytes += EnvelopeRow.ciphertextLength(item.row());
            }
        }
        long position = journalExpiry(mailbox, sequences, count, bytes);
        if (position >= 0) {
            List<Fetched> page = new ArrayList<>(mailbox.fetched());
            page.replaceAll(
                    item -> isExpired(item, now) ? Fetched.gap(item.sequence(), position, 1, GapReason.EXPIRED) : item);
            mailbox.fetched().clear();
            mailbox.fetched().addAll(page);
        }
        return false;
    }

    private static boolean isExpired(Fetched item, long now) {
        return !item.isGap() && SubmissionEntry.expiresAtMillis(EnvelopeRow.entry(item.row())) <= now;
    }

    private long journalExpiry(Mailbox mailbox, long[] sequences, int count, long bytes) {
        ByteBuf entry = ByteBufAllocator.DEFAULT.directBuffer(ExpiryEntry.HEAD_BYTES + count * Long.BYTES);
        try {
            ExpiryEntry.writeHead(entry, mailbox.account(), mailbox.device());
            for (int index = 0; index < count; index++) {
                entry.writeLong(sequences[index]);
            }
            long position = journal.append(Partitions.of(mailbox.account()), EntryType.EXPIRY, entry);
            if (position >= 0) {
                residents.changed(mailbox.resident(), position);
                mailbox.addBytes(-bytes);
                expired.increment(count);
                afterDurable.after(position, () -> pump(mailbox));
            }
            return position;
        } finally {
            entry.release();
        }
    }

    // Ending

    /**
     * The device is out: nothing goes in or out any more, and its items are forgotten.
     *
     * @return the subscriber that was there, to be told once that is durable; or null
     */
    public Subscriber end(Resident resident, int device) {
        AccountMailboxes mailboxes = resident.part(chapter);
        Mailbox mailbox = mailboxes == null ? null : mailboxes.find(device);
        if (mailbox == null) {
            return null;
        }
        Subscriber subscriber = mailbox.subscriber();
        mailbox.retire();
        if (subscriber != null) {
            residents.unpin(resident);
        }
        forget(mailbox, Long.MAX_VALUE);
        mailboxes.remove(mailbox);
        return subscriber;
    }

    // Trimming

    /** The image holds everything below {@code position}: what it holds need not be remembered here. */
    public void imageAdvanced(long position) {
        withTail.removeIf(mailbox -> trim(mailbox, position));
    }

    private boolean trim(Mailbox mailbox, long position) {
        Tail tail = mailbox.tail();
        while (!tail.isEmpty() && tail.position(tail.first()) < position && !isWorthKeeping(mailbox, tail)) {
            forgetFirst(tail);
        }
        return tail.isEmpty();
    }

    private static boolean isWorthKeeping(Mailbox mailbox, Tail tail) {
        HotEntry hot = tail.hot(tail.first());
        return mailbox.subscriber() != null && hot != null && hot.bytes() != null;
    }

    /** Releases what is in memory. */
    public void close() {
        hotTier.close();
    }
}
