package dev.quintet.relay.net;

import dev.quintet.protocol.FrameDecoder;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * The socket that accepts devices.
 *
 * <p><b>Thread:</b> opened and closed by one; accepts on the event loops.
 */
public final class Listener implements AutoCloseable {
    private static final int WAITING_CONNECTS = 4096;

    private final Channel channel;

    private Listener(Channel channel) {
        this.channel = channel;
    }

    /**
     * Listens at {@code address}.
     *
     * @param tls null for plain TCP
     * @throws IllegalArgumentException if the address cannot be had
     */
    public static Listener open(
            InetSocketAddress address, Transport transport, EventLoopGroup loops, SslContext tls, Reception reception) {
        int unsentBytes = reception.terms().connection().unsentBytes();
        ChannelFuture bound = new ServerBootstrap()
                .group(loops)
                .channel(transport.listener())
                .option(ChannelOption.SO_BACKLOG, WAITING_CONNECTS)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator())
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(unsentBytes / 2, unsentBytes))
                .childHandler(new Initializer(tls, reception))
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            String where = address.getHostString() + ":" + address.getPort();
            String why = bound.cause().getMessage();
            throw new IllegalArgumentException("cannot listen at " + where + ": " + why, bound.cause());
        }
        return new Listener(bound.channel());
    }

    private static final class Initializer extends ChannelInitializer<Channel> {
        private final SslContext tls;
        private final Reception reception;

        Initializer(SslContext tls, Reception reception) {
            this.tls = tls;
            this.reception = reception;
        }

        @Override
        protected void initChannel(Channel accepted) {
            ConnectionLimits limits = reception.terms().connection();
            if (tls != null) {
                SslHandler handler = tls.newHandler(accepted.alloc());
                handler.setHandshakeTimeout(limits.timeouts().tlsSeconds(), TimeUnit.SECONDS);
                handler.setCloseNotifyFlushTimeout(1, TimeUnit.SECONDS);
                accepted.pipeline().addLast("tls", handler);
            }
            FrameDecoder decoder = new FrameDecoder(limits.preLoginFrameBytes());
            accepted.pipeline().addLast("frames", decoder);
            accepted.pipeline().addLast("handshake", new Handshake(reception, decoder));
        }
    }

    /** Where devices connect. */
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** Accepts no more; what was accepted goes on. */
    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
    }
}
