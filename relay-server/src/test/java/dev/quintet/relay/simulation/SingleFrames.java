package dev.quintet.relay.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/** Cuts what leaves together into its frames again, each with its length. */
final class SingleFrames extends ChannelOutboundHandlerAdapter {
    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        ByteBuf frames = (ByteBuf) message;
        while (frames.isReadable()) {
            ByteBuf frame = frames.readRetainedSlice(bytesOfFirst(frames));
            context.write(frame, frames.isReadable() ? context.voidPromise() : promise);
        }
        frames.release();
    }

    private static int bytesOfFirst(ByteBuf frames) {
        int at = frames.readerIndex();
        int length = 0;
        int shift = 0;
        byte group;
        do {
            group = frames.getByte(at++);
            length |= (group & 0x7f) << shift;
            shift += 7;
        } while (group < 0);
        return at - frames.readerIndex() + length;
    }
}
