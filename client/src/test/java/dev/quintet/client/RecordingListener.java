package dev.quintet.client;

import dev.quintet.protocol.wire.CallClaimed;
import dev.quintet.protocol.wire.Gap;
import dev.quintet.protocol.wire.SignedDeviceList;
import dev.quintet.protocol.wire.Welcome;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Keeps what a device tells, for a test to wait for. */
final class RecordingListener implements DeviceListener {
    final BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();
    final BlockingQueue<Disconnection> disconnections = new LinkedBlockingQueue<>();
    final BlockingQueue<Welcome> welcomes = new LinkedBlockingQueue<>();
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    final BlockingQueue<LinkKnock> knocks = new LinkedBlockingQueue<>();
    final List<Long> redelivered = new CopyOnWriteArrayList<>();

    @Override
    public void delivered(Delivery delivery) {
        deliveries.add(delivery);
    }

    @Override
    public void redelivered(Delivery delivery, boolean wasAcknowledged) {
        redelivered.add(delivery.sequence());
        events.add((wasAcknowledged ? "fault " : "redelivered ") + delivery.sequence());
    }

    @Override
    public void gap(Gap gap) {
        events.add("gap " + gap.getSequence());
    }

    @Override
    public void deviceListChanged(SignedDeviceList deviceList) {
        events.add("list");
    }

    @Override
    public void linkRequested(LinkKnock knock) {
        knocks.add(knock);
    }

    @Override
    public void expiring(int companionDaysLeft) {
        events.add("expiring " + companionDaysLeft);
    }

    @Override
    public void callClaimed(CallClaimed claimed) {
        events.add("call claimed by " + claimed.getDevice());
    }

    @Override
    public void hole(long missingSequence) {
        events.add("hole " + missingSequence);
    }

    @Override
    public void connected(Welcome welcome) {
        welcomes.add(welcome);
    }

    @Override
    public void disconnected(Disconnection disconnection) {
        disconnections.add(disconnection);
    }

    /** The next one, or an error after five seconds. */
    static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(5, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nothing came for five seconds");
        }
        return next;
    }
}
