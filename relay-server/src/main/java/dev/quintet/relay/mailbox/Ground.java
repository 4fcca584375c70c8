package dev.quintet.relay.mailbox;

import dev.quintet.relay.journal.AfterDurable;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.store.Residents;
import dev.quintet.relay.store.Rows;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * What the mailboxes of one home loop stand on.
 *
 * @param residents the accounts of this loop
 * @param journal shared by all loops
 * @param afterDurable the actions of this loop that wait for the journal
 * @param hotTier the envelopes of this loop in memory
 * @param rows the image, to read from
 * @param readers where reading happens
 * @param home runs something on this loop later
 * @param clock for expiry
 * @param failure told of a disk that does not answer; the process should stop
 * @param meters where to count
 */
public record Ground(
        Residents residents,
        Journal journal,
        AfterDurable afterDurable,
        HotTier hotTier,
        Rows rows,
        Executor readers,
        Executor home,
        InstantSource clock,
        Consumer<Throwable> failure,
        MeterRegistry meters) {}
