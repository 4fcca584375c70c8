package dev.quintet.relay.journal;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** The nap of a thread that is known once it runs. */
final class ThreadNap implements CommitPace.Nap {
    private final LongSupplier nanoClock;
    private volatile Thread thread;

    ThreadNap(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** It is the calling thread that sleeps. */
    void begin() {
        thread = Thread.currentThread();
    }

    @Override
    public long nanoTime() {
        return nanoClock.getAsLong();
    }

    @Override
    public void sleep(long nanos) {
        LockSupport.parkNanos(this, nanos);
    }

    @Override
    public void wake() {
        LockSupport.unpark(thread);
    }
}
