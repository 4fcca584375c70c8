package dev.quintet.load.drive;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Random;

/**
 * The bytes that a load puts into an envelope: who sent what when, marked at both ends, with random bytes between.
 *
 * <pre>
 *   0      8     16         24     32          length - 8
 *   | high | low | intended | mark | random ... | mark |
 * </pre>
 *
 * {@code high} and {@code low} are the envelope id. The mark is drawn from them and from the device it is meant for, so an
 * envelope that reaches another device, or loses its end, is found out.
 *
 * <p><b>Thread:</b> any; immutable.
 */
public final class Payload {
    /** The smallest size, in bytes. */
    public static final int SMALLEST = 5 * Long.BYTES;

    /** The largest size, in bytes. */
    public static final int LARGEST = 256 << 10;

    /** Stands for the device where all devices of an account get the same bytes. */
    public static final int ANY_DEVICE = 0;

    private static final int LOW = Long.BYTES;
    private static final int INTENDED = 2 * Long.BYTES;
    private static final int MARK = 3 * Long.BYTES;
    private static final int FILLER = 4 * Long.BYTES;
    private static final long ODD = 0x9e3779b97f4a7c15L;
    private static final ByteBuf RANDOM = random();

    private Payload() {}

    private static ByteBuf random() {
        byte[] bytes = new byte[LARGEST];
        new Random(LARGEST).nextBytes(bytes);
        return Unpooled.unreleasableBuffer(
                Unpooled.directBuffer(LARGEST).writeBytes(bytes).asReadOnly());
    }

    /** Appends a payload. */
    public static void write(ByteBuf out, Parting parting, int device) {
        long mark = mark(parting.high(), parting.low(), device);
        out.writeLong(parting.high()).writeLong(parting.low());
        out.writeLong(parting.intendedNanos()).writeLong(mark);
        out.writeBytes(RANDOM, 0, parting.letter().bytes() - SMALLEST);
        out.writeLong(mark);
    }

    static long high(ByteBuf buffer, int offset) {
        return buffer.getLong(offset);
    }

    static long low(ByteBuf buffer, int offset) {
        return buffer.getLong(offset + LOW);
    }

    static long intendedNanos(ByteBuf buffer, int offset) {
        return buffer.getLong(offset + INTENDED);
    }

    /** Whether the marks of a payload are those for this device. */
    static boolean isMarked(ByteBuf buffer, int offset, int length, int device) {
        if (length < SMALLEST) {
            return false;
        }
        long mark = buffer.getLong(offset + MARK);
        return mark == buffer.getLong(offset + length - Long.BYTES)
                && (mark == mark(high(buffer, offset), low(buffer, offset), device)
                        || mark == mark(high(buffer, offset), low(buffer, offset), ANY_DEVICE));
    }

    /** Whether the random bytes of a payload are as they were sent. */
    static boolean isWhole(ByteBuf buffer, int offset, int length) {
        return ByteBufUtil.equals(buffer, offset + FILLER, RANDOM, 0, length - SMALLEST);
    }

    private static long mark(long high, long low, int device) {
        long mixed = (high ^ Long.rotateLeft(low, 23)) * ODD + device;
        return (mixed ^ mixed >>> 29) * ODD;
    }
}
