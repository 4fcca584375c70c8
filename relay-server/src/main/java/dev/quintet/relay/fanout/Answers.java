package dev.quintet.relay.fanout;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.Submission;
import dev.quintet.protocol.wire.Accepted;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.protocol.wire.SubmitAnswer;
import io.netty.util.Recycler;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Gathers the answers of all recipients of one submission, and gives the sender one.
 *
 * <p><b>Thread:</b> any; each recipient answers once, on its home loop, and does nothing with this afterwards: after the
 * last answer it is used for another submission.
 */
final class Answers {
    /** Devices whose keys one answer may bring, so that it stays far below the limit of a frame. */
    static final int KEY_BUNDLES = 64;

    private static final Recycler<Answers> RECYCLER = new Recycler<>() {
        @Override
        protected Answers newObject(Handle<Answers> handle) {
            return new Answers(handle);
        }
    };

    private final Recycler.Handle<Answers> handle;
    private Sender sender;
    private long requestId;
    private AtomicReferenceArray<RecipientAnswer> answers;
    private AtomicInteger missing;
    private AtomicInteger keyRoom;

    private Answers(Recycler.Handle<Answers> handle) {
        this.handle = handle;
    }

    static Answers of(Sender sender, Submission submission) {
        int recipients = submission.recipientCount();
        Answers gathered = RECYCLER.get();
        gathered.sender = sender;
        gathered.requestId = submission.requestId();
        gathered.keyRoom = submission.wantsKeys() ? new AtomicInteger(KEY_BUNDLES) : null;
        gathered.answers = recipients == 1 ? null : new AtomicReferenceArray<>(recipients);
        gathered.missing = recipients == 1 ? null : new AtomicInteger(recipients);
        return gathered;
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
            recycle();
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
            recycle();
            return;
        }
        answers.set(recipient, answer);
        if (missing.decrementAndGet() == 0) {
            SubmitAnswer.Builder all = SubmitAnswer.newBuilder();
            for (int index = 0; index < answers.length(); index++) {
                all.addAnswers(answers.get(index));
            }
            sender.answered(requestId, all.build());
            recycle();
        }
    }

    private void recycle() {
        sender = null;
        answers = null;
        missing = null;
        keyRoom = null;
        handle.recycle(this);
    }

    static RecipientAnswer.Builder answerOf(AccountId account) {
        return RecipientAnswer.newBuilder().setAccount(account.toByteString());
    }
}
