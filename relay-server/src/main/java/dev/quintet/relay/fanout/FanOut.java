package dev.quintet.relay.fanout;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.Submission;
import dev.quintet.relay.account.AccountChapter;
import dev.quintet.relay.account.Home;
import dev.quintet.relay.account.Prekeys;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.mailbox.Mailboxes;
import java.time.InstantSource;

/**
 * The recipient's side of fan-out: one submission into the mailboxes of all devices of one account, by one journal
 * entry.
 *
 * <p>In this order: repeated? then the first answer again; devices exact? else the mismatch; then each mailbox gives a
 * sequence, or a gap if it is full; one entry; and once that is durable, the answer and the deliveries.
 *
 * <p><b>Thread:</b> the recipient account's home loop. <b>Memory:</b> one entry per submission, owned by the hot tier.
 * <b>Failure:</b> answers only; nothing is stored unless everything is.
 */
public final class FanOut {
    // For the placements.
    final Home home;
    final Mailboxes mailboxes;
    final Prekeys prekeys;
    final Journal journal;
    final Chapters chapters;
    final SubmissionLimits limits;
    final InstantSource clock;
    final FanOutMeters meters;
    final OpenCalls calls;
    final ContentDigest digest = new ContentDigest();

    /**
     * The chapters that fan-out reads and changes.
     *
     * @param accounts for the device list
     * @param recent for repetitions
     */
    public record Chapters(AccountChapter accounts, RecentChapter recent) {}

    /** Fan-out to the accounts of {@code home}. */
    public FanOut(
            Home home,
            Mailboxes mailboxes,
            Prekeys prekeys,
            Journal journal,
            Chapters chapters,
            SubmissionLimits limits,
            InstantSource clock,
            FanOutMeters meters,
            OpenCalls calls) {
        this.home = home;
        this.mailboxes = mailboxes;
        this.prekeys = prekeys;
        this.journal = journal;
        this.chapters = chapters;
        this.limits = limits;
        this.clock = clock;
        this.meters = meters;
        this.calls = calls;
    }

    /** Handles one recipient of {@code submission}, which is released when it is done with. From any thread. */
    void submit(Answers answers, Submission submission, int recipient, AccountId account) {
        home.run(Placement.of(this, answers, submission, recipient, account));
    }
}
