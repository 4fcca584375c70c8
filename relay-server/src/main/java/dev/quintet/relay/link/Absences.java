package dev.quintet.relay.link;

import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.relay.account.Account;
import dev.quintet.relay.account.AccountChapter;
import dev.quintet.relay.account.ClockLimits;
import dev.quintet.relay.account.Home;
import dev.quintet.relay.account.LastSeen;
import dev.quintet.relay.journal.LogOutReason;
import dev.quintet.relay.journal.LoggedOutEntry.LogOut;
import dev.quintet.relay.mailbox.Mailboxes;
import dev.quintet.relay.store.Resident;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Who has stayed away for too long, and what follows: the primary's absence logs its companions out, a companion's
 * absence itself, and after another while what they left behind ends.
 *
 * <p>Nothing runs for accounts that sleep: {@link #look} is called before anything is done with an account, so nobody finds
 * it otherwise than the clock says.
 *
 * <p><b>Thread:</b> the account's home loop, all methods. <b>Failure:</b> what the journal refuses is tried again at the
 * next look.
 */
public final class Absences {
    private static final long DAY_MILLIS = TimeUnit.DAYS.toMillis(1);

    private final AccountChapter accounts;
    private final Mailboxes mailboxes;
    private final LastSeen lastSeen;
    private final LogOuts logOuts;
    private final InstantSource sure;
    private final long primaryAwayMillis;
    private final long companionAwayMillis;
    private final long warningMillis;
    private final long sealedMillis;

    /**
     * The absences of one home loop's accounts.
     *
     * @param sure what has surely passed; no other time logs anybody out
     */
    public Absences(
            Home home,
            AccountChapter accounts,
            Mailboxes mailboxes,
            LastSeen lastSeen,
            LogOuts logOuts,
            ClockLimits limits,
            InstantSource sure) {
        this.accounts = accounts;
        this.mailboxes = mailboxes;
        this.lastSeen = lastSeen;
        this.logOuts = logOuts;
        this.sure = sure;
        primaryAwayMillis = TimeUnit.SECONDS.toMillis(limits.primaryAwaySeconds());
        companionAwayMillis = TimeUnit.SECONDS.toMillis(limits.companionAwaySeconds());
        warningMillis = TimeUnit.SECONDS.toMillis(limits.warningSeconds());
        sealedMillis = TimeUnit.SECONDS.toMillis(limits.sealedMailboxSeconds());
        home.residents().beforeEachUse(this::look);
    }

    /** The device, which takes part, is connected. */
    public void seen(Resident resident, int device) {
        lastSeen.seen(resident, account(resident), device);
        look(resident);
    }

    /** Does what is due. */
    public void look(Resident resident) {
        Account account = account(resident);
        if (account == null || account.list().listed().size() == 1) {
            return;
        }
        long nowMillis = sure.millis();
        if (nowMillis >= account.quietUntilMillis()) {
            lookClosely(resident, account, nowMillis);
        }
    }

    private void lookClosely(Resident resident, Account account, long nowMillis) {
        if (overdueAtMillis(account) <= nowMillis) {
            noteConnected(resident, account);
            logOutOverdue(resident, account, nowMillis);
        }
        for (int device : account.list().loggedOut()) {
            LogOut logOut = account.logOut(device);
            if (logOut.isSealed() && logOut.atMillis() + sealedMillis <= nowMillis) {
                logOuts.unseal(resident, device, logOut);
            }
        }
        account.quietUntil(Math.min(overdueAtMillis(account), unsealAtMillis(account)));
    }

    /** When the first device will have been away for too long, unless it is seen before. */
    private long overdueAtMillis(Account account) {
        DeviceList list = account.list();
        if (list.devices().size() == 1) {
            return Long.MAX_VALUE;
        }
        return list.devices().stream()
                .mapToLong(device -> account.seenMillis(device.number())
                        + (device.isPrimary() ? primaryAwayMillis : companionAwayMillis))
                .min()
                .orElse(Long.MAX_VALUE);
    }

    private long unsealAtMillis(Account account) {
        return account.list().loggedOut().stream()
                .map(account::logOut)
                .filter(LogOut::isSealed)
                .mapToLong(logOut -> logOut.atMillis() + sealedMillis)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /** Whoever is connected is here, though it may have been noted a while ago. */
    private void noteConnected(Resident resident, Account account) {
        for (MemberDevice device : account.list().devices()) {
            if (mailboxes.subscriber(resident, device.number()) != null) {
                lastSeen.seen(resident, account, device.number());
            }
        }
    }

    private void logOutOverdue(Resident resident, Account account, long nowMillis) {
        int primary = account.list().primary().number();
        boolean isPrimaryAway = account.seenMillis(primary) + primaryAwayMillis <= nowMillis;
        List<Integer> overdue = account.list().devices().stream()
                .map(MemberDevice::number)
                .filter(number -> number != primary)
                .filter(number -> isPrimaryAway || account.seenMillis(number) + companionAwayMillis <= nowMillis)
                .toList();
        if (!overdue.isEmpty()) {
            LogOutReason reason = isPrimaryAway ? LogOutReason.PRIMARY_INACTIVE : LogOutReason.DEVICE_INACTIVE;
            logOuts.logOut(resident, overdue, new LogOut(reason, nowMillis, sealedMillis > 0));
        }
    }

    /**
     * Days until the companions are logged out because of the primary's absence, the last one begun included; 0 while
     * there is no need to warn.
     */
    public int daysLeft(Resident resident) {
        Account account = account(resident);
        if (account.list().devices().size() == 1) {
            return 0;
        }
        long dueMillis = account.seenMillis(account.list().primary().number()) + primaryAwayMillis;
        long leftMillis = Math.max(1, dueMillis - sure.millis());
        return leftMillis > warningMillis ? 0 : (int) ((leftMillis + DAY_MILLIS - 1) / DAY_MILLIS);
    }

    private Account account(Resident resident) {
        return resident.part(accounts);
    }
}
