package dev.quintet.protocol;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes frames from generated messages. The frequent ones have a shorter way: {@link HotFrames}. */
public final class FrameEncoder {
    private FrameEncoder() {}

    /**
     * A new buffer with exactly the frame's length and the frame.
     *
     * @param frame a {@code ClientFrame} or {@code ServerFrame}
     */
    public static ByteBuf encode(ByteBufAllocator allocator, MessageLite frame) {
        int frameBytes = frame.getSerializedSize();
        ByteBuf buffer = start(allocator, frameBytes, frameBytes);
        try {
            writeTo(buffer, frame, frameBytes);
            return buffer;
        } catch (IOException failure) {
            buffer.release();
            throw new UncheckedIOException(failure);
        }
    }

    private static void writeTo(ByteBuf buffer, MessageLite frame, int frameBytes) throws IOException {
        CodedOutputStream output = CodedOutputStream.newInstance(buffer.nioBuffer(buffer.writerIndex(), frameBytes));
        frame.writeTo(output);
        output.checkNoSpaceLeft();
        buffer.writerIndex(buffer.writerIndex() + frameBytes);
    }

    /** A new buffer that starts with {@code frameBytes} as its length prefix and has room for {@code writtenBytes}. */
    static ByteBuf start(ByteBufAllocator allocator, int frameBytes, int writtenBytes) {
        int bytes = Varint.size(frameBytes) + writtenBytes;
        ByteBuf buffer = allocator.ioBuffer(bytes, bytes);
        Varint.write(buffer, frameBytes);
        return buffer;
    }
}
