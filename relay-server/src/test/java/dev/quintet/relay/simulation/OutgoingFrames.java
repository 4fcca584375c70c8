package dev.quintet.relay.simulation;

import dev.quintet.protocol.FrameReader;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/** Sees every frame at the moment in which the relay gives it to a socket, however long it may be under way then. */
final class OutgoingFrames extends ChannelOutboundHandlerAdapter {
    private final Wire wire;

    OutgoingFrames(Wire wire) {
        this.wire = wire;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        ByteBuf framed = (ByteBuf) message;
        int start = framed.readerIndex();
        while (framed.getByte(start) < 0) {
            start++;
        }
        wire.written(FrameReader.serverFrame(framed.slice(start + 1, framed.writerIndex() - start - 1)));
        context.write(message, promise);
    }
}
