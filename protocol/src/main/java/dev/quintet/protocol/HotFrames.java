package dev.quintet.protocol;

import com.google.protobuf.WireFormat;
import dev.quintet.protocol.wire.Accepted;
import dev.quintet.protocol.wire.Acknowledged;
import dev.quintet.protocol.wire.Deliver;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.SubmitAnswer;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * Writes the frames that leave a relay most often, without generated classes: the size first, then every byte straight
 * into the space taken, the length prefix included.
 *
 * <p>Each answers the buffer in which the frame stands. Fields with the value 0 are left out, as in any proto3 serialization.
 */
public final class HotFrames {
    private static final int TAG_BYTES = 1;

    private HotFrames() {}

    /**
     * A {@code Deliver}.
     *
     * @param sequence of this envelope in its mailbox, 0 if it is ephemeral
     * @param previous the sequence before it in that mailbox, 0 if none
     * @param ciphertext what remains in it, which is read to its end
     */
    public static ByteBuf deliver(
            FrameSpace space, EnvelopeHeader header, long sequence, long previous, ByteBuffer ciphertext) {
        int length = ciphertext.remaining();
        return deliverHead(space, header, sequence, previous, length, length).writeBytes(ciphertext);
    }

    /**
     * A {@code Deliver} up to its ciphertext, of which {@code ciphertextBytes} bytes have to follow on the wire: for a
     * write that gathers both without a copy.
     */
    public static ByteBuf deliverHead(
            FrameSpace space, EnvelopeHeader header, long sequence, long previous, int ciphertextBytes) {
        return deliverHead(space, header, sequence, previous, ciphertextBytes, 0);
    }

    private static ByteBuf deliverHead(
            FrameSpace space, EnvelopeHeader header, long sequence, long previous, int ciphertextBytes, int room) {
        int headBytes = numberBytes(sequence)
                + numberBytes(previous)
                + headerBytes(header)
                + TAG_BYTES
                + Varint.size(ciphertextBytes);
        int bodyBytes = headBytes + ciphertextBytes;
        int frameBytes = messageBytes(bodyBytes);
        ByteBuf frame = FrameEncoder.start(space, frameBytes, frameBytes - ciphertextBytes + room);
        writeTag(frame, ServerFrame.DELIVER_FIELD_NUMBER, bodyBytes);
        writeNumber(frame, Deliver.SEQUENCE_FIELD_NUMBER, sequence);
        writeNumber(frame, Deliver.PREVIOUS_FIELD_NUMBER, previous);
        writeHeader(frame, header);
        writeTag(frame, Deliver.CIPHERTEXT_FIELD_NUMBER, ciphertextBytes);
        return frame;
    }

    private static int headerBytes(EnvelopeHeader header) {
        return messageBytes(AccountId.BYTES)
                + numberBytes(unsigned(header.fromDevice()))
                + messageBytes(EnvelopeId.BYTES)
                + numberBytes(header.acceptedAtMillis())
                + numberBytes(header.envelopeClass())
                + numberBytes(header.isUrgent() ? 1 : 0);
    }

    private static void writeHeader(ByteBuf frame, EnvelopeHeader header) {
        writeTag(frame, Deliver.FROM_ACCOUNT_FIELD_NUMBER, AccountId.BYTES);
        header.fromAccount().writeTo(frame);
        writeNumber(frame, Deliver.FROM_DEVICE_FIELD_NUMBER, unsigned(header.fromDevice()));
        writeTag(frame, Deliver.ENVELOPE_ID_FIELD_NUMBER, EnvelopeId.BYTES);
        header.id().writeTo(frame);
        writeNumber(frame, Deliver.ACCEPTED_AT_MILLIS_FIELD_NUMBER, header.acceptedAtMillis());
        writeNumber(frame, Deliver.CLASS_FIELD_NUMBER, header.envelopeClass());
        writeNumber(frame, Deliver.URGENT_FIELD_NUMBER, header.isUrgent() ? 1 : 0);
    }

    /** An {@code Acknowledged}. */
    public static ByteBuf acknowledged(FrameSpace space, long requestId, long sequence) {
        int bodyBytes = numberBytes(sequence);
        int frameBytes = numberBytes(requestId) + messageBytes(bodyBytes);
        ByteBuf frame = FrameEncoder.start(space, frameBytes, frameBytes);
        writeNumber(frame, ServerFrame.REQUEST_ID_FIELD_NUMBER, requestId);
        writeTag(frame, ServerFrame.ACKNOWLEDGED_FIELD_NUMBER, bodyBytes);
        writeNumber(frame, Acknowledged.SEQUENCE_FIELD_NUMBER, sequence);
        return frame;
    }

    /** A {@code SubmitAnswer} for one recipient whose every device got its envelope. */
    public static ByteBuf accepted(FrameSpace space, long requestId, AccountId recipient, long acceptedAtMillis) {
        int acceptedBytes = numberBytes(acceptedAtMillis);
        int answerBytes = messageBytes(AccountId.BYTES) + messageBytes(acceptedBytes);
        int bodyBytes = messageBytes(answerBytes);
        int frameBytes = numberBytes(requestId) + messageBytes(bodyBytes);
        ByteBuf frame = FrameEncoder.start(space, frameBytes, frameBytes);
        writeNumber(frame, ServerFrame.REQUEST_ID_FIELD_NUMBER, requestId);
        writeTag(frame, ServerFrame.SUBMIT_ANSWER_FIELD_NUMBER, bodyBytes);
        writeTag(frame, SubmitAnswer.ANSWERS_FIELD_NUMBER, answerBytes);
        writeTag(frame, RecipientAnswer.ACCOUNT_FIELD_NUMBER, AccountId.BYTES);
        recipient.writeTo(frame);
        writeTag(frame, RecipientAnswer.ACCEPTED_FIELD_NUMBER, acceptedBytes);
        writeNumber(frame, Accepted.ACCEPTED_AT_MILLIS_FIELD_NUMBER, acceptedAtMillis);
        return frame;
    }

    private static long unsigned(int number) {
        return Integer.toUnsignedLong(number);
    }

    private static int numberBytes(long number) {
        return number == 0 ? 0 : TAG_BYTES + Varint.size(number);
    }

    private static int messageBytes(int contentBytes) {
        return TAG_BYTES + Varint.size(contentBytes) + contentBytes;
    }

    private static void writeNumber(ByteBuf frame, int field, long number) {
        if (number != 0) {
            frame.writeByte(field << 3 | WireFormat.WIRETYPE_VARINT);
            Varint.write(frame, number);
        }
    }

    private static void writeTag(ByteBuf frame, int field, int contentBytes) {
        frame.writeByte(field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED);
        Varint.write(frame, contentBytes);
    }
}
