package dev.quintet.protocol;

import com.google.protobuf.WireFormat;
import io.netty.buffer.ByteBuf;

/**
 * The bytes below the fields: base-128 numbers, least significant group first, and how long a value is.
 *
 * <p>Reading never moves the buffer's reader and never looks at or beyond the given end. A number of more than ten
 * bytes or 64 bits, or one that is cut off, is {@code MALFORMED}.
 */
public final class Varint {
    private static final int LENGTH_BITS = 4;
    private static final int LENGTH_MASK = (1 << LENGTH_BITS) - 1;
    private static final int GROUP_BITS = 7;
    private static final int GROUP_MASK = 0x7f;
    private static final int MAX_BYTES = 10;
    private static final int BYTES_OF_32_BITS = 5;
    private static final long CONTINUATIONS = 0x8080808080808080L;

    private Varint() {}

    /** A number of up to 32 bits together with its length: to be taken apart by {@link #value} and {@link #length}. */
    public static long read32(ByteBuf buffer, int at, int end) {
        if (at < end) {
            byte first = buffer.getByte(at);
            if (first >= 0) {
                return (long) first << LENGTH_BITS | 1;
            }
        }
        if (end - at >= Long.BYTES) {
            long word = buffer.getLongLE(at);
            long stops = ~word & CONTINUATIONS;
            if (stops != 0) {
                // all bits up to and including the lowest stop bit
                long groups = word & (stops ^ stops - 1);
                return number32(compact(groups)) << LENGTH_BITS | Long.numberOfTrailingZeros(stops) + 1 >> 3;
            }
        }
        int after = skip(buffer, at, end);
        return number32(read64(buffer, at)) << LENGTH_BITS | after - at;
    }

    /** Joins eight groups of seven bits, one in each byte: pairs of groups, then pairs of those, then both halves. */
    private static long compact(long groups) {
        long bits = groups & 0x7f7f7f7f7f7f7f7fL;
        bits = bits & 0x007f007f007f007fL | (bits & 0x7f007f007f007f00L) >>> 1;
        bits = bits & 0x00003fff00003fffL | (bits & 0x3fff00003fff0000L) >>> 2;
        return bits & 0x000000000fffffffL | (bits & 0x0fffffff00000000L) >>> 4;
    }

    private static long number32(long number) {
        if (number >>> Integer.SIZE != 0) {
            throw ProtocolException.malformed("a number of more than 32 bits");
        }
        return number;
    }

    /** The number in what {@link #read32} answered, as an unsigned integer. */
    public static int value(long read) {
        return (int) (read >>> LENGTH_BITS);
    }

    /** The length in bytes in what {@link #read32} answered. */
    public static int length(long read) {
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

    /**
     * Where the value behind a tag lies, for any wire type that has one: to be taken apart by {@link #from} and {@link
     * #to}. The length that stands before a value is not part of it.
     */
    public static long span(ByteBuf buffer, int wireType, int at, int end) {
        return switch (wireType) {
            case WireFormat.WIRETYPE_VARINT -> span(at, skip(buffer, at, end));
            case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
                long length = read32(buffer, at, end);
                int from = at + length(length);
                yield span(from, skipBytes(from, value(length), end));
            }
            case WireFormat.WIRETYPE_FIXED64 -> span(at, skipBytes(at, Long.BYTES, end));
            case WireFormat.WIRETYPE_FIXED32 -> span(at, skipBytes(at, Integer.BYTES, end));
            default -> throw ProtocolException.malformed("wire type " + wireType);
        };
    }

    private static long span(int from, int to) {
        return (long) from << Integer.SIZE | to;
    }

    /** Where a {@link #span} starts. */
    public static int from(long span) {
        return (int) (span >>> Integer.SIZE);
    }

    /** The index behind a {@link #span}. */
    public static int to(long span) {
        return (int) span;
    }

    /** Checks that {@code count}, unsigned, bytes from {@code at} on lie before {@code end}; the index behind them. */
    private static int skipBytes(int at, int count, int end) {
        if (count < 0 || count > end - at) {
            throw ProtocolException.malformed("a field is longer than what it stands in");
        }
        return at + count;
    }

    /** The number at {@code at}, which {@link #skip} has accepted. */
    public static long read64(ByteBuf buffer, int at) {
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

    /** Whether the number in {@code [from, to)}, which {@link #skip} has accepted, has no more than 32 bits. */
    static boolean is32(ByteBuf buffer, int from, int to) {
        return to - from < BYTES_OF_32_BITS || read64(buffer, from) >>> Integer.SIZE == 0;
    }

    /** How many bytes {@link #write} takes for {@code number}, which is unsigned. */
    public static int size(long number) {
        int significantBits = Long.SIZE - Long.numberOfLeadingZeros(number | 1);
        return (significantBits + GROUP_BITS - 1) / GROUP_BITS;
    }

    /** Appends {@code number}, which is unsigned. */
    public static void write(ByteBuf buffer, long number) {
        while ((number & ~GROUP_MASK) != 0) {
            buffer.writeByte((int) number & GROUP_MASK | 0x80);
            number >>>= GROUP_BITS;
        }
        buffer.writeByte((int) number);
    }
}
