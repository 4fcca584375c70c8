package dev.quintet.relay.mailbox;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.EnvelopeHeader;
import dev.quintet.protocol.EnvelopeId;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * Layout of a {@code SUBMISSION} entry: the envelopes of one submission for one recipient account.
 *
 * <pre>
 *   0  recipient account     16
 *  16  sender account        16
 *  32  sender device          4
 *  36  envelope id           16
 *  52  accepted at            8   milliseconds since 1970
 *  60  expires at             8   milliseconds since 1970
 *  68  digest                 8   of the content as submitted, to recognize a repetition
 *  76  class                  1
 *  77  flags                  1   1: urgent
 *  78  slot                   1   where the memory of recent submissions keeps it
 *  79  devices                1
 *  80  per device: number 4, sequence 8, offset 4, length 4
 *      ciphertexts
 * </pre>
 *
 * <p>Offsets of ciphertexts count from the start of the entry, so that devices can share one. Length zero: the mailbox
 * was full, and the sequence is that of a gap. A row of the image keeps the first 80 bytes with its one ciphertext
 * behind them.
 */
public final class SubmissionEntry {
    /** Bytes before the devices. */
    public static final int HEAD_BYTES = 80;

    /** The largest number of a class that fits in. */
    public static final int LARGEST_CLASS = 255;

    /** Bytes for each device. */
    public static final int DEVICE_BYTES = 20;

    /** Bytes of recipient account, sender account and sender device, with which an entry begins. */
    public static final int PARTIES_BYTES = 36;

    private static final int SENDER = 16;
    private static final int SENDER_DEVICE = 32;
    private static final int ENVELOPE_ID = 36;
    private static final int ACCEPTED_AT = 52;
    private static final int EXPIRES_AT = 60;
    private static final int DIGEST = 68;
    private static final int CLASS = 76;
    private static final int FLAGS = 77;
    private static final int SLOT = 78;
    private static final int DEVICES = 79;
    private static final int URGENT = 1;

    private SubmissionEntry() {}

    /** Appends the head, but for what {@link #setTerms} says. */
    public static void writeHead(ByteBuf entry, AccountId recipient, EnvelopeHeader header, int slot, int devices) {
        recipient.writeTo(entry);
        header.fromAccount().writeTo(entry);
        entry.writeInt(header.fromDevice());
        header.id().writeTo(entry);
        entry.writeLong(header.acceptedAtMillis());
        entry.writeZero(2 * Long.BYTES);
        entry.writeByte(header.envelopeClass());
        entry.writeByte(header.isUrgent() ? URGENT : 0);
        entry.writeByte(slot);
        entry.writeByte(devices);
    }

    /** When the envelopes expire, in milliseconds since 1970, and the digest of the content as submitted. */
    public static void setTerms(ByteBuf entry, long expiresAtMillis, long digest) {
        entry.setLong(entry.readerIndex() + EXPIRES_AT, expiresAtMillis);
        entry.setLong(entry.readerIndex() + DIGEST, digest);
    }

    /** Appends one device; length zero if its mailbox is full. */
    public static void writeDevice(ByteBuf entry, int device, long sequence, int offset, int length) {
        entry.writeInt(device).writeLong(sequence).writeInt(offset).writeInt(length);
    }

    /** The account whose devices get the envelopes. */
    public static AccountId recipient(ByteBuf entry) {
        return AccountId.at(entry, entry.readerIndex());
    }

    /** What the devices are told. */
    public static EnvelopeHeader header(ByteBuf entry) {
        int start = entry.readerIndex();
        return new EnvelopeHeader(
                AccountId.at(entry, start + SENDER),
                entry.getInt(start + SENDER_DEVICE),
                EnvelopeId.at(entry, start + ENVELOPE_ID),
                entry.getLong(start + ACCEPTED_AT),
                entry.getUnsignedByte(start + CLASS),
                (entry.getByte(start + FLAGS) & URGENT) != 0);
    }

    /** Copies recipient account, sender account and sender device as they stand, without a view of the entry. */
    public static void copyParties(ByteBuf entry, byte[] target) {
        int start = entry.readerIndex();
        ByteBuffer parties = ByteBuffer.wrap(target);
        while (parties.position() < SENDER_DEVICE) {
            parties.putLong(entry.getLong(start + parties.position()));
        }
        parties.putInt(entry.getInt(start + SENDER_DEVICE));
    }

    /** The envelope id. */
    public static EnvelopeId id(ByteBuf entry) {
        return EnvelopeId.at(entry, entry.readerIndex() + ENVELOPE_ID);
    }

    /** When it was accepted, in milliseconds since 1970. */
    public static long acceptedAtMillis(ByteBuf entry) {
        return entry.getLong(entry.readerIndex() + ACCEPTED_AT);
    }

    /** When it expires, in milliseconds since 1970. */
    public static long expiresAtMillis(ByteBuf entry) {
        return entry.getLong(entry.readerIndex() + EXPIRES_AT);
    }

    /** Digest of the content as submitted. */
    public static long digest(ByteBuf entry) {
        return entry.getLong(entry.readerIndex() + DIGEST);
    }

    /** Where the memory of recent submissions keeps it, 0 to 255. */
    public static int slot(ByteBuf entry) {
        return entry.getUnsignedByte(entry.readerIndex() + SLOT);
    }

    /** How many devices follow. */
    public static int deviceCount(ByteBuf entry) {
        return entry.getUnsignedByte(entry.readerIndex() + DEVICES);
    }

    /** Number of the device at {@code index}. */
    public static int device(ByteBuf entry, int index) {
        return entry.getInt(deviceIndex(entry, index));
    }

    /** Sequence in the mailbox of the device at {@code index}. */
    public static long sequence(ByteBuf entry, int index) {
        return entry.getLong(deviceIndex(entry, index) + 4);
    }

    /** Offset of the ciphertext for the device at {@code index}, from the start of the entry. */
    public static int offset(ByteBuf entry, int index) {
        return entry.getInt(deviceIndex(entry, index) + 12);
    }

    /** Length of the ciphertext for the device at {@code index}; zero if its mailbox was full. */
    public static int length(ByteBuf entry, int index) {
        return entry.getInt(deviceIndex(entry, index) + 16);
    }

    private static int deviceIndex(ByteBuf entry, int index) {
        return entry.readerIndex() + HEAD_BYTES + index * DEVICE_BYTES;
    }
}
