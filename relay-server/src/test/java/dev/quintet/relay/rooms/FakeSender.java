package dev.quintet.relay.rooms;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.wire.Accepted;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.protocol.wire.SubmitAnswer;
import dev.quintet.relay.fanout.Sender;
import java.util.LinkedHashMap;
import java.util.Map;

/** A connection that submits, and remembers all answers by request. */
public final class FakeSender implements Sender {
    private final AccountId account;
    private final int device;
    private boolean isMember = true;
    private final Map<Long, SubmitAnswer> answers = new LinkedHashMap<>();

    /** Logged in as this device. */
    public FakeSender(TestAccount account, int device) {
        this.account = account.id();
        this.device = device;
    }

    @Override
    public AccountId account() {
        return account;
    }

    @Override
    public int device() {
        return device;
    }

    @Override
    public boolean isMember() {
        return isMember;
    }

    /** Its removal is in the journal. */
    public void leave() {
        isMember = false;
    }

    @Override
    public void accepted(long requestId, AccountId recipient, long acceptedAtMillis) {
        answered(
                requestId,
                SubmitAnswer.newBuilder()
                        .addAnswers(RecipientAnswer.newBuilder()
                                .setAccount(recipient.toByteString())
                                .setAccepted(Accepted.newBuilder().setAcceptedAtMillis(acceptedAtMillis)))
                        .build());
    }

    @Override
    public void answered(long requestId, SubmitAnswer answer) {
        if (answers.put(requestId, answer) != null) {
            throw new AssertionError("request " + requestId + " was answered twice");
        }
    }

    /** All answers so far. */
    public Map<Long, SubmitAnswer> answers() {
        return answers;
    }

    /** The answer of the only recipient, or null if there is none yet. */
    public RecipientAnswer answer(long requestId) {
        SubmitAnswer answer = answers.get(requestId);
        if (answer != null && answer.getAnswersCount() != 1) {
            throw new AssertionError("not one recipient: " + answer);
        }
        return answer == null ? null : answer.getAnswers(0);
    }
}
