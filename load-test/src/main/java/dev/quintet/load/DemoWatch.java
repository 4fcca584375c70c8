package dev.quintet.load;

import dev.quintet.protocol.EnvelopeId;

/** Passes what happens on to the line that is being watched, if there is one. */
final class DemoWatch implements FleetObserver {
    private volatile FleetObserver line = new FleetObserver() {};

    void watch(FleetObserver watched) {
        line = watched;
    }

    @Override
    public void accepted(EnvelopeId envelopeId, long nanos) {
        line.accepted(envelopeId, nanos);
    }

    @Override
    public void delivered(FleetDevice device, EnvelopeId envelopeId, long nanos) {
        line.delivered(device, envelopeId, nanos);
    }
}
