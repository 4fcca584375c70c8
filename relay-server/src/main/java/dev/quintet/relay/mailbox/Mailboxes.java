package dev.quintet.relay.mailbox;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
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
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * What can be done with the mailboxes of one home loop: put in, hand out, acknowledge, expire.
 *
 * <p>{@link Outlet} does the handing out.
 *
 * <p><b>Thread:</b> the home loop, but for {@link #tellListChanged}. <b>Memory:</b> tails, trimmed as the image advances; windows.
 * <b>Limits:</b> {@link MailboxLimits}. <b>Failure:</b> none of its own.
 */
public final class Mailboxes {
    private final MailboxChapter chapter;
    private final MailboxLimits limits;
    private final Residents residents;
    private final Journal journal;
    private final AfterDurable afterDurable;
    private final Executor home;
    private final HotTier hotTier;
    private final EphemeralQueues ephemeral;
    private final Outlet outlet;
    private final List<Mailbox> withTail = new ArrayList<>();
    private final ArrayDeque<Telling> idle = new ArrayDeque<>();
    private final ByteBuf acknowledgement = Unpooled.buffer(AcknowledgementEntry.BYTES);
    private final Counter acknowledged;
    private final Counter expired;

    /** The mailboxes of one home loop, on the rooms below. */
    public Mailboxes(MailboxChapter chapter, MailboxLimits limits, Ground ground) {
        this.chapter = chapter;
        this.limits = limits;
        this.residents = ground.residents();
        this.journal = ground.journal();
        this.afterDurable = ground.afterDurable();
        this.home = ground.home();
        this.hotTier = ground.hotTier();
        MeterRegistry meters = ground.meters();
        this.ephemeral = new EphemeralQueues(ground.clock(), meters);
        this.outlet = new Outlet(limits, ephemeral, ground);
        this.acknowledged = Counter.builder("quintet.envelopes.acknowledged")
                .description("Envelopes that devices have taken over")
                .register(meters);
        this.expired = Counter.builder("quintet.envelopes.expired")
                .description("Envelopes that were not fetched in time")
                .register(meters);
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

    /** The connected device with this number, or null if it is away. */
    public Subscriber subscriber(Resident resident, int device) {
        Mailbox mailbox = find(resident, device);
        return mailbox == null ? null : mailbox.subscriber();
    }

    private Mailbox find(Resident resident, int device) {
        AccountMailboxes mailboxes = resident.part(chapter);
        return mailboxes == null ? null : mailboxes.find(device);
    }

    /** Tells a device that its last one-time prekey is gone; false if it is not connected. */
    public boolean tellKeysExhausted(Resident resident, int device) {
        Subscriber subscriber = mailbox(resident, device).subscriber();
        if (subscriber != null) {
            subscriber.keysExhausted();
        }
        return subscriber != null;
    }

    /** Tells a device, if it is connected, of another account's new list. From any thread. */
    public void tellListChanged(AccountId account, int device, DeviceList list) {
        home.execute(() -> {
            if (residents.isIn(account)) {
                residents.with(account, resident -> tellListChanged(resident, device, list));
            }
        });
    }

    private void tellListChanged(Resident resident, int device, DeviceList list) {
        Mailbox mailbox = find(resident, device);
        if (mailbox != null && mailbox.subscriber() != null) {
            mailbox.subscriber().deviceListChanged(list);
        }
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
        noteTail(mailbox);
    }

    /** Notes a refused envelope, in the gap that {@link #gapSequence} named. */
    public void addRefused(Mailbox mailbox, long position) {
        Tail tail = mailbox.tail();
        if (isOpenGap(mailbox)) {
            tail.widenGap(tail.end() - 1, position);
        } else {
            tail.addGap(position, (byte) GapReason.MAILBOX_FULL_VALUE, 1);
        }
        noteTail(mailbox);
    }

    /** The tail is to be trimmed when the image has advanced. */
    private void noteTail(Mailbox mailbox) {
        if (!mailbox.isTailNoted()) {
            mailbox.tailNoted(true);
            withTail.add(mailbox);
        }
    }

    /**
     * Hands an ephemeral envelope to the subscriber, if there is one: now, or as soon as it can take it, but not later than
     * {@code lateAtMillis}.
     *
     * @return whether the device is connected
     */
    public boolean deliverNow(Mailbox mailbox, EnvelopeHeader header, long lateAtMillis, ByteBuffer ciphertext) {
        Subscriber subscriber = mailbox.subscriber();
        if (subscriber == null) {
            return false;
        }
        if (ephemeral.canPass(mailbox)) {
            subscriber.deliver(0, 0, header, ciphertext);
            subscriber.flush();
        } else {
            ephemeral.add(mailbox, header, lateAtMillis, ciphertext);
            pump(mailbox);
        }
        return true;
    }

    // Handing out

    /** Opens the mailbox towards {@code subscriber}; one that was there before is displaced. */
    public void subscribe(Resident resident, Mailbox mailbox, Subscriber subscriber) {
        Subscriber before = mailbox.subscriber();
        ephemeral.forget(mailbox);
        mailbox.open(subscriber);
        if (before == null) {
            residents.pin(resident);
        } else {
            before.displaced();
        }
        if (mailbox.count() == 0) {
            mailbox.sayBacklog(0);
            subscriber.flush();
            afterDurable.after(mailbox.lastAcknowledgementPosition(), () -> saidBacklogDelivered(mailbox, subscriber));
        }
        pump(mailbox);
    }

    private static void saidBacklogDelivered(Mailbox mailbox, Subscriber subscriber) {
        if (mailbox.subscriber() == subscriber) {
            mailbox.sayBacklogDelivered(mailbox.acknowledged());
        }
    }

    /** The subscriber has gone; without effect if it was displaced before. */
    public void unsubscribe(Resident resident, Mailbox mailbox, Subscriber subscriber) {
        if (mailbox.subscriber() == subscriber) {
            ephemeral.forget(mailbox);
            mailbox.close();
            residents.unpin(resident);
        }
    }

    /** Hands out what may leave now. */
    public void pump(Mailbox mailbox) {
        outlet.pump(mailbox);
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
        Telling telling = idle.isEmpty() ? new Telling() : idle.removeLast();
        telling.begin(mailbox, subscriber, sequence, requestId);
        afterDurable.after(mailbox.lastAcknowledgementPosition(), telling);
        pump(mailbox);
        return Acknowledgement.TAKEN;
    }

    private boolean journalAcknowledgement(Resident resident, Mailbox mailbox, long sequence) {
        long bytes = mailbox.inFlight().bytesUpTo(sequence);
        ByteBuf entry = acknowledgement.clear();
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
    }

    private void forget(Mailbox mailbox, long sequence) {
        Tail tail = mailbox.tail();
        while (!tail.isEmpty() && tail.first() <= sequence) {
            forgetFirst(tail);
        }
    }

    private void forgetFirst(Tail tail) {
        HotEntry hot = tail.hot(tail.first());
        if (hot != null) {
            hotTier.letGo(hot);
        }
        tail.removeFirst();
    }

    /** What a subscriber hears when its acknowledgement is durable; used again for the next one. */
    private final class Telling implements Runnable {
        private Mailbox mailbox;
        private Subscriber subscriber;
        private long sequence;
        private long requestId;

        void begin(Mailbox to, Subscriber who, long acknowledged, long request) {
            mailbox = to;
            subscriber = who;
            sequence = acknowledged;
            requestId = request;
        }

        @Override
        public void run() {
            if (mailbox.subscriber() == subscriber) {
                subscriber.acknowledged(sequence, requestId);
                mailbox.sayBacklogDelivered(sequence);
            }
            mailbox = null;
            subscriber = null;
            idle.addLast(this);
        }
    }

    // Expiring

    /**
     * Turns envelopes that were found overdue into gaps on the disk. In memory nothing changes: whoever is handed an
     * overdue envelope gets a gap anyway.
     */
    public void expire(Overdue overdue) {
        if (!residents.with(overdue.account(), resident -> expire(resident, overdue))) {
            overdue.done().run();
        }
    }

    private void expire(Resident resident, Overdue overdue) {
        Mailbox mailbox = find(resident, overdue.device());
        if (mailbox != null) {
            journalExpiry(resident, mailbox, overdue);
        }
        overdue.done().run();
    }

    private void journalExpiry(Resident resident, Mailbox mailbox, Overdue overdue) {
        long[] sequences = Arrays.stream(overdue.sequences())
                .filter(sequence -> sequence > mailbox.acknowledged())
                .toArray();
        long nextMillis = Math.min(overdue.nextExpiryMillis(), mailbox.tail().earliestExpiryMillis(overdue.end()));
        ByteBuf entry = ByteBufAllocator.DEFAULT.directBuffer(ExpiryEntry.HEAD_BYTES + sequences.length * Long.BYTES);
        try {
            ExpiryEntry.write(entry, mailbox.account(), mailbox.device(), nextMillis, sequences);
            long position = journal.append(Partitions.of(mailbox.account()), EntryType.EXPIRY, entry);
            if (position >= 0) {
                residents.changed(resident, position);
                expired.increment(sequences.length);
            }
        } finally {
            entry.release();
        }
    }

    // Ending

    /**
     * The device is out, but may come back: nothing goes in or out meanwhile, and its items stay.
     *
     * @return the subscriber that was there, to be told once that is durable; or null
     */
    public Subscriber seal(Resident resident, int device) {
        Mailbox mailbox = find(resident, device);
        if (mailbox == null) {
            return null;
        }
        Subscriber subscriber = mailbox.subscriber();
        ephemeral.forget(mailbox);
        mailbox.shut();
        if (subscriber != null) {
            residents.unpin(resident);
        }
        return subscriber;
    }

    /**
     * The device is out: nothing goes in or out any more, and its items are forgotten.
     *
     * @return the subscriber that was there, to be told once that is durable; or null
     */
    public Subscriber end(Resident resident, int device) {
        Subscriber subscriber = seal(resident, device);
        Mailbox mailbox = find(resident, device);
        if (mailbox != null) {
            forget(mailbox, Long.MAX_VALUE);
            resident.part(chapter).remove(mailbox);
        }
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
        mailbox.tailNoted(!tail.isEmpty());
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
