package dev.quintet.relay.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Tries a way to move bytes: event loops of its own, a socket that listens on the loopback interface, and a few bytes there
 * and back.
 *
 * <p>A library that loads does not say that the kernel lets this process open as many rings of that size, nor that
 * anything comes out of them.
 *
 * <p><b>Thread:</b> one that may block. <b>Limits:</b> each of its steps has {@link #waitMillis}.
 *
 * @param handlers what its event loops wait with
 * @param listener the kind of socket that listens
 * @param loops how many event loops are opened at once
 * @param waitMillis how long it waits for each step
 */
record TransportProbe(IoHandlerFactory handlers, Class<? extends ServerChannel> listener, int loops, int waitMillis) {
    private static final byte[] WORDS = "are you there?".getBytes(StandardCharsets.US_ASCII);

    /** Empty if the bytes came back, else what failed. */
    Optional<String> whyNot() {
        EventLoopGroup group;
        try {
            group = new MultiThreadIoEventLoopGroup(loops, new DefaultThreadFactory("quintet-probe", true), handlers);
        } catch (RuntimeException refused) {
            return Optional.of("opening " + loops + " event loops: " + reason(refused));
        }
        try {
            return whyNot(group);
        } finally {
            group.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly(waitMillis);
        }
    }

    private Optional<String> whyNot(EventLoopGroup group) {
        ChannelFuture bound = new ServerBootstrap()
                .group(group)
                .channel(listener)
                .childHandler(new Welcoming())
                .bind(InetAddress.getLoopbackAddress(), 0);
        if (!bound.awaitUninterruptibly(waitMillis)) {
            return Optional.of("opening a socket took more than " + waitMillis + " ms");
        }
        if (!bound.isSuccess()) {
            return Optional.of("opening a socket: " + reason(bound.cause()));
        }
        return whyNoAnswer((InetSocketAddress) bound.channel().localAddress());
    }

    private Optional<String> whyNoAnswer(InetSocketAddress address) {
        try (Socket caller = new Socket()) {
            caller.setSoTimeout(waitMillis);
            caller.connect(address, waitMillis);
            caller.getOutputStream().write(WORDS);
            byte[] answer = caller.getInputStream().readNBytes(WORDS.length);
            return Arrays.equals(answer, WORDS)
                    ? Optional.empty()
                    : Optional.of("of " + WORDS.length + " bytes sent, " + answer.length + " came back");
        } catch (IOException silent) {
            return Optional.of("asking for a few bytes: " + reason(silent));
        }
    }

    /** The innermost message: the outer ones say what Netty was about to do. */
    static String reason(Throwable failure) {
        Throwable innermost = failure;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        return innermost.getMessage() == null ? innermost.toString() : innermost.getMessage();
    }

    private static final class Welcoming extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel accepted) {
            accepted.pipeline().addLast(new Echo());
        }
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            context.writeAndFlush(bytes, context.voidPromise());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
