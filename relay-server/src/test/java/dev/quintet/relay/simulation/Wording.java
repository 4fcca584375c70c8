package dev.quintet.relay.simulation;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.wire.DeviceEnvelope;
import dev.quintet.protocol.wire.Recipient;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SortedMap;

/**
 * A {@link Letter} as it was encrypted for certain devices. After a mismatch there is another.
 *
 * <p>Its bytes say whose they are: sender, number of the parcel, number of the wording, device or 0 for a shared one.
 */
final class Wording {
    static final int HEAD_BYTES = 4 * Integer.BYTES;

    private final Letter letter;
    private final int number;
    private final SortedMap<Integer, Integer> addressees;
    private int lostAttempts;
    private long earliestStamp;
    private long acceptedStamp;
    private long earliestVersion;
    private long sentVersion;
    private boolean isRefused;

    Wording(Letter letter, int number, SortedMap<Integer, Integer> addressees) {
        this.letter = letter;
        this.number = number;
        this.addressees = addressees;
    }

    Letter letter() {
        return letter;
    }

    int number() {
        return number;
    }

    /** Registration ids by device. */
    SortedMap<Integer, Integer> addressees() {
        return addressees;
    }

    ByteString ciphertext(int device) {
        Parcel parcel = letter.parcel();
        byte[] bytes = new byte[parcel.ciphertextBytes()];
        Arrays.fill(bytes, (byte) parcel.number());
        ByteBuffer.wrap(bytes)
                .putInt(parcel.sender().uid())
                .putInt(parcel.number())
                .putInt(number)
                .putInt(parcel.isShared() ? 0 : device);
        return ByteString.copyFrom(bytes);
    }

    /** Which wording these bytes are of. */
    static int numberIn(ByteString ciphertext) {
        return ciphertext.size() < HEAD_BYTES
                ? 0
                : ciphertext.asReadOnlyByteBuffer().getInt(2 * Integer.BYTES);
    }

    Recipient toWire() {
        Recipient.Builder recipient =
                Recipient.newBuilder().setAccount(letter.recipient().id().toByteString());
        addressees.forEach((device, registrationId) -> {
            DeviceEnvelope.Builder envelope =
                    DeviceEnvelope.newBuilder().setDevice(device).setRegistrationId(registrationId);
            if (!letter.parcel().isShared()) {
                envelope.setCiphertext(ciphertext(device));
            }
            recipient.addDevices(envelope);
        });
        return recipient.build();
    }

    // What its sender knows

    /** It leaves; if it was not stored before, it may be from now on. */
    void send(long stamp) {
        sentVersion = letter.recipient().confirmed().version();
        if (lostAttempts == 0) {
            earliestStamp = stamp;
            earliestVersion = sentVersion;
        }
    }

    boolean wasSent() {
        return earliestStamp > 0;
    }

    /** The answer will never come. */
    void lose() {
        lostAttempts++;
    }

    /** Whether an attempt may have succeeded without an answer. */
    boolean isDoubtful() {
        return lostAttempts > 0;
    }

    void accept(long sentStamp) {
        acceptedStamp = sentStamp;
    }

    /** It was refused, and is not sent again. */
    void refuse() {
        isRefused = true;
    }

    boolean isRefused() {
        return isRefused;
    }

    /** It was not stored before this step. */
    long earliestStamp() {
        return earliestStamp;
    }

    /** It was stored by what was sent at this step or before; 0 if nobody knows. */
    long acceptedStamp() {
        return acceptedStamp;
    }

    /** Newest version of the recipient's list that was known to be stored when this may first have been. */
    long earliestVersion() {
        return earliestVersion;
    }

    /** The same, when it was last sent. */
    long sentVersion() {
        return sentVersion;
    }

    @Override
    public String toString() {
        return letter + "/" + number;
    }
}
