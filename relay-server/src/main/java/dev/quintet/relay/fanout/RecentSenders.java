package dev.quintet.relay.fanout;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.relay.account.Correspondents;
import dev.quintet.relay.mailbox.Mailboxes;
import dev.quintet.relay.store.Resident;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Tells devices of other accounts that an account to which they have lately written has a new list, so that their next
 * submission is exact.
 *
 * <p>Who has written is known from the submissions that are remembered for repetitions: nothing is kept for this alone,
 * and a sender that has reconnected meanwhile hears of it, too.
 *
 * <p><b>Thread:</b> the home loop of the account that was written to. <b>Memory:</b> none. <b>Limits:</b> {@link
 * SubmissionLimits#correspondents}, the latest first. <b>Failure:</b> none; who is not told gets a mismatch.
 */
public final class RecentSenders implements Correspondents {
    private final RecentChapter recent;
    private final SubmissionLimits limits;
    private final InstantSource clock;
    private final Function<AccountId, Mailboxes> mailboxes;

    /**
     * The senders to the accounts of one home loop, or of all of them.
     *
     * @param mailboxes those of an account's home
     */
    public RecentSenders(
            RecentChapter recent,
            SubmissionLimits limits,
            InstantSource clock,
            Function<AccountId, Mailboxes> mailboxes) {
        this.recent = recent;
        this.limits = limits;
        this.clock = clock;
        this.mailboxes = mailboxes;
    }

    @Override
    public void tell(Resident resident, DeviceList list) {
        RecentSubmissions submissions = resident.part(recent);
        if (submissions == null) {
            return;
        }
        long sinceMillis = clock.millis() - TimeUnit.SECONDS.toMillis(limits.correspondentForSeconds());
        submissions
                .strangersSince(sinceMillis, list.account(), limits.correspondents())
                .forEach(sender ->
                        mailboxes.apply(sender.account()).tellListChanged(sender.account(), sender.device(), list));
    }
}
