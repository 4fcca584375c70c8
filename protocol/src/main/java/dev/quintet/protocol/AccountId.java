package dev.quintet.protocol;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * The 16 bytes that name an account.
 *
 * @param high the first eight bytes, big endian
 * @param low the last eight bytes, big endian
 */
public record AccountId(long high, long low) {
    /** Size on the wire and on disk, in bytes. */
    public static final int BYTES = 16;

    /** Reads the id at {@code index} without moving the reader. */
    public static AccountId at(ByteBuf buffer, int index) {
        return new AccountId(buffer.getLong(index), buffer.getLong(index + Long.BYTES));
    }

    /** The id in {@code bytes}; throws {@link IllegalArgumentException} unless there are exactly 16. */
    public static AccountId of(ByteString bytes) {
        return of(bytes.asReadOnlyByteBuffer());
    }

    /** The id in {@code bytes}; throws {@link IllegalArgumentException} unless there are exactly 16. */
    public static AccountId of(byte[] bytes) {
        return of(ByteBuffer.wrap(bytes));
    }

    /** The id that {@link #toString} wrote; throws {@link IllegalArgumentException} for anything else. */
    public static AccountId parse(String hex) {
        return of(HexFormat.of().parseHex(hex));
    }

    private static AccountId of(ByteBuffer bytes) {
        if (bytes.remaining() != BYTES) {
            throw new IllegalArgumentException("an account id has 16 bytes, not " + bytes.remaining());
        }
        return new AccountId(bytes.getLong(), bytes.getLong());
    }

    /** Appends the 16 bytes. */
    public void writeTo(ByteBuf buffer) {
        buffer.writeLong(high).writeLong(low);
    }

    /** The 16 bytes. */
    public byte[] toBytes() {
        return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
    }

    /** The 16 bytes. */
    public ByteString toByteString() {
        return ByteString.copyFrom(toBytes());
    }

    /** 32 lower-case hexadecimal digits. */
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }
}
