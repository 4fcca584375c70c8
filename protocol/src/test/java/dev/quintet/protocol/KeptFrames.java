package dev.quintet.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Keeps frames for later, as {@link FrameDecoder} says. */
final class KeptFrames extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        context.fireChannelRead(((ByteBuf) message).slice());
    }
}
