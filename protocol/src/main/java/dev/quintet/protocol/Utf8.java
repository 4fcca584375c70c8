package dev.quintet.protocol;

import io.netty.buffer.ByteBuf;

/** Well-formed UTF-8 as in RFC 3629, section 4: no overlong forms, no surrogates, nothing above U+10FFFF. */
final class Utf8 {
    private Utf8() {}

    /** Whether the bytes in {@code [from, to)} are well-formed; allocates nothing. */
    static boolean isValid(ByteBuf buffer, int from, int to) {
        int at = from;
        while (at < to) {
            int bytes = sequenceBytes(buffer.getByte(at));
            if (bytes == 0 || bytes > to - at || !isSequence(buffer, at, bytes)) {
                return false;
            }
            at += bytes;
        }
        return true;
    }

    /** How long a sequence that starts with this byte is, 0 if none does. */
    private static int sequenceBytes(byte first) {
        if (first >= 0) {
            return 1;
        }
        int bytes = Integer.numberOfLeadingZeros(~(first << Integer.SIZE - Byte.SIZE));
        return bytes >= 2 && bytes <= 4 ? bytes : 0;
    }

    private static boolean isSequence(ByteBuf buffer, int at, int bytes) {
        if (bytes == 1) {
            return true;
        }
        int codePoint = buffer.getByte(at) & 0xff >> bytes + 1;
        for (int index = at + 1; index < at + bytes; index++) {
            byte next = buffer.getByte(index);
            if ((next & 0xc0) != 0x80) {
                return false;
            }
            codePoint = codePoint << 6 | next & 0x3f;
        }
        return codePoint >= smallest(bytes)
                && codePoint <= Character.MAX_CODE_POINT
                && (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE);
    }

    private static int smallest(int bytes) {
        return switch (bytes) {
            case 2 -> 0x80;
            case 3 -> 0x800;
            default -> 0x10000;
        };
    }
}
