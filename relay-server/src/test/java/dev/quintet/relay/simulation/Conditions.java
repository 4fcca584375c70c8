package dev.quintet.relay.simulation;

import dev.quintet.relay.fanout.SubmissionLimits;
import dev.quintet.relay.journal.JournalConfig;
import dev.quintet.relay.mailbox.MailboxLimits;
import dev.quintet.relay.net.ConnectionLimits;
import dev.quintet.relay.store.StoreConfig;
import java.util.random.RandomGenerator;

/**
 * What one run is like: limits that are reached, and how often something goes wrong.
 *
 * @param journal a ring that overflows and segments that end soon
 * @param mailbox mailboxes that are full soon, windows that close, a hot tier that misses
 * @param store few reads may wait; accounts leave memory at once, or stay
 * @param submission small ciphertexts, and times to live that end in the run
 * @param connection timeouts of seconds, seldom a low rate
 * @param queuedTasks what may wait for readers and for crypto
 * @param wireBytes what fits on the way to a device
 * @param pieceBytes largest piece in which bytes arrive
 * @param laziness the disk takes what was appended at one in so many chances
 * @param cuts connections cut, in 10,000 steps
 * @param powerCuts power cuts, in 10,000 steps
 * @param diskFaults changes between a full disk and one with room, in 10,000 steps
 */
record Conditions(
        JournalConfig journal,
        MailboxLimits mailbox,
        StoreConfig store,
        SubmissionLimits submission,
        ConnectionLimits connection,
        int queuedTasks,
        int wireBytes,
        int pieceBytes,
        int laziness,
        int cuts,
        int powerCuts,
        int diskFaults) {
    static final int CIPHERTEXT_BYTES = 300;
    static final int LONGEST_TIME_TO_LIVE_SECONDS = 600;
    private static final ConnectionLimits.Timeouts TIMEOUTS = new ConnectionLimits.Timeouts(5, 6, 6, 2, 6, 8);

    static Conditions draw(RandomGenerator random) {
        int ringBytes = 4096 << random.nextInt(3);
        MailboxLimits mailbox = new MailboxLimits(
                random.nextInt(3, 40),
                random.nextInt(400, 8_000),
                random.nextInt(1, 10),
                random.nextInt(50, 2_000),
                random.nextInt(100, 10_000));
        int warmBytes = random.nextBoolean() ? 1 : 1 << 20;
        int queuedTasks = random.nextInt(3) == 0 ? random.nextInt(1, 4) : 1_000;
        return new Conditions(
                new JournalConfig(2 * ringBytes, ringBytes),
                mailbox,
                new StoreConfig(1 << 20, 1 << 20, 32, warmBytes, random.nextInt(2, 40), 1, 100, 1 << 12, 3_000),
                new SubmissionLimits(8, CIPHERTEXT_BYTES, LONGEST_TIME_TO_LIVE_SECONDS, 2, 60, 10_000, 30_000),
                connectionLimits(random),
                queuedTasks,
                random.nextInt(200, 4_000),
                random.nextInt(4) == 0 ? 20 : 2_000,
                random.nextInt(4) == 0 ? random.nextInt(5, 30) : 1,
                random.nextInt(120),
                random.nextInt(3) == 0 ? 0 : random.nextInt(40),
                random.nextInt(2) == 0 ? 0 : random.nextInt(40));
    }

    private static ConnectionLimits connectionLimits(RandomGenerator random) {
        int perSecond = random.nextInt(5) == 0 ? random.nextInt(5, 20) : 10_000;
        return new ConnectionLimits(
                1 << 16,
                4096,
                16,
                4096,
                random.nextInt(500, 8_000),
                perSecond,
                perSecond,
                perSecond,
                perSecond,
                1_000_000,
                TIMEOUTS);
    }
}
