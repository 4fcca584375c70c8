package dev.quintet.client;

import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.Submit;
import dev.quintet.protocol.wire.SubmitAnswer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * A device's submissions that have no answer yet, in the order in which the app made them.
 *
 * <p>From the oldest unanswered to the newest sent there are never more than the relay's limit, answered ones between
 * them included. So the relay still recognizes each of them when it is repeated. The rest waits.
 *
 * <p><b>Thread:</b> the device's event loop.
 * <b>Limits:</b> the relay's for what is sent; the device's own for what waits, beyond which {@link #add} refuses.
 */
final class SubmissionWindow {
    private final Deque<Unanswered> waiting = new ArrayDeque<>();
    private final Deque<Unanswered> sent = new ArrayDeque<>();
    private final Map<Long, Unanswered> sentById = new HashMap<>();
    private final int mostWaiting;
    private int limit = 1;
    private long repeated;

    SubmissionWindow(int mostWaiting) {
        this.mostWaiting = mostWaiting;
    }

    /** Sets the relay's limit, from the challenge. */
    void limit(int submissions) {
        limit = Math.max(1, submissions);
    }

    /** Takes a submission in; false if too many wait already. */
    boolean add(ClientFrame frame, CompletableFuture<SubmitAnswer> answer) {
        return waiting.size() < mostWaiting && waiting.add(new Unanswered(frame, answer));
    }

    /** The next frame to send, or null if none waits or the window is full. */
    ClientFrame next() {
        if (waiting.isEmpty() || sent.size() >= limit) {
            return null;
        }
        Unanswered next = waiting.poll();
        repeated += next.isRepeated ? 1 : 0;
        sent.add(next);
        sentById.put(next.frame.getRequestId(), next);
        return next.frame;
    }

    /** Takes out what the request id names: its answer has come. Null if there is none. */
    CompletableFuture<SubmitAnswer> answered(long requestId) {
        Unanswered answered = sentById.remove(requestId);
        if (answered == null) {
            return null;
        }
        answered.isAnswered = true;
        while (!sent.isEmpty() && sent.peek().isAnswered) {
            sent.poll();
        }
        return answered.answer;
    }

    /**
     * The connection is gone: everything sent and unanswered is to be sent again, first of all and in order.
     *
     * @return who waits for answers to what is ephemeral; that is taken out and not sent again
     */
    List<CompletableFuture<SubmitAnswer>> disconnect() {
        Iterator<Unanswered> newestFirst = sent.descendingIterator();
        while (newestFirst.hasNext()) {
            Unanswered unanswered = newestFirst.next();
            if (!unanswered.isAnswered) {
                unanswered.isRepeated = true;
                waiting.addFirst(unanswered);
            }
        }
        sent.clear();
        sentById.clear();
        return takeOut(unanswered -> isEphemeral(unanswered.frame.getSubmit()));
    }

    /** Takes everything out: nobody will answer any more. */
    List<CompletableFuture<SubmitAnswer>> clear() {
        List<CompletableFuture<SubmitAnswer>> answers = new ArrayList<>(disconnect());
        answers.addAll(takeOut(unanswered -> true));
        return answers;
    }

    private List<CompletableFuture<SubmitAnswer>> takeOut(Predicate<Unanswered> isOut) {
        List<CompletableFuture<SubmitAnswer>> answers = new ArrayList<>();
        waiting.stream().filter(isOut).forEach(unanswered -> answers.add(unanswered.answer));
        waiting.removeIf(isOut);
        return answers;
    }

    /** Whether the relay never stores it. */
    static boolean isEphemeral(Submit submit) {
        return switch (submit.getClass_()) {
            case CALL, TYPING, PRESENCE -> true;
            default -> submit.getEphemeral();
        };
    }

    /** Submissions that have no answer, sent or not. */
    int size() {
        return waiting.size() + sentById.size();
    }

    /** How often a submission has been sent once more. */
    long repeated() {
        return repeated;
    }

    private static final class Unanswered {
        private final ClientFrame frame;
        private final CompletableFuture<SubmitAnswer> answer;
        private boolean isAnswered;
        private boolean isRepeated;

        Unanswered(ClientFrame frame, CompletableFuture<SubmitAnswer> answer) {
            this.frame = frame;
            this.answer = answer;
        }
    }
}
