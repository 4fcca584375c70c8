package dev.quintet.relay.account;

import dev.quintet.protocol.AccountId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The keys of one account's devices, and who waits for some of them. A device has none until it uploads.
 *
 * <p><b>Thread:</b> the account's home loop. <b>Limits:</b> {@link #WAITING} requests that wait for the one before them.
 */
final class AccountPrekeys {
    /** Requests for keys of one account that may wait, beside the one that is being read for. */
    static final int WAITING = 64;

    private final AccountId account;
    private final List<PrekeyQueue> queues = new ArrayList<>(0);
    private final Deque<HandOut> waiting = new ArrayDeque<>(0);
    private boolean isBusy;

    AccountPrekeys(AccountId account) {
        this.account = account;
    }

    AccountId account() {
        return account;
    }

    boolean isEmpty() {
        return queues.isEmpty();
    }

    boolean add(PrekeyQueue queue) {
        return queues.add(queue);
    }

    /** The keys of {@code device}, or null if it has none. */
    PrekeyQueue find(int device) {
        for (PrekeyQueue queue : queues) {
            if (queue.device() == device) {
                return queue;
            }
        }
        return null;
    }

    PrekeyQueue findOrAdd(int device) {
        PrekeyQueue found = find(device);
        if (found == null) {
            found = new PrekeyQueue(device);
            queues.add(found);
        }
        return found;
    }

    void remove(int device) {
        queues.removeIf(queue -> queue.device() == device);
    }

    boolean imageAdvanced(long imagePosition) {
        boolean isDone = true;
        for (PrekeyQueue queue : queues) {
            isDone &= queue.imageAdvanced(imagePosition);
        }
        return isDone;
    }

    int weight() {
        return queues.stream().mapToInt(PrekeyQueue::weight).sum();
    }

    // One hand-out at a time: what one has read is still the first in the queue when it is journaled

    /** Whether one more may wait. */
    boolean admits() {
        return waiting.size() < WAITING;
    }

    /** Begins {@code handOut}, now or after those before it. */
    void begin(HandOut handOut) {
        if (isBusy) {
            waiting.add(handOut);
        } else {
            isBusy = true;
            handOut.begin();
        }
    }

    /** The hand-out that was begun is over. */
    void ended() {
        HandOut next = waiting.poll();
        if (next == null) {
            isBusy = false;
        } else {
            next.begin();
        }
    }
}
