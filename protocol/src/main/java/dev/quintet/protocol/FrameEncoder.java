package dev.quintet.protocol;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes frames from generated messages. The frequent ones have a shorter way: {@link HotFrames}. */
public final class FrameEncoder {
    private FrameEncoder() {}

    /**
     * Writes the frame's length and the frame.
     *
     * @param frame a {@code ClientFrame} or {@code ServerFrame}
     * @return where it stands
     */
    public static ByteBuf encode(FrameSpace space, MessageLite frame) {
        int frameBytes = frame.getSerializedSize();
        ByteBuf buffer = start(space, frameBytes, frameBytes);
        try {
            writeTo(buffer, frame, frameBytes);
            return buffer;
        } catch (IOException bug) {
            throw new UncheckedIOException(bug);
        }
    }

    private static void writeTo(ByteBuf buffer, MessageLite frame, int frameBytes) throws IOException {
        CodedOutputStream output = CodedOutputStream.newInstance(buffer.nioBuffer(buffer.writerIndex(), frameBytes));
        frame.writeTo(output);
        output.checkNoSpaceLeft();
        buffer.writerIndex(buffer.writerIndex() + frameBytes);
    }

    /** Writes {@code frameBytes} as the length prefix, behind which {@code writtenBytes} more can be written. */
    static ByteBuf start(FrameSpace space, int frameBytes, int writtenBytes) {
        ByteBuf buffer = space.take(Varint.size(frameBytes) + writtenBytes);
        Varint.write(buffer, frameBytes);
        return buffer;
    }
}
