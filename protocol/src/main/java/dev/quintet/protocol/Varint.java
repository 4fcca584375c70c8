package dev.quintet.protocol;

import com.google.protobuf.WireFormat;
import io.netty.buffer.ByteBuf;

/**
 * The bytes below the fields: base-128 numbers, least significant group first, and how long a value is.
 *
 * <p>Reading never moves the buffer's reader and never looks at or beyond the given end. A number of more than ten
 * bytes or 64 bits, or one that is cut off, is {@code MALFORMED}.
 */
final class Varint {
    private static final int LENGTH_BITS = 4;
    private static final int LENGTH_MASK = (1 << LENGTH_BITS) - 1;
    private static final int GROUP_BITS = 7;
    private static final int GROUP_MASK = 0x7f;
    private static final int MAX_BYTES = 10;

    private Varint() {}

    /** A number of up to 32 bits together with its length: to be taken apart by {@link #value} and {@link #length}. */
    static long read32(ByteBuf buffer, int at, int end) {
        if (at < end) {
            byte first = buffer.getByte(at);
            if (first >= 0) {
                return (long) first << LENGTH_BITS | 1;
            }
        }
        int after = skip(buffer, at, end);
        long number = read64(buffer, at);
        if (number >>> Integer.SIZE != 0) {
            throw ProtocolException.malformed("a number of more than 32 bits");
        }
        return number << LENGTH_BITS | after - at;
    }

    /** The number in what {@link #read32} answered, as an unsigned integer. */
    static int value(long read) {
        return (int) (read >>> LENGTH_BITS);
    }

    /** The length in bytes in what {@link #read32} answered. */
    static int length(long read) {
        return (int) read & LENGTH_MASK;
    }

    /** Checks the number at {@code at}; answers the index behind it. */
    static int skip(ByteBuf buffer, int at, int end) {
        int last = Math.min(end, at + MAX_BYTES);
        for (int index = at; index < last; index++) {
            byte group = buffer.getByte(index);
            if (group >= 0) {
                if (index - at == MAX_BYTES - 1 && group > 1) {
                    throw ProtocolException.malformed("a number of more than 64 bits");
                }
                return index + 1;
            }
        }
        throw ProtocolException.malformed(last < end ? "a number of more than 10 bytes" : "a number is cut off");
    }

    /** Checks a field's value of any type that has one; answers the index behind it. */
    static int skipField(ByteBuf buffer, int wireType, int at, int end) {
        return switch (wireType) {
            case WireFormat.WIRETYPE_VARINT -> skip(buffer, at, end);
            case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
                long length = read32(buffer, at, end);
                yield skipBytes(at + length(length), value(length), end);
            }
            case WireFormat.WIRETYPE_FIXED64 -> skipBytes(at, Long.BYTES, end);
            case WireFormat.WIRETYPE_FIXED32 -> skipBytes(at, Integer.BYTES, end);
            default -> throw ProtocolException.malformed("wire type " + wireType);
        };
    }

    /** Checks that {@code count}, unsigned, bytes from {@code at} on lie before {@code end}; the index behind them. */
    static int skipBytes(int at, int count, int end) {
        if (count < 0 || count > end - at) {
            throw ProtocolException.malformed("a field is longer than what it stands in");
        }
        return at + count;
    }

    /** The number at {@code at}, which {@link #skip} has accepted. */
    static long read64(ByteBuf buffer, int at) {
        long number = 0;
        int shift = 0;
        byte group;
        do {
            group = buffer.getByte(at++);
            number |= (long) (group & GROUP_MASK) << shift;
            shift += GROUP_BITS;
        } while (group < 0);
        return number;
    }

    /** How many bytes {@link #write} takes for {@code number}, which is unsigned. */
    static int size(long number) {
        int significantBits = Long.SIZE - Long.numberOfLeadingZeros(number | 1);
        return (significantBits + GROUP_BITS - 1) / GROUP_BITS;
    }

    /** Appends {@code number}, which is unsigned. */
    static void write(ByteBuf buffer, long number) {
        while ((number & ~GROUP_MASK) != 0) {
            buffer.writeByte((int) number & GROUP_MASK | 0x80);
            number >>>= GROUP_BITS;
        }
        buffer.writeByte((int) number);
    }
}
