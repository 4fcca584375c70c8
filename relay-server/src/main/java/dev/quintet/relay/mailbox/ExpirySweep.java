package dev.quintet.relay.mailbox;

import dev.quintet.protocol.AccountId;
import dev.quintet.relay.store.Rows;
import io.netty.buffer.ByteBuf;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * Takes expired envelopes off the disk though their device never comes back.
 *
 * <p>Goes over all mailboxes in the image, a step at a time, and hands what is overdue to the account's {@link
 * Mailboxes#expire}. The next step waits until that is done, so a sweep takes little of anything, and as long as it
 * takes.
 *
 * <p><b>Thread:</b> {@link #run} on any; a step runs on a read thread. <b>Memory:</b> what a step finds.
 * <b>Limits:</b> {@link #LOOKED_AT} mailboxes are looked at in a step, {@link #FOUND} are found. <b>Failure:</b> what
 * cannot be journaled, or read because too much waits, is left for the next sweep; a disk that fails to answer goes to
 * the handler given.
 */
public final class ExpirySweep {
    static final int LOOKED_AT = 4096;
    static final int FOUND = 64;

    private static final byte[] START = {};

    private final Rows rows;
    private final Executor readers;
    private final InstantSource clock;
    private final Consumer<Overdue> homes;
    private final Consumer<Throwable> failure;
    private final AtomicBoolean isUnderWay = new AtomicBoolean();

    /**
     * A sweep over {@code rows}.
     *
     * @param readers where steps run
     * @param homes takes what is found to the account's home loop, and there to {@link Mailboxes#expire}
     * @param failure told of a disk that does not answer; the process should stop
     */
    public ExpirySweep(
            Rows rows, Executor readers, InstantSource clock, Consumer<Overdue> homes, Consumer<Throwable> failure) {
        this.rows = rows;
        this.readers = readers;
        this.clock = clock;
        this.homes = homes;
        this.failure = failure;
    }

    /** Starts a sweep, unless one is under way. */
    public void run() {
        if (isUnderWay.compareAndSet(false, true)) {
            goOn(START);
        }
    }

    private void goOn(byte[] from) {
        try {
            readers.execute(() -> step(from));
        } catch (RejectedExecutionException full) {
            isUnderWay.set(false);
        }
    }

    private void step(byte[] from) {
        try {
            Step step = new Step(clock.millis());
            rows.scan(MailboxRow.TABLE, from, null, step::look);
            step.handOver();
        } catch (RuntimeException | Error failed) {
            failure.accept(failed);
        }
    }

    /** A mailbox in which something is overdue. */
    private record Due(byte[] key, MailboxRow row) {}

    /** One step: where it has come to, and what it has found. */
    private final class Step {
        private final long nowMillis;
        private final List<Due> due = new ArrayList<>();
        private final List<Overdue> overdue = new ArrayList<>();
        private final AtomicInteger missing = new AtomicInteger(1);
        private int lookedAt;
        private byte[] last;

        Step(long nowMillis) {
            this.nowMillis = nowMillis;
        }

        /** Whether to go on. */
        boolean look(byte[] key, byte[] value) {
            MailboxRow row = MailboxRow.of(value);
            if (row.earliestExpiryMillis() <= nowMillis) {
                due.add(new Due(key, row));
            }
            lookedAt++;
            last = key;
            return !isFull();
        }

        private boolean isFull() {
            return lookedAt == LOOKED_AT || due.size() == FOUND;
        }

        void handOver() {
            due.forEach(this::read);
            missing.addAndGet(overdue.size());
            overdue.forEach(homes);
            done();
        }

        /** The last one who is done starts the next step. */
        private void done() {
            if (missing.decrementAndGet() > 0) {
                return;
            }
            if (isFull()) {
                goOn(Arrays.copyOf(last, last.length + 1));
            } else {
                isUnderWay.set(false);
            }
        }

        private void read(Due mailbox) {
            AccountId account = AccountId.of(Arrays.copyOf(mailbox.key(), AccountId.BYTES));
            int device = MailboxRow.device(mailbox.key());
            LongStream.Builder sequences = LongStream.builder();
            long[] nextMillis = {Long.MAX_VALUE};
            rows.scanAll(EnvelopeRow.TABLE, mailbox.key(), (key, row) -> {
                long expiresAtMillis = expiresAtMillis(row);
                if (expiresAtMillis <= nowMillis) {
                    sequences.add(EnvelopeRow.sequence(key));
                } else {
                    nextMillis[0] = Math.min(nextMillis[0], expiresAtMillis);
                }
                return true;
            });
            addChunks(account, device, mailbox.row().end(), sequences.build().toArray(), nextMillis[0]);
        }

        /** At least one, so that a mailbox in which nothing was overdue after all is not looked at again for nothing. */
        private void addChunks(AccountId account, int device, long end, long[] sequences, long nextMillis) {
            int from = 0;
            do {
                int to = Math.min(sequences.length, from + ExpiryEntry.MAX_SEQUENCES);
                long next = to == sequences.length ? nextMillis : nowMillis;
                overdue.add(
                        new Overdue(account, device, Arrays.copyOfRange(sequences, from, to), end, next, this::done));
                from = to;
            } while (from < sequences.length);
        }

        private long expiresAtMillis(byte[] row) {
            if (EnvelopeRow.isGap(row)) {
                return Long.MAX_VALUE;
            }
            ByteBuf entry = EnvelopeRow.entry(row);
            return SubmissionEntry.expiresAtMillis(entry);
        }
    }
}
