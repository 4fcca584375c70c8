package dev.quintet.load;

import dev.quintet.client.DeviceAddress;
import dev.quintet.protocol.EnvelopeId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** One message on its way to the five devices of an account, as a line that fills up. */
final class FanOutLine implements FleetObserver {
    private final EnvelopeId envelopeId;
    private final String route;
    private final FleetAccount to;
    private final Set<FleetDevice> away;
    private final Map<DeviceAddress, Long> deliveredNanos = new HashMap<>();
    private long acceptedNanos;

    /**
     * @param route who writes to whom
     * @param away devices that are not connected
     */
    FanOutLine(EnvelopeId envelopeId, String route, FleetAccount to, Set<FleetDevice> away) {
        this.envelopeId = envelopeId;
        this.route = route;
        this.to = to;
        this.away = new HashSet<>(away);
        this.away.retainAll(to.devices());
    }

    @Override
    public synchronized void accepted(EnvelopeId accepted, long nanos) {
        if (accepted.equals(envelopeId)) {
            acceptedNanos = nanos;
            notifyAll();
        }
    }

    @Override
    public synchronized void delivered(FleetDevice device, EnvelopeId delivered, long nanos) {
        if (delivered.equals(envelopeId)) {
            deliveredNanos.put(device.address(), nanos);
            notifyAll();
        }
    }

    /** Waits until it is accepted and every connected device has it, at most so long; whether that came true. */
    synchronized boolean await(long millis) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (!isComplete()) {
            long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (leftMillis <= 0) {
                return false;
            }
            try {
                wait(leftMillis);
            } catch (InterruptedException exception) {
                Thread.currentThread().interrupt();
                throw new CommandFailure("interrupted");
            }
        }
        return true;
    }

    private boolean isComplete() {
        return acceptedNanos > 0 && deliveredNanos.size() >= to.devices().size() - away.size();
    }

    /** The line as it is now: each device with the time after which it had its envelope. */
    synchronized String text() {
        StringBuilder line = new StringBuilder("  ").append(route).append("  ");
        for (FleetDevice device : to.devices()) {
            line.append(String.format("  %d %-9s", device.address().device(), mark(device)));
        }
        return line.append("  on disk ")
                .append(acceptedNanos > 0 ? Words.nanos(acceptedNanos) : "...")
                .toString();
    }

    private String mark(FleetDevice device) {
        Long nanos = deliveredNanos.get(device.address());
        if (nanos != null) {
            return Words.nanos(nanos);
        }
        return away.contains(device) ? "(away)" : "...";
    }
}
