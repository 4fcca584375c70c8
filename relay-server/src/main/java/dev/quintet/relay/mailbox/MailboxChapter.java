package dev.quintet.relay.mailbox;

import dev.quintet.protocol.AccountId;
import dev.quintet.relay.journal.DeviceListEntry;
import dev.quintet.relay.journal.Entry;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.journal.LoggedOutEntry;
import dev.quintet.relay.store.Chapter;
import dev.quintet.relay.store.Page;
import dev.quintet.relay.store.Rows;
import dev.quintet.relay.store.Table;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The mailboxes' part of the image: a row for each mailbox, and one for each envelope or gap that waits.
 *
 * <p>What a page does to a mailbox is gathered in a {@link FoldedMailbox}; the row is put when the page ends, and the
 * ciphertexts of those envelopes that wait then are taken from the journal. So an envelope that is acknowledged within the
 * same page is never written.
 *
 * <p><b>Thread:</b> fold thread; {@link #load} on read threads. <b>Memory:</b> the mailboxes of this page and of the one
 * before, so that the row of a busy one need not be read again.
 */
public final class MailboxChapter implements Chapter<AccountMailboxes> {
    private static final int FEW_DEVICES = 5;

    private Map<AccountId, List<FoldedMailbox>> accounts = new HashMap<>();
    private Map<AccountId, List<FoldedMailbox>> accountsBefore = new HashMap<>();
    private final List<FoldedMailbox> touched = new ArrayList<>();

    @Override
    public List<Table> tables() {
        return List.of(MailboxRow.TABLE, EnvelopeRow.TABLE);
    }

    @Override
    public void fold(Entry entry, Page page) {
        ByteBuf body = entry.body();
        switch (entry.type()) {
            case SUBMISSION -> foldSubmission(body, entry.position(), page);
            case ACKNOWLEDGEMENT -> foldAcknowledgement(body, page);
            case EXPIRY -> foldExpiry(body, page);
            case DEVICE_LIST -> foldDeviceList(body, page);
            case LOGGED_OUT -> foldLoggedOut(body, page);
            default -> {}
        }
    }

    private void foldSubmission(ByteBuf body, long position, Page page) {
        AccountId account = SubmissionEntry.recipient(body);
        List<FoldedMailbox> mailboxes = mailboxesOf(account);
        long expiry = SubmissionEntry.expiresAtMillis(body);
        for (int index = 0; index < SubmissionEntry.deviceCount(body); index++) {
            FoldedMailbox mailbox = find(mailboxes, account, SubmissionEntry.device(body, index), page);
            long sequence = SubmissionEntry.sequence(body, index);
            int length = SubmissionEntry.length(body, index);
            if (length == 0) {
                mailbox.addGap(sequence, page);
            } else {
                mailbox.add(sequence, length, expiry, position, page);
            }
        }
    }

    private void foldAcknowledgement(ByteBuf body, Page page) {
        AccountId account = AcknowledgementEntry.account(body);
        find(mailboxesOf(account), account, AcknowledgementEntry.device(body), page)
                .acknowledge(AcknowledgementEntry.sequence(body), AcknowledgementEntry.bytes(body), page);
    }

    private void foldExpiry(ByteBuf body, Page page) {
        AccountId account = ExpiryEntry.account(body);
        FoldedMailbox mailbox = find(mailboxesOf(account), account, ExpiryEntry.device(body), page);
        mailbox.setEarliestExpiry(ExpiryEntry.nextExpiryMillis(body));
        for (int index = 0; index < ExpiryEntry.count(body); index++) {
            mailbox.expire(ExpiryEntry.sequence(body, index), page);
        }
    }

    private void foldDeviceList(ByteBuf body, Page page) {
        AccountId account = DeviceListEntry.account(body);
        for (int index = 0; index < DeviceListEntry.removedCount(body); index++) {
            end(account, DeviceListEntry.removed(body, index), page);
        }
    }

    private void foldLoggedOut(ByteBuf body, Page page) {
        if (LoggedOutEntry.logOut(body).isSealed()) {
            return;
        }
        AccountId account = LoggedOutEntry.account(body);
        for (int index = 0; index < LoggedOutEntry.deviceCount(body); index++) {
            end(account, LoggedOutEntry.device(body, index), page);
        }
    }

    private void end(AccountId account, int device, Page page) {
        find(mailboxesOf(account), account, device, page).end(page);
    }

    private List<FoldedMailbox> mailboxesOf(AccountId account) {
        List<FoldedMailbox> mailboxes = accounts.get(account);
        if (mailboxes == null) {
            mailboxes = accountsBefore.remove(account);
            if (mailboxes == null) {
                mailboxes = new ArrayList<>(FEW_DEVICES);
            }
            accounts.put(account, mailboxes);
        }
        return mailboxes;
    }

    private FoldedMailbox find(List<FoldedMailbox> mailboxes, AccountId account, int device, Page page) {
        FoldedMailbox found = null;
        for (int index = 0; index < mailboxes.size() && found == null; index++) {
            FoldedMailbox mailbox = mailboxes.get(index);
            found = mailbox.device() == device ? mailbox : null;
        }
        if (found == null) {
            found = new FoldedMailbox(account, device, page);
            mailboxes.add(found);
        }
        if (found.touch()) {
            touched.add(found);
            page.expect(Page.ROW_BYTES + MailboxRow.BYTES);
        }
        return found;
    }

    @Override
    public long settle(Page page) {
        long from = Long.MAX_VALUE;
        for (FoldedMailbox mailbox : touched) {
            from = Math.min(from, mailbox.settle(page));
        }
        return from;
    }

    @Override
    public void collect(Entry entry, Page page) {
        if (entry.type() != EntryType.SUBMISSION) {
            return;
        }
        ByteBuf body = entry.body();
        AccountId account = SubmissionEntry.recipient(body);
        List<FoldedMailbox> mailboxes = mailboxesOf(account);
        for (int index = 0; index < SubmissionEntry.deviceCount(body); index++) {
            find(mailboxes, account, SubmissionEntry.device(body, index), page).collect(body, index, page);
        }
    }

    @Override
    public void turn(boolean isWritten) {
        touched.forEach(FoldedMailbox::turn);
        touched.clear();
        Map<AccountId, List<FoldedMailbox>> ended = accounts;
        accounts = accountsBefore;
        accounts.clear();
        accountsBefore = ended;
        if (!isWritten) {
            accountsBefore.clear();
        }
    }

    @Override
    public AccountMailboxes load(AccountId account, Rows rows) {
        AccountMailboxes mailboxes = new AccountMailboxes(account);
        rows.scanAll(
                MailboxRow.TABLE,
                account.toBytes(),
                (key, value) -> mailboxes.add(new Mailbox(account, MailboxRow.device(key), MailboxRow.of(value))));
        return mailboxes.isEmpty() ? null : mailboxes;
    }
}
