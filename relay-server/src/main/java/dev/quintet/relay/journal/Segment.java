package dev.quintet.relay.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * One file of the log.
 *
 * @param base position of its first byte
 * @param bytes how many positions it holds
 * @param file open for reading and writing
 */
record Segment(long base, int bytes, DiskFile file) {
    private static final String SUFFIX = ".segment";
    private static final int BASE_DIGITS = 16;
    private static final int BLOCK_BYTES = 4096;

    /** The name of the file whose first position this is. */
    static String name(long base) {
        return HexFormat.of().toHexDigits(base) + SUFFIX;
    }

    /** The first position of the file with this name, or -1 if it is no segment's name. */
    static long base(String name) {
        if (name.length() != BASE_DIGITS + SUFFIX.length() || !name.endsWith(SUFFIX)) {
            return -1;
        }
        String digits = name.substring(0, BASE_DIGITS);
        return digits.chars().allMatch(HexFormat::isHexDigit) ? HexFormat.fromHexDigitsToLong(digits) : -1;
    }

    String name() {
        return name(base);
    }

    /** Position after its last byte. */
    long end() {
        return base + bytes;
    }

    boolean contains(long position) {
        return position >= base && position < end();
    }

    void write(ByteBuffer source, long position) throws IOException {
        file.write(source, offset(position));
    }

    /** Fills {@code target}; bytes that are missing from the file read as zeros. */
    void read(ByteBuffer target, long position) throws IOException {
        file.read(target, offset(position));
        while (target.hasRemaining()) {
            target.put((byte) 0);
        }
    }

    /** As {@link #read}, but blocks that the disk cannot read are zeros too. */
    void readWhatCanBeRead(ByteBuffer target, long position) {
        int start = target.position();
        try {
            read(target, position);
        } catch (IOException unreadable) {
            target.position(start);
            readBlocks(target, position);
        }
    }

    private void readBlocks(ByteBuffer target, long position) {
        int start = target.position();
        int limit = target.limit();
        while (target.position() < limit) {
            int blockStart = target.position();
            target.limit(Math.min(limit, blockStart + BLOCK_BYTES));
            try {
                read(target, position + blockStart - start);
            } catch (IOException unreadable) {
                target.position(blockStart);
                target.put(new byte[target.remaining()]);
            }
            target.limit(limit);
        }
    }

    /** Where a position lies in the file. */
    long offset(long position) {
        return SegmentHeader.BYTES + position - base;
    }
}
