package dev.quintet.relay.account;

import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.store.Rows;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What the keys of one home loop stand on.
 *
 * @param home the loop
 * @param homes how many there are
 * @param journal where every change goes
 * @param rows the image's rows, for keys that are no longer in the journal
 * @param readers runs reads; refuses with {@link java.util.concurrent.RejectedExecutionException} when too many wait
 * @param nanoTime for rates
 * @param failure told of a disk that cannot be read; the process should stop
 * @param meters where to count
 */
public record PrekeyGround(
        Home home,
        int homes,
        Journal journal,
        Rows rows,
        Executor readers,
        LongSupplier nanoTime,
        Consumer<Throwable> failure,
        MeterRegistry meters) {}
