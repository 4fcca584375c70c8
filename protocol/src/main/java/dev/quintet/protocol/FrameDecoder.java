package dev.quintet.protocol;

import dev.quintet.protocol.wire.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Cuts the stream into frames: a length as a varint of at most five bytes, then that many bytes, which it passes on
 * without the length.
 *
 * <p><b>Thread:</b> the channel's event loop.
 * <b>Memory:</b> the next handler owns each frame. A frame that arrived whole is the buffer of what was read at once
 * (at most 64 KiB with the defaults of the transports), whose indexes stand around the frame only <em>until the handler
 * returns</em>: who keeps the frame for longer notes where it stands, or keeps a {@link ByteBuf#slice() slice} of it.
 * Any other frame has a buffer of its own that holds nothing else. So a frame may be handed to another thread and
 * released there, but bytes that are to stay for longer than their handling should be copied.
 * <b>Limits:</b> the frame limit, held against the length before anything is allocated. The buffer of an incomplete
 * frame grows with what has arrived, so an announced length alone costs nothing.
 * <b>Failure:</b> length 0 or a length of more than five bytes is {@code MALFORMED}, one above the limit {@code
 * FRAME_TOO_LARGE}: a {@link ProtocolException} goes through the pipeline once, everything after it is dropped.
 */
public final class FrameDecoder extends ChannelInboundHandlerAdapter {
    private static final int MAX_PREFIX_BYTES = 5;
    private static final int SMALLEST_BUFFER_BYTES = 1024;

    private int limitBytes;
    private long prefix;
    private int prefixBytes;
    private int frameBytes;
    private ByteBuf incomplete;
    private long frames;
    private boolean isBroken;

    /** @param limitBytes the longest frame it lets through, without its prefix */
    public FrameDecoder(int limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** Sets the longest frame from the next one on, in bytes. */
    public void limit(int limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** Whether a frame has begun to arrive and its end has not. */
    public boolean isMidFrame() {
        return !isBroken && (prefixBytes > 0 || frameBytes > 0);
    }

    /**
     * How many frames have arrived in full. One that was incomplete some time ago and still is has left this number
     * as it was: a deadline needs no clock here.
     */
    public long frames() {
        return frames;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            while (!isBroken && bytes.isReadable()) {
                decode(context, bytes);
            }
        } catch (ProtocolException breach) {
            isBroken = true;
            releaseIncomplete();
            context.fireExceptionCaught(breach);
        } finally {
            bytes.release();
        }
    }

    private void decode(ChannelHandlerContext context, ByteBuf bytes) {
        if (frameBytes == 0) {
            readPrefix(bytes);
        } else if (incomplete == null && bytes.readableBytes() >= frameBytes) {
            emitFrom(context, bytes);
        } else {
            collect(context, bytes);
        }
    }

    private void readPrefix(ByteBuf bytes) {
        byte group = bytes.readByte();
        prefix |= (long) (group & 0x7f) << 7 * prefixBytes;
        prefixBytes++;
        if (group >= 0) {
            frameBytes = checkedLength(prefix);
            prefix = 0;
            prefixBytes = 0;
        } else if (prefixBytes == MAX_PREFIX_BYTES) {
            throw ProtocolException.malformed("a frame's length has more than 5 bytes");
        }
    }

    private int checkedLength(long length) {
        if (length == 0) {
            throw ProtocolException.malformed("a frame of length 0");
        }
        if (length > limitBytes) {
            throw new ProtocolException(
                    ErrorCode.FRAME_TOO_LARGE, "a frame of " + length + " bytes; the limit is " + limitBytes);
        }
        return (int) length;
    }

    private void collect(ChannelHandlerContext context, ByteBuf bytes) {
        if (incomplete == null) {
            int capacity = Math.min(frameBytes, Math.max(2 * bytes.readableBytes(), SMALLEST_BUFFER_BYTES));
            incomplete = context.alloc().buffer(capacity, frameBytes);
        }
        incomplete.writeBytes(bytes, Math.min(bytes.readableBytes(), frameBytes - incomplete.readableBytes()));
        if (incomplete.readableBytes() == frameBytes) {
            ByteBuf frame = incomplete;
            incomplete = null;
            emit(context, frame);
        }
    }

    /** No slice: the frequent frames are read at once, byte by byte, and a slice makes each of them dearer. */
    private void emitFrom(ChannelHandlerContext context, ByteBuf bytes) {
        int end = bytes.readerIndex() + frameBytes;
        int rest = bytes.writerIndex();
        bytes.writerIndex(end);
        emit(context, bytes.retain());
        bytes.setIndex(end, rest);
    }

    private void emit(ChannelHandlerContext context, ByteBuf frame) {
        frameBytes = 0;
        frames++;
        context.fireChannelRead(frame);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        releaseIncomplete();
        context.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        releaseIncomplete();
    }

    private void releaseIncomplete() {
        if (incomplete != null) {
            incomplete.release();
            incomplete = null;
        }
    }
}
