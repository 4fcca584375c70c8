package dev.quintet.relay.rooms;

import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.EnvelopeHeader;
import dev.quintet.protocol.wire.CallClaimed;
import dev.quintet.protocol.wire.GapReason;
import dev.quintet.relay.journal.LogOutReason;
import dev.quintet.relay.mailbox.Subscriber;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A connection that receives, and remembers all it was told; what was not flushed counts as not told. */
public class FakeSubscriber implements Subscriber {
    /** One delivery or gap; of a gap, header and ciphertext are null. */
    public record Received(
            long sequence, long previous, EnvelopeHeader header, byte[] ciphertext, long gapCount, GapReason reason) {
        public boolean isGap() {
            return header == null;
        }
    }

    /** What the backlog said. */
    public record SaidBacklog(long count, long bytes, long oldestAtMillis) {}

    private final List<Runnable> unflushed = new ArrayList<>();
    private final List<Received> received = new ArrayList<>();
    private final List<Long> acknowledged = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private SaidBacklog backlog;
    private int writable = Integer.MAX_VALUE;

    @Override
    public boolean isWritable() {
        return writable > 0;
    }

    /** Takes so many deliveries more. */
    public final void setWritable(int deliveries) {
        writable = deliveries;
    }

    @Override
    public void backlog(long count, long bytes, long oldestAtMillis) {
        if (backlog != null || !events.isEmpty()) {
            throw new AssertionError("a backlog after " + events);
        }
        backlog = new SaidBacklog(count, bytes, oldestAtMillis);
        tell("backlog", () -> {});
    }

    @Override
    public void backlogDelivered() {
        if (events.contains("backlogDelivered")) {
            throw new AssertionError("said twice");
        }
        tell("backlogDelivered", () -> {});
        flush();
    }

    @Override
    public void deliver(long sequence, long previous, EnvelopeHeader header, ByteBuffer ciphertext) {
        byte[] copy = new byte[ciphertext.remaining()];
        ciphertext.get(copy);
        take(new Received(sequence, previous, header, copy, 0, null));
    }

    @Override
    public void gap(long sequence, long previous, long count, GapReason reason) {
        take(new Received(sequence, previous, null, null, count, reason));
    }

    private void take(Received item) {
        if (backlog == null) {
            throw new AssertionError("a delivery before the backlog");
        }
        writable--;
        String event = (item.isGap() ? "gap " : "deliver ") + item.sequence();
        tell(event, () -> received(item));
    }

    /** Called when an item is flushed. */
    protected void received(Received item) {
        received.add(item);
    }

    @Override
    public void acknowledged(long sequence, long requestId) {
        tell("acknowledged " + sequence, () -> acknowledged(sequence));
        flush();
    }

    /** Called when an answer is flushed. */
    protected void acknowledged(long sequence) {
        acknowledged.add(sequence);
    }

    private void tell(String event, Runnable action) {
        events.add(event);
        unflushed.add(action);
    }

    @Override
    public void flush() {
        List<Runnable> actions = List.copyOf(unflushed);
        unflushed.clear();
        actions.forEach(Runnable::run);
    }

    @Override
    public void deviceListChanged(DeviceList list) {
        events.add("list " + list.version());
    }

    @Override
    public void othersLoggedOut(DeviceList list) {
        events.add("list " + list.version() + " without " + list.loggedOut());
    }

    @Override
    public void linkRequested() {
        events.add("link requested");
    }

    @Override
    public void deviceListPut(DeviceList list) {
        events.add("put " + list.version());
    }

    @Override
    public void keysExhausted() {
        events.add("keysExhausted");
    }

    @Override
    public void callClaimed(CallClaimed claimed) {
        events.add("call claimed by " + claimed.getDevice());
    }

    @Override
    public void displaced() {
        events.add("displaced");
    }

    @Override
    public void removed() {
        events.add("removed");
    }

    @Override
    public void loggedOut(LogOutReason reason) {
        events.add("logged out " + reason);
    }

    /** What was delivered and flushed, gaps included. */
    public final List<Received> received() {
        return received;
    }

    /** The sequences of {@link #received}. */
    public final List<Long> sequences() {
        return received.stream().map(Received::sequence).toList();
    }

    /** The acknowledgements that were answered. */
    public final List<Long> acknowledged() {
        return acknowledged;
    }

    /** Everything in order, flushed or not. */
    public final List<String> events() {
        return events;
    }

    /** What was said about the backlog, or null. */
    public final SaidBacklog backlog() {
        return backlog;
    }

    /** Whether the last call was a flush, or there was none. */
    public final boolean isFlushed() {
        return unflushed.isEmpty();
    }
}
