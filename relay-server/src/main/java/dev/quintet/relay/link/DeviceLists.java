package dev.quintet.relay.link;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.SignedDeviceList;
import dev.quintet.relay.account.Account;
import dev.quintet.relay.account.AccountChapter;
import dev.quintet.relay.account.Correspondents;
import dev.quintet.relay.account.Home;
import dev.quintet.relay.account.IdentityKeys;
import dev.quintet.relay.account.LinkAlerts;
import dev.quintet.relay.account.Prekeys;
import dev.quintet.relay.account.UniqueNames.Verdict;
import dev.quintet.relay.journal.DeviceListEntry;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.journal.Partitions;
import dev.quintet.relay.mailbox.Mailboxes;
import dev.quintet.relay.mailbox.Subscriber;
import dev.quintet.relay.store.Resident;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Registers accounts and replaces their device lists. What a list removes ends in the entry that stores the list.
 *
 * <p>Signatures have been verified by the caller, off the loop: {@link DeviceList#isFrom}.
 *
 * <p><b>Thread:</b> the account's home loop, all methods; answers come there too. <b>Failure:</b> answers only.
 */
public final class DeviceLists {
    private final Home home;
    private final AccountChapter accounts;
    private final Mailboxes mailboxes;
    private final Prekeys prekeys;
    private final IdentityKeys identityKeys;
    private final Correspondents correspondents;
    private final Journal journal;
    private final InstantSource clock;

    /** The device lists of one home loop. */
    public DeviceLists(
            Home home,
            AccountChapter accounts,
            Mailboxes mailboxes,
            Prekeys prekeys,
            IdentityKeys identityKeys,
            Correspondents correspondents,
            Journal journal,
            InstantSource clock) {
        this.home = home;
        this.accounts = accounts;
        this.mailboxes = mailboxes;
        this.prekeys = prekeys;
        this.identityKeys = identityKeys;
        this.correspondents = correspondents;
        this.journal = journal;
        this.clock = clock;
    }

    /**
     * Hands the account to {@code answer}, once its list is durable, or null if there is no such account. False:
     * overloaded.
     */
    public boolean find(AccountId account, Consumer<Account> answer) {
        return home.residents().with(account, resident -> {
            Account found = account(resident);
            if (found == null) {
                answer.accept(null);
            } else {
                onceDurable(found, answer);
            }
        });
    }

    /** The list may have been replaced while this waited; then it waits for that one too. */
    private void onceDurable(Account account, Consumer<Account> answer) {
        long position = account.position();
        home.afterDurable().after(position, () -> {
            if (account.position() == position) {
                answer.accept(account);
            } else {
                onceDurable(account, answer);
            }
        });
    }

    /** The account of {@code resident}, or null if there is none. */
    public Account account(Resident resident) {
        return resident.part(accounts);
    }

    // Registering

    /** Makes the account of {@code list}; answers once it is durable. */
    public void register(DeviceList list, Consumer<ListAnswer> answer) {
        boolean isFirst = list.version() == 1
                && list.devices().size() == 1
                && list.primary().number() == 1;
        if (!isFirst) {
            String message = "a first list has version 1 and one device, number 1";
            answer.accept(ListAnswer.refused(ErrorCode.INVALID_DEVICE_LIST, message, null));
            return;
        }
        List<Ed25519Key> keys = IdentityKeys.onlyIn(list, null);
        identityKeys.claim(list.account(), keys, verdict -> {
            if (verdict == Verdict.GRANTED) {
                registerClaimed(list, keys, answer);
            } else {
                answer.accept(refusal(verdict, null));
            }
        });
    }

    private void registerClaimed(DeviceList list, List<Ed25519Key> keys, Consumer<ListAnswer> answer) {
        boolean isTaken = home.residents().with(list.account(), resident -> register(resident, list, keys, answer));
        if (!isTaken) {
            identityKeys.withdraw(keys);
            answer.accept(overloaded(null));
        }
    }

    private void register(Resident resident, DeviceList list, List<Ed25519Key> keys, Consumer<ListAnswer> answer) {
        Account account = resident.part(accounts);
        if (account != null) {
            identityKeys.withdraw(keys);
            refuse(account, ListAnswer.refused(ErrorCode.LIST_CONFLICT, "the account exists", account.list()), answer);
            return;
        }
        long nowMillis = clock.millis();
        long position = append(list, nowMillis, List.of(), LinkAlerts.NONE);
        if (position < 0) {
            identityKeys.withdraw(keys);
            answer.accept(refusal(position, null));
            return;
        }
        resident.setPart(accounts, new Account(list, position, nowMillis));
        home.residents().changed(resident, position);
        identityKeys.journaled(list.account(), keys, position);
        home.afterDurable().after(position, () -> answer.accept(ListAnswer.stored(list)));
    }

    // Replacing

    /** Whether {@code device} may put a list, or this one at least: it is the primary, or repeats the newest. */
    public boolean mayPut(Resident resident, int device, SignedDeviceList signed) {
        DeviceList current = account(resident).list();
        return current.primary().number() == device || isRepetition(current, signed);
    }

    /** Refuses a list that its device may not put. */
    public void forbid(Resident resident, Consumer<ListAnswer> answer) {
        Account account = account(resident);
        refuse(account, forbidden(account.list()), answer);
    }

    /**
     * Replaces the account's list by {@code next}, which {@code device} has put; answers once it is durable.
     *
     * @param asked who has a link offer that this device has claimed; if somebody has, nobody else is added
     */
    public void put(Resident resident, int device, DeviceList next, List<Asking> asked, Consumer<ListAnswer> answer) {
        Put put = new Put(resident, device, next, asked, mailboxes.subscriber(resident, device), answer);
        Account account = resident.part(accounts);
        ListAnswer refusal = check(account, put);
        if (refusal != null) {
            refuse(account, refusal, answer);
        } else if (isRepetition(account.list(), next.signed())) {
            home.afterDurable().after(account.position(), () -> answer.accept(ListAnswer.stored(next)));
        } else {
            claim(put);
        }
    }

    /** A list on its way; {@code putter} is the connection that it came from. */
    private record Put(
            Resident resident,
            int device,
            DeviceList next,
            List<Asking> asked,
            Subscriber putter,
            Consumer<ListAnswer> answer) {}

    /** Claims the identity keys that are new in the list; meanwhile the account stays in memory. */
    private void claim(Put put) {
        Account account = put.resident.part(accounts);
        List<Ed25519Key> keys = IdentityKeys.onlyIn(put.next, account.list());
        home.residents().pin(put.resident);
        identityKeys.claim(put.next.account(), keys, verdict -> {
            if (verdict == Verdict.GRANTED) {
                putClaimed(put, keys);
            } else {
                refuse(account, refusal(verdict, account.list()), put.answer);
            }
            home.residents().unpin(put.resident);
        });
    }

    /** Another list may have been put while the keys were claimed. */
    private void putClaimed(Put put, List<Ed25519Key> keys) {
        Account account = put.resident.part(accounts);
        ListAnswer refusal = check(account, put);
        if (refusal == null) {
            long position = replace(put, keys);
            refusal = position < 0 ? refusal(position, account.list()) : null;
        }
        if (refusal != null) {
            identityKeys.withdraw(keys);
            refuse(account, refusal, put.answer);
        }
    }

    private long replace(Put put, List<Ed25519Key> keys) {
        Resident resident = put.resident;
        DeviceList next = put.next;
        Account account = resident.part(accounts);
        DeviceList current = account.list();
        List<Integer> removed = removed(current, next);
        long nowMillis = clock.millis();
        LinkAlerts alerts = Newcomers.of(current, next, put.asked).alerts(nowMillis);
        long position = append(next, nowMillis, removed, alerts);
        if (position < 0) {
            return position;
        }
        account.replaceList(next, position, nowMillis, alerts);
        home.residents().changed(resident, position);
        identityKeys.journaled(next.account(), IdentityKeys.onlyIn(current, next), position);
        identityKeys.journaled(next.account(), keys, position);
        List<Subscriber> ended = new ArrayList<>();
        removed.forEach(number -> ended.add(mailboxes.end(resident, number)));
        removed.forEach(number -> prekeys.end(resident, number));
        home.afterDurable().after(position, () -> {
            ended.stream().filter(Objects::nonNull).forEach(Subscriber::removed);
            mailboxes.subscribers(resident).forEach(subscriber -> tell(subscriber, subscriber == put.putter, next));
            correspondents.tell(resident, next);
            put.answer.accept(ListAnswer.stored(next));
        });
        return position;
    }

    private static void tell(Subscriber subscriber, boolean hasPut, DeviceList next) {
        if (hasPut) {
            subscriber.deviceListPut(next);
        } else {
            subscriber.deviceListChanged(next);
        }
    }

    /** The list that holds now goes out with the answer, so it has to be durable. */
    private void refuse(Account account, ListAnswer refusal, Consumer<ListAnswer> answer) {
        home.afterDurable().after(account.position(), () -> answer.accept(refusal));
    }

    private static ListAnswer check(Account account, Put put) {
        DeviceList current = account.list();
        DeviceList next = put.next;
        if (isRepetition(current, next.signed())) {
            return null;
        }
        if (current.primary().number() != put.device) {
            return forbidden(current);
        }
        if (next.version() != current.version() + 1) {
            String message = "the current version is " + current.version();
            return ListAnswer.refused(ErrorCode.LIST_CONFLICT, message, current);
        }
        try {
            current.checkSuccessor(next, account.highestDevice());
        } catch (ProtocolException broken) {
            return ListAnswer.refused(broken.code(), broken.getMessage(), current);
        }
        if (Newcomers.of(current, next, put.asked).isUnasked()) {
            String message = "a new device has another identity key than the one that asks";
            return ListAnswer.refused(ErrorCode.INVALID_DEVICE_LIST, message, current);
        }
        return checkLoggedOut(account, next);
    }

    /** A device that was logged out is left out of the next list, or was linked again while its mailbox is still there. */
    private static ListAnswer checkLoggedOut(Account account, DeviceList next) {
        DeviceList current = account.list();
        for (int number : current.loggedOut()) {
            MemberDevice device = next.listed(number);
            if (device == null) {
                continue;
            }
            boolean isLinkedAgain =
                    device.linkedAtMillis() > current.listed(number).linkedAtMillis();
            if (!isLinkedAgain || !account.logOut(number).isSealed()) {
                String message = "device " + number + " was logged out: "
                        + (isLinkedAgain ? "its mailbox has ended, leave it out" : "link it again or leave it out");
                return ListAnswer.refused(ErrorCode.INVALID_DEVICE_LIST, message, current);
            }
        }
        return null;
    }

    private static boolean isRepetition(DeviceList current, SignedDeviceList next) {
        return current.withLoggedOut(List.of())
                .signed()
                .equals(next.toBuilder().clearLoggedOut().build());
    }

    private static ListAnswer forbidden(DeviceList current) {
        return ListAnswer.refused(ErrorCode.FORBIDDEN, "only the primary may change the list", current);
    }

    private static List<Integer> removed(DeviceList current, DeviceList next) {
        return current.listed().stream()
                .map(MemberDevice::number)
                .filter(number -> next.listed(number) == null)
                .toList();
    }

    private long append(DeviceList list, long nowMillis, List<Integer> removed, LinkAlerts alerts) {
        ByteBuf entry = ByteBufAllocator.DEFAULT.directBuffer();
        try {
            DeviceListEntry.write(
                    entry,
                    list.account(),
                    nowMillis,
                    removed,
                    alerts.toBytes(),
                    list.signed().toByteArray());
            return journal.append(Partitions.of(list.account()), EntryType.DEVICE_LIST, entry);
        } finally {
            entry.release();
        }
    }

    private static ListAnswer refusal(long position, DeviceList current) {
        return position == Journal.NO_SPACE
                ? ListAnswer.refused(ErrorCode.STORAGE_UNAVAILABLE, "the disk is full", current)
                : overloaded(current);
    }

    private static ListAnswer refusal(Verdict verdict, DeviceList current) {
        return verdict == Verdict.TAKEN
                ? ListAnswer.refused(
                        ErrorCode.IDENTITY_KEY_KNOWN, "another account has a device with this identity key", current)
                : overloaded(current);
    }

    private static ListAnswer overloaded(DeviceList current) {
        return ListAnswer.refused(ErrorCode.OVERLOADED, "the relay is busy", current);
    }
}
