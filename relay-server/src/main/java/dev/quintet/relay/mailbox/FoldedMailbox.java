package dev.quintet.relay.mailbox;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.wire.GapReason;
import dev.quintet.relay.store.Page;
import io.netty.buffer.ByteBuf;
import java.util.HashSet;
import java.util.Set;

/**
 * One mailbox in the middle of a fold: its row as it stands, and which of the page's envelopes wait in it.
 *
 * <p>Sequences rise and are acknowledged from the oldest on. So the page's envelopes that wait are those from the page's
 * first one on that are not acknowledged, and no list of them is needed. Gaps are put into the page at once; they are rare.
 *
 * <p>Where in the journal the oldest of those envelopes stands is known roughly: a mark is set at the newest one, and when
 * everything before the mark is acknowledged, the mark is where to look from.
 *
 * <p><b>Thread:</b> the fold thread, all methods.
 */
final class FoldedMailbox {
    private static final long NONE = Long.MAX_VALUE;
    private static final int ENVELOPE_ROW_BYTES = Page.ROW_BYTES + EnvelopeRow.ENVELOPE_BYTES;

    private final AccountId account;
    private final int device;
    private MailboxRow writtenRow;
    private boolean isTouched;

    // The row as it stands, in fields: it changes with every entry.
    private long acknowledged;
    private long end;
    private long bytes;
    private long earliestExpiryMillis;

    private long first = NONE;
    private long addedCount;
    private long addedBytes;
    private boolean hasGap;
    private final Set<Long> expired = new HashSet<>(0);
    private long from;
    private long mark = NONE;
    private long markPosition;

    /** The mailbox as it stands before the page. */
    FoldedMailbox(AccountId account, int device, Page page) {
        this.account = account;
        this.device = device;
        setRow(MailboxRow.of(page.get(MailboxRow.TABLE, MailboxRow.key(account, device))));
    }

    private void setRow(MailboxRow row) {
        acknowledged = row.acknowledged();
        end = row.end();
        bytes = row.bytes();
        earliestExpiryMillis = row.earliestExpiryMillis();
        writtenRow = row;
    }

    int device() {
        return device;
    }

    /** Whether it is the first time in this page. */
    boolean touch() {
        boolean isFirst = !isTouched;
        isTouched = true;
        return isFirst;
    }

    /** An envelope appears; its submission stands at {@code position}. */
    void add(long sequence, int length, long expiresAtMillis, long position, Page page) {
        long before = waitingBytes();
        if (waitingCount() == 0) {
            from = position;
            mark = NONE;
        } else if (mark == NONE) {
            mark = sequence;
            markPosition = position;
        }
        if (first == NONE) {
            first = sequence;
        }
        addedCount++;
        addedBytes += length;
        grow(sequence, length, expiresAtMillis);
        page.expect(waitingBytes() - before);
    }

    private void grow(long sequence, int length, long expiresAtMillis) {
        end = Math.max(end, sequence + 1);
        bytes += length;
        earliestExpiryMillis = Math.min(earliestExpiryMillis, expiresAtMillis);
    }

    /** An envelope is refused; the gap may be older than the page. */
    void addGap(long sequence, Page page) {
        grow(sequence, 0, Long.MAX_VALUE);
        byte[] key = EnvelopeRow.key(account, device, sequence);
        byte[] before = page.get(EnvelopeRow.TABLE, key);
        long count = before == null ? 0 : EnvelopeRow.gapCount(before);
        page.put(EnvelopeRow.TABLE, key, EnvelopeRow.gap(GapReason.MAILBOX_FULL, 1 + count, 0));
        hasGap = true;
    }

    /** Everything up to {@code sequence} goes. */
    void acknowledge(long sequence, long acknowledgedBytes, Page page) {
        long before = waitingBytes();
        long lastRow = hasGap ? sequence : Math.min(sequence, first - 1);
        for (long gone = acknowledged + 1; gone <= lastRow; gone++) {
            page.delete(EnvelopeRow.TABLE, EnvelopeRow.key(account, device, gone));
        }
        shrink(sequence, acknowledgedBytes);
        if (mark <= sequence + 1) {
            from = markPosition;
            mark = NONE;
        }
        page.expect(waitingBytes() - before);
    }

    private void shrink(long sequence, long acknowledgedBytes) {
        acknowledged = sequence;
        end = Math.max(end, sequence + 1);
        boolean isEmpty = sequence + 1 == end;
        bytes = isEmpty ? 0 : Math.max(0, bytes - acknowledgedBytes);
        earliestExpiryMillis = isEmpty ? Long.MAX_VALUE : earliestExpiryMillis;
    }

    /** The envelope turns into a gap, if it is there. */
    void expire(long sequence, Page page) {
        byte[] key = EnvelopeRow.key(account, device, sequence);
        byte[] before = page.get(EnvelopeRow.TABLE, key);
        if (before == null && isWaiting(sequence)) {
            expired.add(sequence);
        } else if (before != null && !EnvelopeRow.isGap(before)) {
            byte[] gap = EnvelopeRow.gap(GapReason.EXPIRED, 1, EnvelopeRow.ciphertextLength(before));
            page.put(EnvelopeRow.TABLE, key, gap);
        }
    }

    void setEarliestExpiry(long millis) {
        earliestExpiryMillis = millis;
    }

    /** Its device is out: everything goes. */
    void end(Page page) {
        page.expect(-waitingBytes());
        byte[] key = MailboxRow.key(account, device);
        page.delete(MailboxRow.TABLE, key);
        page.deleteAll(EnvelopeRow.TABLE, key);
        setRow(MailboxRow.EMPTY);
        forgetPage();
    }

    /** Puts its row, if it has changed; answers where in the journal to look for the envelopes that wait. */
    long settle(Page page) {
        MailboxRow row = new MailboxRow(acknowledged, end, bytes, earliestExpiryMillis);
        if (!row.equals(writtenRow)) {
            page.put(MailboxRow.TABLE, MailboxRow.key(account, device), row.toBytes());
            writtenRow = row;
        }
        return waitingCount() == 0 ? NONE : from;
    }

    /** Puts the envelope that the submission has for this mailbox, if it waits. */
    void collect(ByteBuf submission, int index, Page page) {
        long sequence = SubmissionEntry.sequence(submission, index);
        int length = SubmissionEntry.length(submission, index);
        if (length > 0 && isWaiting(sequence)) {
            byte[] value = expired.contains(sequence)
                    ? EnvelopeRow.gap(GapReason.EXPIRED, 1, length)
                    : EnvelopeRow.envelope(submission, SubmissionEntry.offset(submission, index), length);
            page.put(EnvelopeRow.TABLE, EnvelopeRow.key(account, device, sequence), value);
        }
    }

    /** The page has come to its end. */
    void turn() {
        isTouched = false;
        forgetPage();
    }

    private void forgetPage() {
        first = NONE;
        addedCount = 0;
        addedBytes = 0;
        hasGap = false;
        expired.clear();
        mark = NONE;
    }

    /** Whether this sequence may be that of an envelope of the page that is not acknowledged. */
    private boolean isWaiting(long sequence) {
        return sequence >= first && sequence > acknowledged;
    }

    /** How many of the page's envelopes wait; gaps between them may count. */
    private long waitingCount() {
        return Math.min(addedCount, end - 1 - acknowledged);
    }

    private long waitingBytes() {
        return ENVELOPE_ROW_BYTES * waitingCount() + Math.min(addedBytes, bytes);
    }
}
