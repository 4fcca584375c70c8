package dev.quintet.relay.link;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Handle;
import dev.quintet.relay.account.Account;
import dev.quintet.relay.account.AccountChapter;
import dev.quintet.relay.account.Handles;
import dev.quintet.relay.account.Home;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.journal.Partitions;
import dev.quintet.relay.mailbox.Mailboxes;
import dev.quintet.relay.mailbox.Subscriber;
import dev.quintet.relay.store.Resident;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.InstantSource;
import java.util.Locale;

/**
 * Devices that ask by handle to join an account of one home loop: brought before its primary, so many in an hour.
 *
 * <p>An attempt is journaled before the primary hears of it, so that the count outlives the process. Whoever asks is told
 * nothing of what becomes of it.
 *
 * <p><b>Thread:</b> the home loop. <b>Limits:</b> {@link LinkLimits#requestsPerHour}. <b>Failure:</b> none: then nothing
 * happens.
 */
public final class LinkAttempts {
    private final LinkAttemptChapter chapter;
    private final LinkLimits limits;
    private final Ground ground;

    /**
     * What the attempts of one home loop stand on.
     *
     * @param home the loop
     * @param accounts to see whether there is a place
     * @param handles of its accounts
     * @param mailboxes of its accounts, for who is connected
     * @param journal where attempts are counted
     * @param offers of the whole relay
     * @param clock for the hour
     * @param meters where to count
     */
    public record Ground(
            Home home,
            AccountChapter accounts,
            Handles handles,
            Mailboxes mailboxes,
            Journal journal,
            LinkOffers offers,
            InstantSource clock,
            MeterRegistry meters) {}

    /** The attempts of one home loop. */
    public LinkAttempts(LinkAttemptChapter chapter, LinkLimits limits, Ground ground) {
        this.chapter = chapter;
        this.limits = limits;
        this.ground = ground;
    }

    /** Lets the primary of {@code account}, if that has the handle, know of the offer of {@code newDevice}. */
    public void ask(AccountId account, Handle handle, LinkParty newDevice) {
        ground.home().residents().with(account, resident -> ask(resident, handle, newDevice));
    }

    private void ask(Resident resident, Handle handle, LinkParty newDevice) {
        Account found = resident.part(ground.accounts());
        if (found == null || !ground.handles().has(resident, handle)) {
            return;
        }
        if (found.list().devices().size() >= DeviceList.MAX_DEVICES) {
            count(Outcome.FULL);
        } else {
            long position = take(resident);
            count(position < 0 ? Outcome.LIMITED : Outcome.ASKED);
            if (position >= 0) {
                AccountId account = resident.account();
                ground.home().afterDurable().after(position, () -> bring(account, newDevice));
            }
        }
    }

    private void bring(AccountId account, LinkParty newDevice) {
        ground.offers().address(newDevice, account);
        // If the account cannot be read now, its primary is not connected, and hears of it when it is.
        ground.home()
                .residents()
                .with(
                        account,
                        resident -> ground.mailboxes().subscribers(resident).forEach(Subscriber::linkRequested));
    }

    /** Counts an attempt; answers the position of its entry, negative if there is none. */
    private long take(Resident resident) {
        long nowMillis = ground.clock().millis();
        AttemptTimes kept = resident.part(chapter);
        AttemptTimes times = kept == null ? new AttemptTimes() : kept.at(nowMillis);
        if (times.count() >= limits.requestsPerHour()) {
            return Journal.OVERLOADED;
        }
        long atMillis = times.free(nowMillis);
        long position = append(resident.account(), atMillis);
        if (position >= 0) {
            resident.setPart(chapter, times.plus(atMillis));
            ground.home().residents().changed(resident, position);
        }
        return position;
    }

    private long append(AccountId account, long atMillis) {
        ByteBuf entry = ByteBufAllocator.DEFAULT.directBuffer();
        try {
            LinkAttemptEntry.write(entry, account, atMillis);
            return ground.journal().append(Partitions.of(account), EntryType.LINK_ATTEMPT, entry);
        } finally {
            entry.release();
        }
    }

    private enum Outcome {
        ASKED,
        FULL,
        LIMITED
    }

    private void count(Outcome outcome) {
        Counter.builder("quintet.link.requests")
                .description("Devices that asked by handle to join an account, by what became of it")
                .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                .register(ground.meters())
                .increment();
    }
}
