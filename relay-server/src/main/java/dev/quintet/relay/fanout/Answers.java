package dev.quintet.relay.fanout;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.Submission;
import dev.quintet.protocol.wire.Accepted;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.protocol.wire.SubmitAnswer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Gathers the answers of all recipients of one submission, and gives the sender one.
 *
 * <p><b>Thread:</b> any; each recipient answers once, on its home loop.
 */
final class Answers {
    /** Devices whose keys one answer may bring, so that it stays far below the limit of a frame. */
    static final int KEY_BUNDLES = 64;

    private final Sender sender;
    private final long requestId;
    private final AtomicReferenceArray<RecipientAnswer> answers;
    private final AtomicInteger missing;
    private final AtomicInteger keyRoom;

    Answers(Sender sender, Submission submission) {
        int recipients = submission.recipientCount();
        this.sender = sender;
        this.requestId = submission.requestId();
        this.keyRoom = submission.wantsKeys() ? new AtomicInteger(KEY_BUNDLES) : null;
        this.answers = recipients == 1 ? null : new AtomicReferenceArray<>(recipients);
        this.missing = recipients == 1 ? null : new AtomicInteger(recipients);
    }

    Sender sender() {
        return sender;
    }

    /** If keys were asked for: whether the answer still has room for the keys of so many devices; then they have it. */
    boolean takeKeyRoom(int devices) {
        return keyRoom.addAndGet(-devices) >= 0;
    }

    /** Every device of {@code recipient} has its envelope. */
    void accept(int recipient, AccountId account, long acceptedAtMillis) {
        if (answers == null) {
            sender.accepted(requestId, account, acceptedAtMillis);
        } else {
            Accepted accepted =
                    Accepted.newBuilder().setAcceptedAtMillis(acceptedAtMillis).build();
            answer(recipient, answerOf(account).setAccepted(accepted).build());
        }
    }

    void answer(int recipient, RecipientAnswer answer) {
        if (answers == null) {
            sender.answered(
                    requestId, SubmitAnswer.newBuilder().addAnswers(answer).build());
            return;
        }
        answers.set(recipient, answer);
        if (missing.decrementAndGet() == 0) {
            SubmitAnswer.Builder all = SubmitAnswer.newBuilder();
            for (int index = 0; index < answers.length(); index++) {
                all.addAnswers(answers.get(index));
            }
            sender.answered(requestId, all.build());
        }
    }

    static RecipientAnswer.Builder answerOf(AccountId account) {
        return RecipientAnswer.newBuilder().setAccount(account.toByteString());
    }
}
