package dev.quintet.client;

import dev.quintet.protocol.wire.Acknowledge;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.Deliver;
import dev.quintet.protocol.wire.Gap;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;

/**
 * A device's end of its mailbox: tells the listener what arrives and what is missing, and acknowledges what was taken over,
 * after so many envelopes or after so long.
 *
 * <p><b>Thread:</b> the device's event loop.
 */
final class MailboxEnd {
    private final Device device;
    private final DeviceListener listener;
    private final DeviceOptions options;
    private final EventLoop loop;
    private final MailboxCursor cursor;
    private long acknowledgeRequestId;
    private boolean isAcknowledgeScheduled;

    /** @param cursor where the device stands in its mailbox */
    MailboxEnd(Device device, DeviceListener listener, DeviceOptions options, EventLoop loop, MailboxCursor cursor) {
        this.device = device;
        this.listener = listener;
        this.options = options;
        this.loop = loop;
        this.cursor = cursor;
    }

    void deliver(Deliver deliver) {
        Delivery delivery = new Delivery(device, deliver);
        if (delivery.isEphemeral()) {
            AppCode.call(() -> listener.delivered(delivery));
            return;
        }
        checkHole(deliver.getPrevious());
        MailboxCursor.Arrival arrival = cursor.arrive(deliver.getSequence());
        if (arrival == MailboxCursor.Arrival.FRESH) {
            AppCode.call(() -> listener.delivered(delivery));
        } else {
            boolean wasAcknowledged = arrival == MailboxCursor.Arrival.ACKNOWLEDGED_BEFORE;
            AppCode.call(() -> listener.redelivered(delivery, wasAcknowledged));
            scheduleAcknowledge();
        }
    }

    void gap(Gap gap) {
        checkHole(gap.getPrevious());
        if (cursor.arriveGap(gap.getSequence()) == MailboxCursor.Arrival.FRESH) {
            AppCode.call(() -> listener.gap(gap));
        }
        scheduleAcknowledge();
    }

    private void checkHole(long previous) {
        if (cursor.isHole(previous)) {
            AppCode.call(() -> listener.hole(previous));
        }
    }

    /** The app has taken over what has this sequence. */
    void take(long sequence) {
        cursor.take(sequence);
        scheduleAcknowledge();
    }

    /** The relay has confirmed that all up to this sequence is gone. */
    void confirm(long sequence) {
        cursor.confirm(sequence);
        scheduleAcknowledge();
    }

    /** Tries again later, if it was the acknowledgement that the relay refused; answers whether it was. */
    boolean refused(long requestId, long retryAfterMillis) {
        if (requestId == 0 || requestId != acknowledgeRequestId) {
            return false;
        }
        cursor.refuse();
        isAcknowledgeScheduled = true;
        long pauseMillis = Math.max(retryAfterMillis, options.acknowledgeDelayMillis());
        loop.schedule(this::acknowledgeNow, pauseMillis, TimeUnit.MILLISECONDS);
        return true;
    }

    void disconnect() {
        cursor.disconnect();
    }

    private void scheduleAcknowledge() {
        if (cursor.due() >= options.acknowledgeEvery()) {
            acknowledge();
        } else if (!isAcknowledgeScheduled && cursor.due() > 0) {
            isAcknowledgeScheduled = true;
            loop.schedule(this::acknowledgeNow, options.acknowledgeDelayMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void acknowledgeNow() {
        isAcknowledgeScheduled = false;
        acknowledge();
    }

    private void acknowledge() {
        long sequence = device.isLoggedIn() ? cursor.startAcknowledging() : 0;
        if (sequence > 0) {
            acknowledgeRequestId = device.write(ClientFrame.newBuilder()
                    .setAcknowledge(Acknowledge.newBuilder().setSequence(sequence)));
        }
    }

    /** The newest sequence up to which the relay has confirmed that everything is gone; 0 if there is none. */
    long confirmed() {
        return cursor.confirmed();
    }

    /** Whether the relay has confirmed the acknowledgement of everything that has arrived. */
    boolean isSettled() {
        return cursor.isSettled();
    }
}
