package dev.quintet.relay.link;

import dev.quintet.protocol.DeviceList;
import dev.quintet.relay.account.Account;
import dev.quintet.relay.account.AccountChapter;
import dev.quintet.relay.account.Correspondents;
import dev.quintet.relay.account.Home;
import dev.quintet.relay.account.Prekeys;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.journal.LogOutReason;
import dev.quintet.relay.journal.LoggedOutEntry;
import dev.quintet.relay.journal.LoggedOutEntry.LogOut;
import dev.quintet.relay.journal.Partitions;
import dev.quintet.relay.mailbox.Mailboxes;
import dev.quintet.relay.mailbox.Subscriber;
import dev.quintet.relay.store.Resident;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Logs devices out that are still on the list which their primary has signed: one entry, from which on they take no part.
 * What they leave behind is sealed or ended.
 *
 * <p><b>Thread:</b> the account's home loop, all methods. <b>Failure:</b> an entry that the journal refuses changes
 * nothing.
 */
public final class LogOuts {
    private final Home home;
    private final AccountChapter accounts;
    private final Mailboxes mailboxes;
    private final Prekeys prekeys;
    private final Correspondents correspondents;
    private final Journal journal;
    private final Map<LogOutReason, Counter> counted = new EnumMap<>(LogOutReason.class);

    /** The log-outs of one home loop. */
    public LogOuts(
            Home home,
            AccountChapter accounts,
            Mailboxes mailboxes,
            Prekeys prekeys,
            Correspondents correspondents,
            Journal journal,
            MeterRegistry meters) {
        this.home = home;
        this.accounts = accounts;
        this.mailboxes = mailboxes;
        this.prekeys = prekeys;
        this.correspondents = correspondents;
        this.journal = journal;
        for (LogOutReason reason : LogOutReason.values()) {
            counted.put(reason, counter(reason, meters));
        }
    }

    private static Counter counter(LogOutReason reason, MeterRegistry meters) {
        return Counter.builder("quintet.devices.logged.out")
                .tag("reason", reason.label())
                .description("Companions that were logged out")
                .register(meters);
    }

    /**
     * Logs out companions of the account's list. Their connections are told once that is durable, and so are those of the
     * devices that stay and of those that have lately written to them.
     *
     * @param devices their numbers, rising
     * @param logOut if it is not sealed, their mailboxes and keys end in the same entry
     * @return the entry's position, or the journal's refusal
     */
    public long logOut(Resident resident, List<Integer> devices, LogOut logOut) {
        Account account = resident.part(accounts);
        long position = append(account.list(), devices, logOut);
        if (position < 0) {
            return position;
        }
        account.logOut(devices, logOut, position);
        home.residents().changed(resident, position);
        counted.get(logOut.reason()).increment(devices.size());
        List<Subscriber> cut = devices.stream()
                .map(device -> cut(resident, device, logOut))
                .filter(Objects::nonNull)
                .toList();
        DeviceList after = account.list();
        home.afterDurable().after(position, () -> {
            cut.forEach(subscriber -> subscriber.loggedOut(logOut.reason()));
            mailboxes.subscribers(resident).forEach(subscriber -> subscriber.othersLoggedOut(after));
            correspondents.tell(resident, after);
        });
        return position;
    }

    private Subscriber cut(Resident resident, int device, LogOut logOut) {
        if (logOut.isSealed()) {
            return mailboxes.seal(resident, device);
        }
        prekeys.end(resident, device);
        return mailboxes.end(resident, device);
    }

    /** Ends what a log-out had left sealed: the device cannot come back to it any more. */
    void unseal(Resident resident, int device, LogOut sealed) {
        Account account = resident.part(accounts);
        LogOut ended = new LogOut(sealed.reason(), sealed.atMillis(), false);
        long position = append(account.list(), List.of(device), ended);
        if (position >= 0) {
            account.logOut(List.of(device), ended, position);
            home.residents().changed(resident, position);
            cut(resident, device, ended);
        }
    }

    private long append(DeviceList list, List<Integer> devices, LogOut logOut) {
        ByteBuf entry = ByteBufAllocator.DEFAULT.directBuffer();
        try {
            LoggedOutEntry.write(entry, list.account(), list.version(), logOut, devices);
            return journal.append(Partitions.of(list.account()), EntryType.LOGGED_OUT, entry);
        } finally {
            entry.release();
        }
    }
}
