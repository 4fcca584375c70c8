package dev.quintet.relay.store;

import dev.quintet.relay.journal.Journal;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The thread that takes the checkpoints when they are due; one before, since the start has folded and not flushed, and one
 * more when it is closed.
 *
 * <p><b>Thread:</b> its own; started and closed by any other. It is never interrupted, which would close the journal's
 * files. <b>Failure:</b> whatever ends the thread goes to the given handler, once; the process should stop.
 */
public final class FoldThread implements AutoCloseable {
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Checkpoints checkpoints;
    private final Thread thread = new Thread(this::run, "quintet-fold");
    private volatile boolean isClosed;

    private FoldThread(Checkpoints checkpoints, Consumer<Throwable> failure) {
        this.checkpoints = checkpoints;
        thread.setUncaughtExceptionHandler((unused, e) -> failure.accept(e));
    }

    /** Starts the thread; it looks each second, and when the journal has become durable up to some point. */
    public static FoldThread start(Checkpoints checkpoints, Journal journal, Consumer<Throwable> failure) {
        var fold = new FoldThread(checkpoints, failure);
        fold.thread.start();
        journal.onDurable(position -> fold.look());
        return fold;
    }

    /** Ends the thread after a last checkpoint. To be called while the journal is still open. */
    @Override
    public void close() {
        isClosed = true;
        LockSupport.unpark(thread);
        boolean isInterrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** On the journal thread. */
    private void look() {
        if (checkpoints.isDue()) {
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        checkpoints.run();
        while (!isClosed) {
            if (checkpoints.isDue()) {
                checkpoints.run();
            } else {
                LockSupport.parkNanos(this, LOOK_NANOS);
            }
        }
        checkpoints.run();
    }
}
