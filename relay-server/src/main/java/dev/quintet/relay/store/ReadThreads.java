package dev.quintet.relay.store;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The threads that read accounts and envelopes from the disk, so that no event loop has to.
 *
 * <p><b>Thread:</b> {@link #execute} from any. They are never interrupted, which would close the journal's files.
 * <b>Limits:</b> {@link StoreConfig#queuedReads}; beyond it {@link RejectedExecutionException}, also once closed.
 * <b>Failure:</b> whatever a read throws goes to the given handler.
 */
public final class ReadThreads implements Executor, AutoCloseable {
    private static final long CLOSE_SECONDS = 10;

    private final ThreadPoolExecutor pool;

    /** Starts the threads when there is something to read. */
    public ReadThreads(StoreConfig config, Consumer<Throwable> failure) {
        var count = new AtomicInteger();
        pool = new ThreadPoolExecutor(
                config.readThreads(),
                config.readThreads(),
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(config.queuedReads()),
                task -> {
                    var thread = new Thread(task, "quintet-read-" + count.incrementAndGet());
                    thread.setUncaughtExceptionHandler((unused, e) -> failure.accept(e));
                    return thread;
                });
    }

    @Override
    public void execute(Runnable read) {
        pool.execute(read);
    }

    /** Lets the reads that wait run, and ends the threads. */
    @Override
    public void close() {
        pool.shutdown();
        try {
            pool.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
