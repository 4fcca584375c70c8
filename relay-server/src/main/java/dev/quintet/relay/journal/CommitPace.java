package dev.quintet.relay.journal;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * When the journal thread commits: at once if somebody waits, unless so much is coming in that a moment's wait lets one
 * commit do for many.
 *
 * <pre>
 *   what has been appended             next commit
 *   an entry that somebody waits for   at once; but after a commit of n of those, not sooner than n × 100 µs after that
 *                                      one's start, at most 5 ms
 *   patient ones alone                 10 ms after the last commit, or with an entry that somebody waits for
 *   half of the ring                   at once
 *   nothing                            after a second, since a marker may be due
 * </pre>
 *
 * <p>Below 10,000 awaited entries a second the pause after a commit is over before the next one comes; above, pause and
 * batch grow together up to 5 ms. By then the relay has more to do than it can at once, and each fdatasync, wake-up and
 * write that is saved lets it do more.
 *
 * <p><b>Thread:</b> {@link #appended} and {@link #end} from any; the rest from the journal thread.
 */
final class CommitPace {
    private static final long PAUSE_NANOS_EACH = TimeUnit.MICROSECONDS.toNanos(100);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int NONE = 0;
    private static final int PATIENT = 1;
    private static final int AWAITED = 2;
    private static final int FULL = 3;
    private static final int AWAKE = 4;

    private final Nap nap;

    /** How urgent something must be to wake the thread. */
    private volatile int wakes = AWAKE;

    /** How urgent the most urgent entry is that the last commit may not have taken; patient ones do not count. */
    private volatile int urgency = NONE;

    private volatile boolean isEnded;
    private boolean isBusy;
    private long startNanos;
    private long pauseUntil;

    CommitPace(Nap nap) {
        this.nap = nap;
        pauseUntil = nap.nanoTime();
    }

    /** How the journal thread sleeps. */
    interface Nap {
        /** As {@link System#nanoTime}. */
        long nanoTime();

        /** Sleeps for so long, or until {@link #wake}; may end early, and does if it was woken before. */
        void sleep(long nanos);

        /** Wakes the thread; from any. */
        void wake();
    }

    /**
     * An entry has been published.
     *
     * @param isMuch whether half of the ring is taken
     */
    void appended(EntryType type, boolean isMuch) {
        int here = isMuch ? FULL : type.isPatient() ? PATIENT : AWAITED;
        if (here > PATIENT && here > urgency) {
            urgency = here;
        }
        if (here >= wakes) {
            nap.wake();
        }
    }

    /** The thread is not to wait any more. */
    void end() {
        isEnded = true;
        nap.wake();
    }

    /**
     * Returns when a commit is due.
     *
     * @param isPending whether anything is there to commit
     */
    void await(BooleanSupplier isPending) {
        sleep(FULL, pauseUntil, isPending);
        if (isBusy) {
            sleep(AWAITED, nap.nanoTime() + PATIENCE_NANOS, isPending);
        }
        if (urgency == NONE && !isPending.getAsBoolean()) {
            sleep(PATIENT, nap.nanoTime() + IDLE_NANOS, isPending);
            if (isPending.getAsBoolean()) {
                sleep(AWAITED, nap.nanoTime() + PATIENCE_NANOS, isPending);
            }
        }
    }

    /** What was published before {@link #wakes} was set is seen here; what is published after it wakes the thread. */
    private void sleep(int until, long nanos, BooleanSupplier isPending) {
        wakes = until;
        long left = nanos - nap.nanoTime();
        while (left > 0 && !isEnded && urgency < until && (until > PATIENT || !isPending.getAsBoolean())) {
            nap.sleep(left);
            left = nanos - nap.nanoTime();
        }
        wakes = AWAKE;
    }

    /** A commit begins: it takes what has been appended before this call, if that is published. */
    void committing() {
        urgency = NONE;
        isBusy = false;
        startNanos = nap.nanoTime();
    }

    /**
     * The commit has ended.
     *
     * @param entryCount entries in it
     * @param awaitedCount those of them that are not patient
     */
    void committed(int entryCount, int awaitedCount) {
        isBusy = entryCount > 0;
        pauseUntil = startNanos + Math.min(LONGEST_PAUSE_NANOS, awaitedCount * PAUSE_NANOS_EACH);
    }

    /**
     * The commit has not taken all that had been appended: the ring's lap was over, or a thread has claimed its place there
     * and not filled it yet, and may need this processor for that.
     */
    void goOn() {
        pauseUntil = Math.max(pauseUntil, nap.nanoTime() + PAUSE_NANOS_EACH);
        if (urgency == NONE) {
            urgency = AWAITED;
        }
    }
}
