package dev.quintet.relay.simulation;

import dev.quintet.protocol.wire.SignedDeviceList;

/** A device list that a primary wants stored, until it is answered. */
final class Proposal {
    private final SignedDeviceList list;
    private final long version;
    private final boolean isInvalid;
    private DeviceSession session;
    private long notBeforeMillis;

    /** @param isInvalid whether it must be refused */
    Proposal(SignedDeviceList list, long version, boolean isInvalid) {
        this.list = list;
        this.version = version;
        this.isInvalid = isInvalid;
    }

    SignedDeviceList list() {
        return list;
    }

    long version() {
        return version;
    }

    boolean isInvalid() {
        return isInvalid;
    }

    void send(DeviceSession on) {
        session = on;
    }

    void waitUntil(long millis) {
        session = null;
        notBeforeMillis = millis;
    }

    boolean isDue(DeviceSession on, long nowMillis) {
        return session != on && notBeforeMillis <= nowMillis;
    }
}
