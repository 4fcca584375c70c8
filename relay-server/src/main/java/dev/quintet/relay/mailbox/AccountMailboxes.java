package dev.quintet.relay.mailbox;

import dev.quintet.protocol.AccountId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The mailboxes of one account's devices. A device has none until something is put into it or its device subscribes.
 *
 * <p><b>Thread:</b> the account's home loop.
 */
public final class AccountMailboxes {
    private final AccountId account;
    private final List<Mailbox> mailboxes = new ArrayList<>(5);

    AccountMailboxes(AccountId account) {
        this.account = account;
    }

    boolean isEmpty() {
        return mailboxes.isEmpty();
    }

    boolean add(Mailbox mailbox) {
        return mailboxes.add(mailbox);
    }

    /** The mailbox of {@code device}, or null if it has none yet. */
    Mailbox find(int device) {
        for (Mailbox mailbox : mailboxes) {
            if (mailbox.device() == device) {
                return mailbox;
            }
        }
        return null;
    }

    Mailbox findOrAdd(int device) {
        Mailbox found = find(device);
        if (found != null) {
            return found;
        }
        Mailbox added = new Mailbox(account, device, MailboxRow.EMPTY);
        mailboxes.add(added);
        return added;
    }

    /** Every subscriber that is connected now. */
    List<Subscriber> subscribers() {
        return mailboxes.stream()
                .map(Mailbox::subscriber)
                .filter(Objects::nonNull)
                .toList();
    }

    void remove(Mailbox mailbox) {
        mailboxes.remove(mailbox);
    }
}
