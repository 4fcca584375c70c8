package dev.quintet.relay.journal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A stretch of one segment in memory, in which entries are looked at and checked.
 *
 * <p><b>Thread:</b> one at a time.
 * <b>Memory:</b> one direct buffer, freed by {@link #close}.
 */
final class EntryWindow implements AutoCloseable {
    /** Without leak detection, which would look at every slot of a scan; no buffer leaves this class for good. */
    private static final ByteBufAllocator BUFFERS = new UnpooledByteBufAllocator(true, true);

    private final long salt;
    private final ByteBuf buffer;
    private final CRC32C crc = new CRC32C();
    private Segment segment;
    private long start;
    private int filled;

    /** A window that reads {@code bytes} at once, and more only when one entry needs it. */
    EntryWindow(long salt, int bytes) {
        this.salt = salt;
        this.buffer = BUFFERS.directBuffer(bytes);
    }

    /** The length of the entry at {@code position}, header included; 0 if what is there is no whole entry. */
    int lengthAt(Segment in, long position) {
        long left = in.end() - position;
        if (left < EntryLayout.ALIGNMENT) {
            return 0;
        }
        int index = load(in, position, EntryLayout.ALIGNMENT);
        int length = buffer.getInt(index + EntryLayout.LENGTH);
        if (length < EntryLayout.HEADER_BYTES || length > left || buffer.getByte(index + EntryLayout.ZERO) != 0) {
            return 0;
        }
        byte type = buffer.getByte(index + EntryLayout.TYPE);
        int checkedBytes = EntryLayout.checkedBytes(type, length);
        if (checkedBytes > EntryLayout.LARGEST_LENGTH) {
            return 0;
        }
        index = load(in, position, EntryLayout.TYPE + checkedBytes);
        ByteBuffer checked = buffer.internalNioBuffer(index + EntryLayout.TYPE, checkedBytes);
        int expected = buffer.getInt(index + EntryLayout.CHECKSUM);
        return EntryLayout.checksum(crc, position ^ salt, length, checked) == expected ? length : 0;
    }

    /** The entry that {@link #lengthAt} has just found; its body is valid until the next call. */
    Entry entryAt(long position, int length) {
        int index = (int) (position - start);
        byte number = buffer.getByte(index + EntryLayout.TYPE);
        EntryType type = EntryType.of(number);
        if (type == null) {
            throw new UncheckedIOException(new IOException(
                    "the journal was written by a newer relay: entry at " + position + " has type " + number));
        }
        int partition = buffer.getUnsignedShort(index + EntryLayout.PARTITION);
        int bodyBytes = type == EntryType.PADDING ? 0 : length - EntryLayout.HEADER_BYTES;
        return new Entry(position, partition, type, buffer.slice(index + EntryLayout.HEADER_BYTES, bodyBytes));
    }

    /** Has the bytes from {@code position} on in the buffer; answers their index. */
    private int load(Segment in, long position, int bytes) {
        if (in != segment || position < start || position + bytes > start + filled) {
            segment = in;
            start = position;
            filled = (int) Math.min(Math.max(bytes, buffer.capacity()), in.end() - position);
            if (filled > buffer.capacity()) {
                buffer.capacity(filled);
            }
            buffer.setIndex(0, 0);
            in.readWhatCanBeRead(buffer.internalNioBuffer(0, filled), position);
            buffer.setIndex(0, filled);
        }
        return (int) (position - start);
    }

    @Override
    public void close() {
        buffer.release();
    }
}
