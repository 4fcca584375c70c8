package dev.quintet.relay.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * How an entry lies on disk, and in the ring; numbers are big-endian.
 *
 * <pre>
 *   0        4        8      9      10          12                       length      multiple of 16
 *   ┌────────┬────────┬──────┬──────┬───────────┬────────────────────────┬───────────────┐
 *   │ length │ CRC32C │ type │ zero │ partition │ body                   │ padding       │
 *   └────────┴────────┴──────┴──────┴───────────┴────────────────────────┴───────────────┘
 * </pre>
 *
 * <p>The length counts header and body; 0 means that nothing is here yet. The checksum covers the entry's position,
 * mixed with a random salt of this journal, its length, and all from the type on. So neither the old bytes of a
 * recycled segment nor bytes that somebody sent as a body are ever taken for an entry. Of a {@link EntryType#PADDING}
 * only the header is covered; its body means nothing.
 *
 * <p>A {@link EntryType#MARKER} has a body of one int: how many bytes before its own position the durable position was
 * when it was written. It is exactly 16 bytes long, so it fits everywhere.
 */
final class EntryLayout {
    static final int LENGTH = 0;
    static final int CHECKSUM = 4;
    static final int TYPE = 8;
    static final int ZERO = 9;
    static final int PARTITION = 10;
    static final int HEADER_BYTES = 12;
    static final int ALIGNMENT = 16;
    static final int LARGEST_LENGTH = HEADER_BYTES + Journal.MAX_BODY_BYTES;
    static final int LARGEST_PARTITION = 0xFFFF;

    private EntryLayout() {}

    /** The bytes an entry of this length takes, its padding included. */
    static int occupied(int length) {
        return length + ALIGNMENT - 1 & -ALIGNMENT;
    }

    /** The bytes from the type on that the checksum covers. */
    static int checkedBytes(byte type, int length) {
        return (type == EntryType.PADDING.number() ? HEADER_BYTES : length) - TYPE;
    }

    /**
     * The checksum of an entry.
     *
     * @param crc to count with
     * @param key the position, mixed with the journal's salt
     * @param checked from the type on, see {@link #checkedBytes}; consumed
     */
    static int checksum(CRC32C crc, long key, int length, ByteBuffer checked) {
        crc.reset();
        updateInt(crc, (int) (key >>> 32));
        updateInt(crc, (int) key);
        updateInt(crc, length);
        crc.update(checked);
        return (int) crc.getValue();
    }

    private static void updateInt(CRC32C crc, int value) {
        crc.update(value >>> 24);
        crc.update(value >>> 16);
        crc.update(value >>> 8);
        crc.update(value);
    }
}
