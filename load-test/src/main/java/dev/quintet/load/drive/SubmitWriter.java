package dev.quintet.load.drive;

import com.google.protobuf.WireFormat;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.Varint;
import dev.quintet.protocol.wire.Acknowledge;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.DeviceEnvelope;
import dev.quintet.protocol.wire.Recipient;
import dev.quintet.protocol.wire.Submit;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Writes the frames that devices send most often, in place: sizes first, then every byte once into one buffer.
 *
 * <p>The caller owns what is answered. A test holds it to the generated classes.
 */
final class SubmitWriter {
    private static final int TAG_BYTES = 1;

    private SubmitWriter() {}

    /** A submission to all devices of an audience but the one that sends it. */
    static ByteBuf submit(ByteBufAllocator allocator, DriveDevice from, Parting parting) {
        int bodyBytes = bodyBytes(from, parting);
        int frameBytes = numberBytes(parting.ticket()) + messageBytes(bodyBytes);
        ByteBuf frame = allocator.ioBuffer(Varint.size(frameBytes) + frameBytes);
        Varint.write(frame, frameBytes);
        writeNumber(frame, ClientFrame.REQUEST_ID_FIELD_NUMBER, parting.ticket());
        writeTag(frame, ClientFrame.SUBMIT_FIELD_NUMBER, bodyBytes);
        writeBody(frame, from, parting);
        return frame;
    }

    private static int bodyBytes(DriveDevice from, Parting parting) {
        Letter letter = parting.letter();
        int size = messageBytes(EnvelopeId.BYTES);
        for (int index = 0; index < parting.to().accounts().size(); index++) {
            size += messageBytes(recipientBytes(parting.to().accounts().get(index), from, letter));
        }
        return size
                + (letter.isShared() ? messageBytes(letter.bytes()) : 0)
                + numberBytes(letter.envelopeClass())
                + numberBytes(letter.isEphemeral() ? 1 : 0);
    }

    private static int recipientBytes(DriveAccount to, DriveDevice from, Letter letter) {
        int size = messageBytes(AccountId.BYTES);
        for (int number = 1; number <= to.devices().size(); number++) {
            DriveDevice device = to.device(number);
            size += device == from ? 0 : messageBytes(envelopeBytes(device, letter));
        }
        return size;
    }

    private static int envelopeBytes(DriveDevice device, Letter letter) {
        return numberBytes(device.number())
                + numberBytes(device.keys().registrationId())
                + (letter.isShared() ? 0 : messageBytes(letter.bytes()));
    }

    private static void writeBody(ByteBuf frame, DriveDevice from, Parting parting) {
        Letter letter = parting.letter();
        writeTag(frame, Submit.ENVELOPE_ID_FIELD_NUMBER, EnvelopeId.BYTES);
        frame.writeLong(parting.high()).writeLong(parting.low());
        for (int index = 0; index < parting.to().accounts().size(); index++) {
            writeRecipient(frame, parting.to().accounts().get(index), from, parting);
        }
        if (letter.isShared()) {
            writeTag(frame, Submit.SHARED_CIPHERTEXT_FIELD_NUMBER, letter.bytes());
            Payload.write(frame, parting, Payload.ANY_DEVICE);
        }
        writeNumber(frame, Submit.CLASS_FIELD_NUMBER, letter.envelopeClass());
        writeNumber(frame, Submit.EPHEMERAL_FIELD_NUMBER, letter.isEphemeral() ? 1 : 0);
    }

    private static void writeRecipient(ByteBuf frame, DriveAccount to, DriveDevice from, Parting parting) {
        writeTag(frame, Submit.RECIPIENTS_FIELD_NUMBER, recipientBytes(to, from, parting.letter()));
        writeTag(frame, Recipient.ACCOUNT_FIELD_NUMBER, AccountId.BYTES);
        to.id().writeTo(frame);
        for (int number = 1; number <= to.devices().size(); number++) {
            if (to.device(number) != from) {
                writeEnvelope(frame, to.device(number), parting);
            }
        }
    }

    private static void writeEnvelope(ByteBuf frame, DriveDevice device, Parting parting) {
        Letter letter = parting.letter();
        writeTag(frame, Recipient.DEVICES_FIELD_NUMBER, envelopeBytes(device, letter));
        writeNumber(frame, DeviceEnvelope.DEVICE_FIELD_NUMBER, device.number());
        writeNumber(
                frame,
                DeviceEnvelope.REGISTRATION_ID_FIELD_NUMBER,
                device.keys().registrationId());
        if (!letter.isShared()) {
            writeTag(frame, DeviceEnvelope.CIPHERTEXT_FIELD_NUMBER, letter.bytes());
            Payload.write(frame, parting, device.number());
        }
    }

    /** An acknowledgement of all up to this sequence, which is above 0. */
    static ByteBuf acknowledge(ByteBufAllocator allocator, long sequence) {
        int bodyBytes = numberBytes(sequence);
        int frameBytes = messageBytes(bodyBytes);
        ByteBuf frame = allocator.ioBuffer(Varint.size(frameBytes) + frameBytes);
        Varint.write(frame, frameBytes);
        writeTag(frame, ClientFrame.ACKNOWLEDGE_FIELD_NUMBER, bodyBytes);
        writeNumber(frame, Acknowledge.SEQUENCE_FIELD_NUMBER, sequence);
        return frame;
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
