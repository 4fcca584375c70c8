package dev.quintet.load;

import com.google.protobuf.ByteString;
import dev.quintet.client.Delivery;
import dev.quintet.client.DeviceAddress;
import dev.quintet.client.DeviceKeys;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.MemberDevice;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * Random bytes under a checksum, as cheap to make as a load needs; not encrypted, but no more compressible than that.
 *
 * <pre>
 *   checksum (4) | account (16) | device (4) | envelope id (16) | random bytes
 * </pre>
 *
 * The checksum is the CRC32C of all that follows it.
 */
final class ChecksumParcel implements Parcel {
    private static final int CHECKSUM_BYTES = Integer.BYTES;
    private static final int HEAD_BYTES = CHECKSUM_BYTES + AccountId.BYTES + Integer.BYTES + EnvelopeId.BYTES;

    private final byte[] filler;

    /** @param bytes size of each ciphertext; at least the head's */
    ChecksumParcel(int bytes) {
        filler = new byte[Math.max(0, bytes - HEAD_BYTES)];
        new Random(bytes).nextBytes(filler);
    }

    /** The smallest size of a ciphertext. */
    static int smallestBytes() {
        return HEAD_BYTES;
    }

    @Override
    public ByteString pack(DeviceKeys from, DeviceAddress to, MemberDevice device, EnvelopeId envelopeId) {
        ByteBuffer packed = ByteBuffer.allocate(HEAD_BYTES + filler.length);
        putHead(packed, to, envelopeId);
        packed.put(filler);
        packed.putInt(0, checksum(packed));
        return ByteString.copyFrom(packed.rewind());
    }

    @Override
    public boolean isIntact(DeviceKeys receiver, Delivery delivery) {
        ByteBuffer packed = delivery.ciphertext().asReadOnlyByteBuffer();
        ByteBuffer expected = ByteBuffer.allocate(HEAD_BYTES);
        putHead(expected, receiver.address(), delivery.envelopeId());
        return packed.remaining() == HEAD_BYTES + filler.length
                && packed.getInt(0) == checksum(packed)
                && packed.slice(CHECKSUM_BYTES, HEAD_BYTES - CHECKSUM_BYTES)
                        .equals(expected.slice(CHECKSUM_BYTES, HEAD_BYTES - CHECKSUM_BYTES));
    }

    private static void putHead(ByteBuffer buffer, DeviceAddress to, EnvelopeId envelopeId) {
        buffer.putInt(0)
                .put(to.account().toBytes())
                .putInt(to.device())
                .putLong(envelopeId.high())
                .putLong(envelopeId.low());
    }

    private static int checksum(ByteBuffer packed) {
        CRC32C checksum = new CRC32C();
        checksum.update(packed.duplicate().rewind().position(CHECKSUM_BYTES));
        return (int) checksum.getValue();
    }
}
