package dev.quintet.relay.mailbox;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.wire.GapReason;
import dev.quintet.relay.journal.DeviceListEntry;
import dev.quintet.relay.journal.Entry;
import dev.quintet.relay.journal.LoggedOutEntry;
import dev.quintet.relay.store.Chapter;
import dev.quintet.relay.store.Page;
import dev.quintet.relay.store.Rows;
import dev.quintet.relay.store.Table;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The mailboxes' part of the image: a row for each mailbox, and one for each envelope or gap that waits.
 *
 * <p>An envelope that is acknowledged within the same stretch of the journal is never written.
 *
 * <p><b>Thread:</b> fold thread; {@link #load} on read threads.
 */
public final class MailboxChapter implements Chapter<AccountMailboxes> {
    private final Map<ByteBuffer, Foreseen> foreseen = new HashMap<>();

    /** What a stretch does to one mailbox: envelopes from {@code first} on appear in it, up to {@code acknowledged} go. */
    private static final class Foreseen {
        private long first = Long.MAX_VALUE;
        private long acknowledged;

        private boolean isSkipped(long sequence) {
            return sequence >= first && sequence <= acknowledged;
        }
    }

    @Override
    public List<Table> tables() {
        return List.of(MailboxRow.TABLE, EnvelopeRow.TABLE);
    }

    @Override
    public void foresee(Entry entry) {
        ByteBuf body = entry.body();
        switch (entry.type()) {
            case SUBMISSION -> foreseeSubmission(body);
            case ACKNOWLEDGEMENT -> {
                Foreseen mailbox = foreseenOf(AcknowledgementEntry.account(body), AcknowledgementEntry.device(body));
                mailbox.acknowledged = Math.max(mailbox.acknowledged, AcknowledgementEntry.sequence(body));
            }
            default -> {}
        }
    }

    /** A refused envelope does not count: the gap that it falls into may be older than the stretch. */
    private void foreseeSubmission(ByteBuf body) {
        for (int index = 0; index < SubmissionEntry.deviceCount(body); index++) {
            if (SubmissionEntry.length(body, index) > 0) {
                Foreseen mailbox = foreseenOf(SubmissionEntry.recipient(body), SubmissionEntry.device(body, index));
                mailbox.first = Math.min(mailbox.first, SubmissionEntry.sequence(body, index));
            }
        }
    }

    private Foreseen foreseenOf(AccountId account, int device) {
        return foreseen.computeIfAbsent(ByteBuffer.wrap(MailboxRow.key(account, device)), key -> new Foreseen());
    }

    @Override
    public void folded() {
        foreseen.clear();
    }

    @Override
    public void fold(Entry entry, Page page) {
        ByteBuf body = entry.body();
        switch (entry.type()) {
            case SUBMISSION -> foldSubmission(body, page);
            case ACKNOWLEDGEMENT -> foldAcknowledgement(body, page);
            case EXPIRY -> foldExpiry(body, page);
            case DEVICE_LIST -> foldDeviceList(body, page);
            case LOGGED_OUT -> foldLoggedOut(body, page);
            default -> {}
        }
    }

    private void foldSubmission(ByteBuf body, Page page) {
        AccountId account = SubmissionEntry.recipient(body);
        for (int index = 0; index < SubmissionEntry.deviceCount(body); index++) {
            foldEnvelope(body, page, account, index);
        }
    }

    private void foldEnvelope(ByteBuf body, Page page, AccountId account, int index) {
        int device = SubmissionEntry.device(body, index);
        long sequence = SubmissionEntry.sequence(body, index);
        int length = SubmissionEntry.length(body, index);
        byte[] key = MailboxRow.key(account, device);
        long expiry = length == 0 ? Long.MAX_VALUE : SubmissionEntry.expiresAtMillis(body);
        page.put(
                MailboxRow.TABLE,
                key,
                MailboxRow.of(page.get(MailboxRow.TABLE, key))
                        .added(sequence, length, expiry)
                        .toBytes());
        if (foreseenOf(account, device).isSkipped(sequence)) {
            return;
        }
        byte[] envelopeKey = EnvelopeRow.key(account, device, sequence);
        byte[] row = length == 0
                ? EnvelopeRow.gap(GapReason.MAILBOX_FULL, 1 + gapCount(page.get(EnvelopeRow.TABLE, envelopeKey)), 0)
                : EnvelopeRow.envelope(body, SubmissionEntry.offset(body, index), length);
        page.put(EnvelopeRow.TABLE, envelopeKey, row);
    }

    private static long gapCount(byte[] row) {
        return row == null ? 0 : EnvelopeRow.gapCount(row);
    }

    private void foldAcknowledgement(ByteBuf body, Page page) {
        AccountId account = AcknowledgementEntry.account(body);
        int device = AcknowledgementEntry.device(body);
        byte[] key = MailboxRow.key(account, device);
        MailboxRow before = MailboxRow.of(page.get(MailboxRow.TABLE, key));
        long sequence = AcknowledgementEntry.sequence(body);
        page.put(
                MailboxRow.TABLE,
                key,
                before.acknowledged(sequence, AcknowledgementEntry.bytes(body)).toBytes());
        Foreseen mailbox = foreseenOf(account, device);
        for (long gone = before.acknowledged() + 1; gone <= sequence; gone++) {
            if (!mailbox.isSkipped(gone)) {
                page.delete(EnvelopeRow.TABLE, EnvelopeRow.key(account, device, gone));
            }
        }
    }

    private void foldExpiry(ByteBuf body, Page page) {
        AccountId account = ExpiryEntry.account(body);
        int device = ExpiryEntry.device(body);
        byte[] key = MailboxRow.key(account, device);
        MailboxRow mailbox = MailboxRow.of(page.get(MailboxRow.TABLE, key));
        page.put(
                MailboxRow.TABLE,
                key,
                mailbox.withEarliestExpiry(ExpiryEntry.nextExpiryMillis(body)).toBytes());
        for (int index = 0; index < ExpiryEntry.count(body); index++) {
            byte[] envelopeKey = EnvelopeRow.key(account, device, ExpiryEntry.sequence(body, index));
            byte[] row = page.get(EnvelopeRow.TABLE, envelopeKey);
            if (row != null && !EnvelopeRow.isGap(row)) {
                byte[] gap = EnvelopeRow.gap(GapReason.EXPIRED, 1, EnvelopeRow.ciphertextLength(row));
                page.put(EnvelopeRow.TABLE, envelopeKey, gap);
            }
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

    private static void end(AccountId account, int device, Page page) {
        byte[] key = MailboxRow.key(account, device);
        page.delete(MailboxRow.TABLE, key);
        page.deleteAll(EnvelopeRow.TABLE, key);
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
