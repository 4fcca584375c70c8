package dev.quintet.relay.account;

import com.google.protobuf.AbstractMessage;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.KeyUpload;
import dev.quintet.protocol.wire.OneTimePrekey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.List;

/**
 * Layout of a {@code PREKEYS} entry: what one device has uploaded at once.
 *
 * <pre>
 *   0  account                        16
 *  16  device                          4
 *  20  index of the first one-time     8   the others follow without a hole
 *  28  highest one-time id so far      4
 *  32  length of the signed prekey     2   0: it stays as it is
 *  34  length of the last-resort key   2   likewise
 *  36  one-time prekeys                2
 *  38  per one-time prekey: length     2
 *      signed prekey, last-resort key, one-time prekeys: serialized messages of the wire
 * </pre>
 */
final class PrekeyEntry {
    private static final int DEVICE = 16;
    private static final int FIRST_INDEX = 20;
    private static final int HIGHEST_ID = 28;
    private static final int SIGNED_LENGTH = 32;
    private static final int LAST_RESORT_LENGTH = 34;
    private static final int COUNT = 36;
    private static final int LENGTHS = 38;

    private PrekeyEntry() {}

    static void write(ByteBuf entry, AccountId account, int device, long firstIndex, int highestId, KeyUpload upload) {
        byte[] signed = upload.signedPrekey();
        byte[] lastResort = upload.lastResort();
        List<OneTimePrekey> oneTime = upload.oneTime();
        account.writeTo(entry);
        entry.writeInt(device).writeLong(firstIndex).writeInt(highestId);
        entry.writeShort(signed.length).writeShort(lastResort.length).writeShort(oneTime.size());
        oneTime.forEach(key -> entry.writeShort(key.getSerializedSize()));
        entry.writeBytes(signed).writeBytes(lastResort);
        oneTime.stream().map(AbstractMessage::toByteArray).forEach(entry::writeBytes);
    }

    static AccountId account(ByteBuf entry) {
        return AccountId.at(entry, entry.readerIndex());
    }

    static int device(ByteBuf entry) {
        return entry.getInt(entry.readerIndex() + DEVICE);
    }

    static long firstIndex(ByteBuf entry) {
        return entry.getLong(entry.readerIndex() + FIRST_INDEX);
    }

    static int highestId(ByteBuf entry) {
        return entry.getInt(entry.readerIndex() + HIGHEST_ID);
    }

    static int count(ByteBuf entry) {
        return entry.getUnsignedShort(entry.readerIndex() + COUNT);
    }

    /** Empty if the upload had none. */
    static byte[] signedPrekey(ByteBuf entry) {
        return bytes(entry, keys(entry), length(entry, SIGNED_LENGTH));
    }

    /** Empty if the upload had none. */
    static byte[] lastResort(ByteBuf entry) {
        return bytes(entry, keys(entry) + length(entry, SIGNED_LENGTH), length(entry, LAST_RESORT_LENGTH));
    }

    /** Where each one-time prekey starts in the entry, and where the last one ends. */
    static int[] offsets(ByteBuf entry) {
        int[] offsets = new int[count(entry) + 1];
        offsets[0] = keys(entry) + length(entry, SIGNED_LENGTH) + length(entry, LAST_RESORT_LENGTH);
        for (int key = 0; key < count(entry); key++) {
            offsets[key + 1] = offsets[key] + length(entry, LENGTHS + key * Short.BYTES);
        }
        return offsets;
    }

    static byte[] bytes(ByteBuf entry, int offset, int length) {
        return ByteBufUtil.getBytes(entry, entry.readerIndex() + offset, length);
    }

    private static int keys(ByteBuf entry) {
        return LENGTHS + count(entry) * Short.BYTES;
    }

    private static int length(ByteBuf entry, int at) {
        return entry.getUnsignedShort(entry.readerIndex() + at);
    }
}
