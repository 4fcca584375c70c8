package dev.quintet.protocol;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * The 16 random bytes by which the sending device names a submission, so that it can repeat it safely.
 *
 * @param high the first eight bytes, big endian
 * @param low the last eight bytes, big endian
 */
public record EnvelopeId(long high, long low) {
    /** Size on the wire and on disk, in bytes. */
    public static final int BYTES = 16;

    /** Reads the id at {@code index} without moving the reader. */
    public static EnvelopeId at(ByteBuf buffer, int index) {
        return new EnvelopeId(buffer.getLong(index), buffer.getLong(index + Long.BYTES));
    }

    /** The id in {@code bytes}; throws {@link IllegalArgumentException} unless there are exactly 16. */
    public static EnvelopeId of(ByteString bytes) {
        if (bytes.size() != BYTES) {
            throw new IllegalArgumentException("an envelope id has 16 bytes, not " + bytes.size());
        }
        ByteBuffer buffer = bytes.asReadOnlyByteBuffer();
        return new EnvelopeId(buffer.getLong(), buffer.getLong());
    }

    /** Appends the 16 bytes. */
    public void writeTo(ByteBuf buffer) {
        buffer.writeLong(high).writeLong(low);
    }

    /** The 16 bytes. */
    public ByteString toByteString() {
        return ByteString.copyFrom(
                ByteBuffer.allocate(BYTES).putLong(high).putLong(low).flip());
    }

    /** 32 lower-case hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }
}
