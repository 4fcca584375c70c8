package dev.quintet.load.drive;

import com.google.protobuf.WireFormat;
import dev.quintet.protocol.Varint;
import dev.quintet.protocol.wire.Accepted;
import dev.quintet.protocol.wire.Acknowledged;
import dev.quintet.protocol.wire.Deliver;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.SubmitAnswer;
import io.netty.buffer.ByteBuf;

/**
 * The frames that a relay sends most often, read in place into the same fields again and again.
 *
 * <p>What is no frame at all is a {@code ProtocolException}. Offsets are indexes in the frame.
 *
 * <p><b>Thread:</b> one. A frame's fields hold until the next {@link #read}.
 */
final class DeliveryFrame {
    private long requestId;
    private int body;
    private long sequence;
    private long previous;
    private int envelopeClass;
    private int ciphertextOffset;
    private int ciphertextLength;
    private int plainlyAccepted;

    /** Reads a frame; neither its indexes nor its ownership change. */
    void read(ByteBuf frame) {
        requestId = 0;
        body = 0;
        int at = frame.readerIndex();
        int end = frame.writerIndex();
        while (at < end) {
            long tag = Varint.read32(frame, at, end);
            long span = span(frame, tag, at, end);
            at = Varint.to(span);
            int field = WireFormat.getTagFieldNumber(Varint.value(tag));
            if (field == ServerFrame.REQUEST_ID_FIELD_NUMBER) {
                requestId = Varint.read64(frame, Varint.from(span));
            } else {
                body = field;
                readBody(frame, Varint.from(span), at);
            }
        }
    }

    private static long span(ByteBuf frame, long tag, int at, int end) {
        return Varint.span(frame, WireFormat.getTagWireType(Varint.value(tag)), at + Varint.length(tag), end);
    }

    private void readBody(ByteBuf frame, int from, int to) {
        switch (body) {
            case ServerFrame.DELIVER_FIELD_NUMBER -> readDelivery(frame, from, to);
            case ServerFrame.ACKNOWLEDGED_FIELD_NUMBER ->
                sequence = number(frame, Acknowledged.SEQUENCE_FIELD_NUMBER, from, to);
            case ServerFrame.SUBMIT_ANSWER_FIELD_NUMBER -> plainlyAccepted = acceptances(frame, from, to);
            default -> {}
        }
    }

    private void readDelivery(ByteBuf frame, int from, int to) {
        sequence = 0;
        previous = 0;
        envelopeClass = 0;
        ciphertextLength = 0;
        int at = from;
        while (at < to) {
            long tag = Varint.read32(frame, at, to);
            long span = span(frame, tag, at, to);
            int value = Varint.from(span);
            at = Varint.to(span);
            switch (WireFormat.getTagFieldNumber(Varint.value(tag))) {
                case Deliver.SEQUENCE_FIELD_NUMBER -> sequence = Varint.read64(frame, value);
                case Deliver.PREVIOUS_FIELD_NUMBER -> previous = Varint.read64(frame, value);
                case Deliver.CLASS_FIELD_NUMBER -> envelopeClass = (int) Varint.read64(frame, value);
                case Deliver.CIPHERTEXT_FIELD_NUMBER -> {
                    ciphertextOffset = value;
                    ciphertextLength = at - value;
                }
                default -> {}
            }
        }
    }

    /** How many recipients are answered, if all are so by Accepted with nothing in it but the time; else 0. */
    private static int acceptances(ByteBuf frame, int from, int to) {
        int count = 0;
        for (long answer = find(frame, SubmitAnswer.ANSWERS_FIELD_NUMBER, from, to); answer != 0; count++) {
            if (!isAccepted(frame, answer)) {
                return 0;
            }
            answer = find(frame, SubmitAnswer.ANSWERS_FIELD_NUMBER, Varint.to(answer), to);
        }
        return count;
    }

    private static boolean isAccepted(ByteBuf frame, long answer) {
        long accepted = find(frame, RecipientAnswer.ACCEPTED_FIELD_NUMBER, Varint.from(answer), Varint.to(answer));
        return accepted != 0
                && find(frame, Accepted.FULL_DEVICES_FIELD_NUMBER, Varint.from(accepted), Varint.to(accepted)) == 0;
    }

    private static long number(ByteBuf frame, int field, int from, int to) {
        long span = find(frame, field, from, to);
        return span == 0 ? 0 : Varint.read64(frame, Varint.from(span));
    }

    /** Where the first such field's value lies; 0 if there is none, since no value lies at 0. */
    private static long find(ByteBuf frame, int field, int from, int to) {
        int at = from;
        while (at < to) {
            long tag = Varint.read32(frame, at, to);
            long span = span(frame, tag, at, to);
            if (WireFormat.getTagFieldNumber(Varint.value(tag)) == field) {
                return span;
            }
            at = Varint.to(span);
        }
        return 0;
    }

    long requestId() {
        return requestId;
    }

    /** The field number of the body; 0 if there is none. */
    int body() {
        return body;
    }

    /** Of a {@code Deliver} or an {@code Acknowledged}. */
    long sequence() {
        return sequence;
    }

    /** Of a {@code Deliver}. */
    long previous() {
        return previous;
    }

    /** Of a {@code Deliver}. */
    int envelopeClass() {
        return envelopeClass;
    }

    /** Of a {@code Deliver}. */
    int ciphertextOffset() {
        return ciphertextOffset;
    }

    /** Of a {@code Deliver}. */
    int ciphertextLength() {
        return ciphertextLength;
    }

    /** For how many accounts a {@code SubmitAnswer} says that every device got its envelope; 0 if not for all of its. */
    int plainlyAccepted() {
        return plainlyAccepted;
    }
}
