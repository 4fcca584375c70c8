package dev.quintet.relay.fanout;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.Submission;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.relay.account.Homes;
import dev.quintet.relay.mailbox.SubmissionEntry;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The sender's side of fan-out: looks at what a submission says about itself, and takes it to each recipient's home.
 *
 * <p><b>Thread:</b> the sender's loop. <b>Memory:</b> the submission's frame lives until its last recipient is handled.
 * <b>Limits:</b> {@link SubmissionLimits}.
 */
public final class Submissions {
    /** How many submissions of a device to an account are remembered, so that a repetition is recognized. */
    public static final int REMEMBERED = SenderHistory.CAPACITY;

    private final Homes homes;
    private final List<FanOut> fanOuts;
    private final SubmissionLimits limits;

    /** Takes submissions to {@code fanOuts}, one for each home, in their order. */
    public Submissions(Homes homes, List<FanOut> fanOuts, SubmissionLimits limits) {
        this.homes = homes;
        this.fanOuts = List.copyOf(fanOuts);
        this.limits = limits;
    }

    /**
     * A submission that contradicts itself or a limit.
     *
     * @param code what the sender is told
     * @param message for its developer
     */
    public record Refusal(ErrorCode code, String message) {}

    /**
     * Submits; {@code sender} is answered once everything that was accepted is durable. Takes over {@code submission}.
     *
     * @return why nothing was done and no other answer will come; null if it was submitted
     */
    public Refusal submit(Sender sender, Submission submission) {
        Refusal refusal = check(sender, submission);
        if (refusal != null) {
            submission.release();
            return refusal;
        }
        Answers answers = Answers.of(sender, submission);
        for (int recipient = 1; recipient < submission.recipientCount(); recipient++) {
            hop(answers, submission.retain(), recipient);
        }
        hop(answers, submission, 0);
        return null;
    }

    private void hop(Answers answers, Submission submission, int recipient) {
        AccountId account = submission.account(recipient);
        fanOuts.get(homes.of(account).index()).submit(answers, submission, recipient, account);
    }

    private Refusal check(Sender sender, Submission submission) {
        if (submission.recipientCount() > limits.recipients()) {
            return invalid("more than " + limits.recipients() + " recipients");
        }
        if (submission.sharedLength() > limits.ciphertextBytes()) {
            return tooLarge();
        }
        if (submission.envelopeClass() < 0 || submission.envelopeClass() > SubmissionEntry.LARGEST_CLASS) {
            return invalid("a class is 0 to " + SubmissionEntry.LARGEST_CLASS);
        }
        if (ExactDevices.isForOne(submission) && !isToOneOfItsOwn(sender, submission)) {
            return invalid("history goes to one other device of the sender's own account");
        }
        if (submission.isCallOffer() && !submission.isCall()) {
            return invalid("only class CALL offers calls");
        }
        Set<AccountId> accounts = submission.recipientCount() == 1 ? null : new HashSet<>();
        for (int recipient = 0; recipient < submission.recipientCount(); recipient++) {
            if (accounts != null && !accounts.add(submission.account(recipient))) {
                return invalid("an account stands twice");
            }
            int ownDevice = submission.isTo(recipient, sender.account()) ? sender.device() : 0;
            Refusal refusal = checkDevices(submission, recipient, ownDevice);
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    private static boolean isToOneOfItsOwn(Sender sender, Submission submission) {
        return submission.envelopeCount() == 1 && !submission.isEphemeral() && submission.isTo(0, sender.account());
    }

    private Refusal checkDevices(Submission submission, int recipient, int ownDevice) {
        int first = submission.firstEnvelope(recipient);
        int end = submission.endEnvelope(recipient);
        for (int envelope = first; envelope < end; envelope++) {
            int device = submission.device(envelope);
            int length = submission.ciphertextLength(envelope);
            if (device <= 0 || device == ownDevice) {
                return invalid(device == 0 ? "a device has no number" : "device " + device + " cannot get this");
            }
            if (length > limits.ciphertextBytes()) {
                return tooLarge();
            }
            if (length == 0 == (submission.sharedLength() == 0)) {
                return invalid("each device needs one ciphertext, its own or the shared one");
            }
            for (int other = first; other < envelope; other++) {
                if (submission.device(other) == device) {
                    return invalid("device " + device + " stands twice");
                }
            }
        }
        return null;
    }

    private static Refusal invalid(String message) {
        return new Refusal(ErrorCode.INVALID_SUBMISSION, message);
    }

    private Refusal tooLarge() {
        String message = "a ciphertext has more than " + limits.ciphertextBytes() + " bytes";
        return new Refusal(ErrorCode.ENVELOPE_TOO_LARGE, message);
    }
}
