package dev.quintet.relay.simulation;

import dev.quintet.protocol.wire.Submit;
import java.util.List;

/** What one Submit holds, until it is answered. */
final class Packet {
    /** Why it is sent. */
    enum Purpose {
        /** To have it stored. */
        SUBMIT,
        /** Again, though it was accepted: nothing may come of it. */
        REPEAT,
        /** Other content under an id that was accepted: it must be refused. */
        FORGE
    }

    private final Purpose purpose;
    private final Parcel parcel;
    private final List<Wording> wordings;
    private DeviceSession session;
    private long sentStamp;
    private long notBeforeMillis;

    Packet(Purpose purpose, List<Wording> wordings) {
        this.purpose = purpose;
        this.wordings = wordings;
        this.parcel = wordings.get(0).letter().parcel();
    }

    Purpose purpose() {
        return purpose;
    }

    List<Wording> wordings() {
        return wordings;
    }

    Submit.Builder toWire() {
        Submit.Builder submit = Submit.newBuilder()
                .setEnvelopeId(parcel.id().toByteString())
                .setClass_(parcel.envelopeClass())
                .setEphemeral(parcel.isEphemeral())
                .setUrgent(parcel.isUrgent())
                .setTimeToLiveSeconds(parcel.timeToLiveSeconds());
        wordings.forEach(wording -> submit.addRecipients(wording.toWire()));
        if (parcel.isShared()) {
            submit.setSharedCiphertext(wordings.get(0).ciphertext(0));
        }
        return submit;
    }

    /** The connection on which its answer is awaited, or null. */
    DeviceSession session() {
        return session;
    }

    void send(DeviceSession on, long stamp) {
        session = on;
        sentStamp = stamp;
        if (purpose == Purpose.SUBMIT) {
            wordings.forEach(wording -> wording.send(stamp));
        }
    }

    long sentStamp() {
        return sentStamp;
    }

    /** It is to be sent again, though not before this time. */
    void waitUntil(long millis) {
        session = null;
        notBeforeMillis = millis;
    }

    /** Its answer is lost with its connection. */
    void lose() {
        session = null;
        wordings.forEach(Wording::lose);
    }

    boolean isDue(long nowMillis) {
        return session == null && notBeforeMillis <= nowMillis;
    }

    @Override
    public String toString() {
        return purpose + " " + wordings;
    }
}
