package dev.quintet.relay.journal;

import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What has to wait until an entry is durable, in order.
 *
 * <p>One per home loop. Whatever leaves the process because of an entry goes through here; what waits never overtakes.
 *
 * <p>A commit that nothing here waits for need not wake the loop: {@link #isAwaited}.
 *
 * <p><b>Thread:</b> the home loop, all methods but {@link #isAwaited}. <b>Memory:</b> two arrays that grow to the largest number of actions
 * that ever waited at once, and stay.
 */
public final class AfterDurable {
    private static final int FIRST_CAPACITY = 256;

    private final LongSupplier newest;
    private final Executor loop;
    private long[] positions = new long[FIRST_CAPACITY];
    private Runnable[] actions = new Runnable[FIRST_CAPACITY];
    private int first;
    private int count;
    private long durablePosition;
    private volatile boolean isAwaited;
    private Thread owner;

    /**
     * Nothing waits yet.
     *
     * @param newest the durable position of the journal, at any time
     * @param loop runs on the home loop when its present task is done
     */
    public AfterDurable(LongSupplier newest, Executor loop) {
        this.newest = newest;
        this.loop = loop;
    }

    /**
     * Runs {@code action} once the entry at {@code position} is durable and all actions before it have run; at once, if
     * that is known here already.
     */
    public void after(long position, Runnable action) {
        assert isOwner() : "on " + Thread.currentThread();
        if (count == 0 && position < durablePosition) {
            action.run();
            return;
        }
        if (count == actions.length) {
            grow();
        }
        int last = first + count & actions.length - 1;
        positions[last] = position;
        actions[last] = action;
        count++;
        if (!isAwaited) {
            await(position);
        }
    }

    /**
     * A commit from now on sees that it is awaited; one before this is seen here. Even so the action does not run within the
     * call that lets it wait: who has just appended an entry is not prepared for what follows from it.
     */
    private void await(long position) {
        isAwaited = true;
        if (position < newest.getAsLong()) {
            loop.execute(() -> advance(newest.getAsLong()));
        }
    }

    /** Whether something may wait for the next commit. From any thread, after the durable position has risen. */
    public boolean isAwaited() {
        return isAwaited;
    }

    /** Everything below {@code durablePosition} is durable now: runs what waited for it. */
    public void advance(long durablePosition) {
        assert isOwner() : "on " + Thread.currentThread();
        this.durablePosition = Math.max(this.durablePosition, durablePosition);
        while (count > 0 && positions[first] < this.durablePosition) {
            Runnable action = actions[first];
            actions[first] = null;
            first = first + 1 & actions.length - 1;
            count--;
            action.run();
        }
        isAwaited = count > 0;
    }

    /** How many actions wait. */
    public int size() {
        return count;
    }

    private void grow() {
        int capacity = actions.length;
        long[] morePositions = Arrays.copyOf(positions, capacity * 2);
        Runnable[] moreActions = Arrays.copyOf(actions, capacity * 2);
        // What had wrapped around goes behind the old end.
        System.arraycopy(positions, 0, morePositions, capacity, first);
        System.arraycopy(actions, 0, moreActions, capacity, first);
        Arrays.fill(moreActions, 0, first, null);
        positions = morePositions;
        actions = moreActions;
    }

    private boolean isOwner() {
        if (owner == null) {
            owner = Thread.currentThread();
        }
        return owner == Thread.currentThread();
    }
}
