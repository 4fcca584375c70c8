package dev.quintet.relay.journal;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What a journal is given from outside, so that it runs on one thread, from one seed, in tests.
 *
 * @param disk the directory that belongs to it alone
 * @param background runs what takes long and may wait: making, recycling and deleting segments
 * @param nanoClock as {@link System#nanoTime}
 * @param random draws the checksum salt of a new journal
 * @param meters where its meters are registered
 * @param onFailure called once, when a write or sync has failed and nothing more will become durable; has to stop the
 *     process
 */
public record JournalEnvironment(
        Disk disk,
        Executor background,
        LongSupplier nanoClock,
        RandomGenerator random,
        MeterRegistry meters,
        Consumer<Throwable> onFailure) {}
