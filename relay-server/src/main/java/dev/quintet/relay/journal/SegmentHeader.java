package dev.quintet.relay.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The first 4,096 bytes of a segment: the same 44 bytes twice, at 0 and at 2,048, so that one bad sector does not take
 * them away. The copies are forced one after the other; one of them is always whole.
 *
 * <pre>
 *   0       8         12              16     24     32                 40      44
 *   ┌───────┬─────────┬───────────────┬──────┬──────┬──────────────────┬───────┐
 *   │ magic │ version │ segment bytes │ base │ salt │ durable position │ CRC32C│
 *   └───────┴─────────┴───────────────┴──────┴──────┴──────────────────┴───────┘
 * </pre>
 *
 * The byte of position p lies at file offset 4,096 + p - base.
 *
 * @param base position of the first byte
 * @param segmentBytes positions in this segment
 * @param salt mixed into the checksum of every entry; one for the whole journal
 * @param durablePosition everything below it was durable when this header was written
 */
record SegmentHeader(long base, int segmentBytes, long salt, long durablePosition) {
    static final int BYTES = 4096;
    static final int VERSION = 1;

    private static final long MAGIC = 0x7175696E7465744AL; // "quintetJ"
    private static final int COPY_BYTES = 44;
    private static final int CHECKED_BYTES = COPY_BYTES - Integer.BYTES;
    private static final int[] COPY_OFFSETS = {0, BYTES / 2};

    /** Writes and forces both copies. */
    void write(DiskFile file) throws IOException {
        for (int offset : COPY_OFFSETS) {
            file.write(encode(), offset);
            file.force();
        }
    }

    private ByteBuffer encode() {
        ByteBuffer copy = ByteBuffer.allocate(COPY_BYTES)
                .putLong(MAGIC)
                .putInt(VERSION)
                .putInt(segmentBytes)
                .putLong(base)
                .putLong(salt)
                .putLong(durablePosition);
        return copy.putInt(checksum(copy)).flip();
    }

    /**
     * Reads the first copy that is whole.
     *
     * @return null if neither is
     * @throws IOException also if it was written by a newer version of the relay
     */
    static SegmentHeader read(DiskFile file) throws IOException {
        for (int offset : COPY_OFFSETS) {
            ByteBuffer copy = ByteBuffer.allocate(COPY_BYTES);
            file.read(copy, offset);
            if (!copy.hasRemaining() && copy.getLong(0) == MAGIC && copy.getInt(CHECKED_BYTES) == checksum(copy)) {
                return decode(copy.flip());
            }
        }
        return null;
    }

    private static SegmentHeader decode(ByteBuffer copy) throws IOException {
        int version = copy.position(Long.BYTES).getInt();
        if (version != VERSION) {
            throw new IOException("the journal has format " + version + ", this relay writes " + VERSION);
        }
        int segmentBytes = copy.getInt();
        return new SegmentHeader(copy.getLong(), segmentBytes, copy.getLong(), copy.getLong());
    }

    private static int checksum(ByteBuffer copy) {
        CRC32C crc = new CRC32C();
        crc.update(copy.array(), 0, CHECKED_BYTES);
        return (int) crc.getValue();
    }
}
