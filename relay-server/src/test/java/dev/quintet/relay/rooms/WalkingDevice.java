package dev.quintet.relay.rooms;

import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.wire.GapReason;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A device that outlives its connections and the relay, and holds every delivery against what it was told before.
 *
 * <p>It stands up for promises 1, 2, 3 and 5: nothing that is not on disk, nothing twice, no hole, nothing again.
 */
final class WalkingDevice {
    final TestAccount account;
    final int device;
    private final RandomWalk walk;
    private final TreeMap<Long, FakeSubscriber.Received> items = new TreeMap<>();
    private final Map<EnvelopeId, Long> sequences = new HashMap<>();
    private long acknowledged;
    private Walking connection;

    WalkingDevice(RandomWalk walk, TestAccount account, int device) {
        this.walk = walk;
        this.account = account;
        this.device = device;
    }

    /** A connection of this device. */
    private final class Walking extends FakeSubscriber {
        private long last = -1;

        @Override
        protected void received(Received item) {
            super.received(item);
            check(item.sequence() > acknowledged, "delivered after it was acknowledged", item);
            boolean isChained =
                    last >= 0 ? item.previous() == last : item.previous() == 0 || items.containsKey(item.previous());
            check(isChained, "a hole after " + last, item);
            last = item.sequence();
            if (!item.isGap()) {
                take(item);
            }
            items.merge(item.sequence(), item, this::newer);
        }

        private Received newer(Received before, Received item) {
            boolean isSame = before.isGap()
                    ? item.isGap() && item.gapCount() >= before.gapCount() && item.reason() == before.reason()
                    : item.isGap()
                            ? item.reason() == GapReason.EXPIRED
                            : item.header().equals(before.header());
            check(isSame, "was another item before", item);
            return item;
        }

        @Override
        protected void acknowledged(long sequence) {
            super.acknowledged(sequence);
            acknowledged = Math.max(acknowledged, sequence);
        }
    }

    private void take(FakeSubscriber.Received item) {
        EnvelopeId id = item.header().id();
        check(!walk.isUncommitted(id), "delivered before it was on disk", item);
        Long before = sequences.put(id, item.sequence());
        check(before == null || before == item.sequence(), "a second copy", item);
        RandomWalk.Sent sent = walk.sent(id);
        check(Arrays.equals(item.ciphertext(), Rooms.ciphertext(id, device, sent.bytes())), "not what was sent", item);
        sent.checkAcceptedAt(item.header().acceptedAtMillis());
        var lower = items.lowerEntry(item.sequence());
        while (lower != null && lower.getValue().isGap()) {
            lower = items.lowerEntry(lower.getKey());
        }
        check(
                lower == null
                        || lower.getValue().header().acceptedAtMillis()
                                < item.header().acceptedAtMillis(),
                "out of the order of acceptance",
                item);
    }

    private void check(boolean isRight, String otherwise, FakeSubscriber.Received item) {
        if (!isRight) {
            throw new AssertionError(account.id() + "." + device + ": " + otherwise + ": " + item);
        }
    }

    boolean isConnected() {
        return connection != null;
    }

    FakeSubscriber connection() {
        return connection;
    }

    void connect(int writable) {
        connection = new Walking();
        connection.setWritable(writable);
        walk.rooms().subscribe(account, device, connection);
    }

    void disconnect() {
        walk.rooms().disconnect(account, device, connection);
        connection = null;
    }

    /** The relay is gone. */
    void cutOff() {
        connection = null;
    }

    /** Acknowledges something that this connection has delivered. */
    void acknowledge(long sequence) {
        walk.rooms().acknowledge(account, device, connection, sequence, answer -> {});
    }

    boolean hasReceived(EnvelopeId id) {
        return sequences.containsKey(id);
    }

    /** Envelopes that were announced as lost for this reason and never came. */
    long lost(GapReason reason) {
        return items.values().stream()
                .filter(item -> item.isGap() && item.reason() == reason && !sequences.containsValue(item.sequence()))
                .mapToLong(FakeSubscriber.Received::gapCount)
                .sum();
    }
}
