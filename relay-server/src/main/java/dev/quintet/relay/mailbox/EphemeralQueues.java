package dev.quintet.relay.mailbox;

import dev.quintet.protocol.EnvelopeHeader;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

/**
 * Ephemeral envelopes of one home loop that connected devices could not take at once, each device's oldest first.
 *
 * <p>They wait for a socket that is full or a backlog that is not said yet, and are dropped when they are late, when too
 * many wait, or when the connection ends. They have no sequence and never touch the disk.
 *
 * <p><b>Thread:</b> the home loop. <b>Memory:</b> a copy of each ciphertext that waits. <b>Limits:</b> {@link #ENVELOPES}
 * for a device, {@link #BYTES} for all; beyond it the new one is dropped.
 */
final class EphemeralQueues {
    /** Most that wait for one device. */
    static final int ENVELOPES = 32;

    /** Most ciphertext that waits for all devices of the loop. */
    static final int BYTES = 2 << 20;

    private final InstantSource clock;
    private final Map<Mailbox, Queue<Waiting>> queues = new HashMap<>();
    private final Counter late;
    private final Counter crowded;
    private int bytes;

    private record Waiting(EnvelopeHeader header, long lateAtMillis, byte[] ciphertext) {}

    EphemeralQueues(InstantSource clock, MeterRegistry meters) {
        this.clock = clock;
        late = dropped(meters, "late");
        crowded = dropped(meters, "crowded");
    }

    private static Counter dropped(MeterRegistry meters, String reason) {
        return Counter.builder("quintet.envelopes.dropped")
                .tag("reason", reason)
                .description("Ephemeral envelopes that a connected device did not get")
                .register(meters);
    }

    /** Whether nothing waits for the device, and it can take an envelope now. */
    boolean canPass(Mailbox mailbox) {
        return !queues.containsKey(mailbox) && canTake(mailbox, mailbox.subscriber());
    }

    /** Keeps a copy for the subscriber, if there is room. */
    void add(Mailbox mailbox, EnvelopeHeader header, long lateAtMillis, ByteBuffer ciphertext) {
        Queue<Waiting> queue = queues.computeIfAbsent(mailbox, unused -> new ArrayDeque<>(2));
        dropLate(queue);
        if (queue.size() == ENVELOPES || bytes + ciphertext.remaining() > BYTES) {
            crowded.increment();
        } else {
            byte[] copy = new byte[ciphertext.remaining()];
            ciphertext.get(copy);
            bytes += copy.length;
            queue.add(new Waiting(header, lateAtMillis, copy));
        }
    }

    private void dropLate(Queue<Waiting> queue) {
        while (!queue.isEmpty() && isLate(queue.peek())) {
            bytes -= queue.remove().ciphertext().length;
            late.increment();
        }
    }

    private boolean isLate(Waiting waiting) {
        return clock.millis() > waiting.lateAtMillis();
    }

    /** Hands out what is still good, as far as the subscriber takes it; answers whether it was anything. */
    boolean handOut(Mailbox mailbox) {
        Subscriber subscriber = mailbox.subscriber();
        Queue<Waiting> queue = queues.isEmpty() ? null : queues.get(mailbox);
        boolean isMoved = false;
        while (queue != null && canTake(mailbox, subscriber)) {
            dropLate(queue);
            Waiting next = queue.poll();
            if (next == null) {
                queues.remove(mailbox);
                return isMoved;
            }
            bytes -= next.ciphertext().length;
            subscriber.deliver(0, 0, next.header(), ByteBuffer.wrap(next.ciphertext()));
            isMoved = true;
        }
        return isMoved;
    }

    /** Asked anew before each envelope: the subscriber may have left while it took the one before. */
    private static boolean canTake(Mailbox mailbox, Subscriber subscriber) {
        return subscriber != null
                && mailbox.subscriber() == subscriber
                && mailbox.isBacklogSaid()
                && subscriber.isWritable();
    }

    /** The connection has ended: nothing waits for it any more. */
    void forget(Mailbox mailbox) {
        Queue<Waiting> queue = queues.remove(mailbox);
        if (queue != null) {
            queue.forEach(waiting -> bytes -= waiting.ciphertext().length);
        }
    }
}
