package dev.quintet.benchmarks;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads of the kind that event loops are, to run a benchmark on: others make anew what Netty keeps for its own, buffers
 * above all.
 *
 * <p>JMH makes it, in a forked JVM that was started with {@link #OPTION} and {@link #CLASS_OPTION}.
 */
public final class LoopThreads extends ThreadPoolExecutor {
    static final String OPTION = "-Djmh.executor=CUSTOM";
    static final String CLASS_OPTION = "-Djmh.executor.class=dev.quintet.benchmarks.LoopThreads";

    /** As JMH calls it. */
    public LoopThreads(int threads, String prefix) {
        super(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), new DefaultThreadFactory(prefix));
    }
}
