package dev.quintet.protocol;

import com.google.protobuf.WireFormat;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.DeviceEnvelope;
import dev.quintet.protocol.wire.EnvelopeClass;
import dev.quintet.protocol.wire.Recipient;
import dev.quintet.protocol.wire.Submit;
import io.netty.buffer.ByteBuf;
import io.netty.util.Recycler;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * A {@code Submit} frame, read in place: who gets which bytes of the frame.
 *
 * <p>Recipients are counted from 0 in the order of the frame; the envelopes of all recipients stand in one row, those of
 * recipient {@code r} from {@link #firstEnvelope(int) firstEnvelope(r)} up to and without {@link #endEnvelope(int)
 * endEnvelope(r)}. Offsets are indexes in {@link #frame}. Ciphertext is neither parsed nor copied.
 *
 * <p>The frame has passed {@link FrameChecker#CLIENT}. What it means (a device twice, no ciphertext or two) has not
 * been looked at.
 *
 * <p><b>Thread:</b> any; nothing changes while it is owned, and it is meant to be handed to the recipients' home loops.
 * <b>Memory:</b> owns the frame it was read from; {@link #retain} before handing it to one more owner, {@link #release}
 * by each. After the last release the object is used for another frame: nobody may touch it any more.
 */
public final class Submission {
    private static final Recycler<Submission> RECYCLER = new Recycler<>() {
        @Override
        protected Submission newObject(Handle<Submission> handle) {
            return new Submission(handle);
        }
    };

    private static final AtomicIntegerFieldUpdater<Submission> OWNERS =
            AtomicIntegerFieldUpdater.newUpdater(Submission.class, "owners");

    private static final int FEW_ENVELOPES = 5;

    /** Larger arrays are not kept for the next frame. */
    private static final int MANY_RECIPIENTS = 64;

    /** The numbers of one envelope in {@link #envelopes}: device, registration id, offset and length of ciphertext. */
    private static final int STRIDE = 4;

    private static final int REGISTRATION_ID = 1;
    private static final int OFFSET = 2;
    private static final int LENGTH = 3;

    private final Recycler.Handle<Submission> handle;
    private volatile int owners;
    private ByteBuf frame;
    private int end;
    private long requestId;
    private EnvelopeId envelopeId;
    private int envelopeClass;
    private boolean isEphemeral;
    private boolean isUrgent;
    private int timeToLiveSeconds;
    private boolean wantsKeys;
    private boolean isCallOffer;
    private int sharedOffset;
    private int sharedLength;
    private int recipientCount;
    private int envelopeCount;
    private int[] accounts = new int[1];
    private int[] ends = new int[1];
    private int[] envelopes = new int[FEW_ENVELOPES * STRIDE];

    private Submission(Recycler.Handle<Submission> handle) {
        this.handle = handle;
    }

    /** Reads a checked frame whose body is a {@code Submit}, and owns it from now on. */
    public static Submission read(ByteBuf frame) {
        Submission submission = RECYCLER.get();
        submission.begin(frame);
        submission.readFrame(frame.readerIndex(), frame.writerIndex());
        return submission;
    }

    /** What the frame does not say has its default value, whatever the frame before said. */
    private void begin(ByteBuf newFrame) {
        OWNERS.lazySet(this, 1);
        frame = newFrame;
        end = newFrame.writerIndex();
        requestId = 0;
        envelopeId = null;
        envelopeClass = 0;
        isEphemeral = false;
        isUrgent = false;
        timeToLiveSeconds = 0;
        wantsKeys = false;
        isCallOffer = false;
        sharedOffset = 0;
        sharedLength = 0;
        recipientCount = 0;
        envelopeCount = 0;
    }

    private void readFrame(int from, int to) {
        int at = from;
        while (at < to) {
            long tag = Varint.read32(frame, at, to);
            long span = span(tag, at, to);
            int value = Varint.from(span);
            int end = Varint.to(span);
            switch (WireFormat.getTagFieldNumber(Varint.value(tag))) {
                case ClientFrame.REQUEST_ID_FIELD_NUMBER -> requestId = Varint.read64(frame, value);
                case ClientFrame.SUBMIT_FIELD_NUMBER -> readSubmit(value, end);
                default -> {}
            }
            at = end;
        }
    }

    private void readSubmit(int from, int to) {
        int at = from;
        while (at < to) {
            long tag = Varint.read32(frame, at, to);
            long span = span(tag, at, to);
            int value = Varint.from(span);
            int end = Varint.to(span);
            switch (WireFormat.getTagFieldNumber(Varint.value(tag))) {
                case Submit.ENVELOPE_ID_FIELD_NUMBER -> envelopeId = EnvelopeId.at(frame, value);
                case Submit.RECIPIENTS_FIELD_NUMBER -> readRecipient(value, end);
                case Submit.SHARED_CIPHERTEXT_FIELD_NUMBER -> {
                    sharedOffset = value;
                    sharedLength = end - value;
                }
                case Submit.CLASS_FIELD_NUMBER -> envelopeClass = (int) Varint.read64(frame, value);
                case Submit.EPHEMERAL_FIELD_NUMBER -> isEphemeral = Varint.read64(frame, value) != 0;
                case Submit.URGENT_FIELD_NUMBER -> isUrgent = Varint.read64(frame, value) != 0;
                case Submit.TIME_TO_LIVE_SECONDS_FIELD_NUMBER -> timeToLiveSeconds = number(value, end);
                case Submit.WANT_KEYS_FIELD_NUMBER -> wantsKeys = Varint.read64(frame, value) != 0;
                case Submit.CALL_OFFER_FIELD_NUMBER -> isCallOffer = Varint.read64(frame, value) != 0;
                default -> {}
            }
            at = end;
        }
    }

    private void readRecipient(int from, int to) {
        int recipient = recipientCount++;
        if (recipient == ends.length) {
            accounts = Arrays.copyOf(accounts, 2 * recipient);
            ends = Arrays.copyOf(ends, 2 * recipient);
        }
        int at = from;
        while (at < to) {
            long tag = Varint.read32(frame, at, to);
            long span = span(tag, at, to);
            int value = Varint.from(span);
            int end = Varint.to(span);
            switch (WireFormat.getTagFieldNumber(Varint.value(tag))) {
                case Recipient.ACCOUNT_FIELD_NUMBER -> accounts[recipient] = value;
                case Recipient.DEVICES_FIELD_NUMBER -> readEnvelope(value, end);
                default -> {}
            }
            at = end;
        }
        ends[recipient] = envelopeCount;
    }

    private void readEnvelope(int from, int to) {
        int envelope = STRIDE * envelopeCount++;
        if (envelope == envelopes.length) {
            envelopes = Arrays.copyOf(envelopes, 2 * envelope);
        }
        Arrays.fill(envelopes, envelope, envelope + STRIDE, 0);
        int at = from;
        while (at < to) {
            long tag = Varint.read32(frame, at, to);
            long span = span(tag, at, to);
            int value = Varint.from(span);
            int end = Varint.to(span);
            switch (WireFormat.getTagFieldNumber(Varint.value(tag))) {
                case DeviceEnvelope.DEVICE_FIELD_NUMBER -> envelopes[envelope] = number(value, end);
                case DeviceEnvelope.REGISTRATION_ID_FIELD_NUMBER ->
                    envelopes[envelope + REGISTRATION_ID] = number(value, end);
                case DeviceEnvelope.CIPHERTEXT_FIELD_NUMBER -> {
                    envelopes[envelope + OFFSET] = value;
                    envelopes[envelope + LENGTH] = end - value;
                }
                default -> {}
            }
            at = end;
        }
    }

    private long span(long tag, int at, int to) {
        int wireType = WireFormat.getTagWireType(Varint.value(tag));
        return Varint.span(frame, wireType, at + Varint.length(tag), to);
    }

    private int number(int from, int to) {
        return Varint.value(Varint.read32(frame, from, to));
    }

    /** The frame, for reading at the offsets given here, whatever its own indexes are; not to be released by its reader. */
    public ByteBuf frame() {
        return frame;
    }

    /**
     * A new view of the frame's bytes, in which the offsets given here are absolute indexes: each thread that reads makes its
     * own.
     */
    public ByteBuffer view() {
        return frame.nioBuffer(0, end);
    }

    public long requestId() {
        return requestId;
    }

    public EnvelopeId envelopeId() {
        return envelopeId;
    }

    /** The number of an {@code EnvelopeClass}, known or not. */
    public int envelopeClass() {
        return envelopeClass;
    }

    /** Whether it is never stored: because its sender says so, or because its class never is. */
    public boolean isEphemeral() {
        return isEphemeral
                || switch (envelopeClass) {
                    case EnvelopeClass.CALL_VALUE, EnvelopeClass.TYPING_VALUE, EnvelopeClass.PRESENCE_VALUE -> true;
                    default -> false;
                };
    }

    /** Whether it sets a call up. */
    public boolean isCall() {
        return envelopeClass == EnvelopeClass.CALL_VALUE;
    }

    /** Whether it says that it rings, and can be claimed. */
    public boolean isCallOffer() {
        return isCallOffer;
    }

    public boolean isUrgent() {
        return isUrgent;
    }

    /** As the sender wrote it: 0 to 4,294,967,295. */
    public long timeToLiveSeconds() {
        return Integer.toUnsignedLong(timeToLiveSeconds);
    }

    /** Whether a mismatch is to bring the keys of the devices that are missing. */
    public boolean wantsKeys() {
        return wantsKeys;
    }

    /** Where the ciphertext for all devices starts; means nothing if {@link #sharedLength} is 0. */
    public int sharedOffset() {
        return sharedOffset;
    }

    /** Length of the ciphertext for all devices, in bytes; 0 if there is none. */
    public int sharedLength() {
        return sharedLength;
    }

    /** 1 to 1,024. */
    public int recipientCount() {
        return recipientCount;
    }

    public AccountId account(int recipient) {
        return AccountId.at(frame, accounts[recipient]);
    }

    /** Whether {@link #account} is this one. */
    public boolean isTo(int recipient, AccountId account) {
        int index = accounts[recipient];
        return frame.getLong(index) == account.high() && frame.getLong(index + Long.BYTES) == account.low();
    }

    /** Envelopes of all recipients together, at least one for each. */
    public int envelopeCount() {
        return envelopeCount;
    }

    public int firstEnvelope(int recipient) {
        return recipient == 0 ? 0 : ends[recipient - 1];
    }

    public int endEnvelope(int recipient) {
        return ends[recipient];
    }

    /** The number of the device that gets this envelope; unsigned. */
    public int device(int envelope) {
        return envelopes[STRIDE * envelope];
    }

    /** The registration id that the sender knows of that device; unsigned. */
    public int registrationId(int envelope) {
        return envelopes[STRIDE * envelope + REGISTRATION_ID];
    }

    /** Where the envelope's own ciphertext starts; means nothing if its length is 0. */
    public int ciphertextOffset(int envelope) {
        return envelopes[STRIDE * envelope + OFFSET];
    }

    /** Length of the envelope's own ciphertext, in bytes; 0 if it has none. */
    public int ciphertextLength(int envelope) {
        return envelopes[STRIDE * envelope + LENGTH];
    }

    /** One more owner. */
    public Submission retain() {
        OWNERS.incrementAndGet(this);
        return this;
    }

    /** One owner less; the last one ends the frame. */
    public void release() {
        if (owners > 1 && OWNERS.decrementAndGet(this) > 0) {
            return;
        }
        frame.release();
        frame = null;
        if (ends.length > MANY_RECIPIENTS || envelopes.length > MANY_RECIPIENTS * FEW_ENVELOPES * STRIDE) {
            accounts = new int[1];
            ends = new int[1];
            envelopes = new int[FEW_ENVELOPES * STRIDE];
        }
        handle.recycle(this);
    }
}
