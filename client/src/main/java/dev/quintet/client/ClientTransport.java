package dev.quintet.client;

import dev.quintet.protocol.FrameDecoder;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * Event loops and TLS for any number of devices in one process.
 *
 * <p>epoll where there is one, NIO elsewhere; TLS 1.3 or 1.2 by BoringSSL where it is on the class path, by the JDK
 * elsewhere. A device stays on one event loop for life.
 *
 * <p><b>Thread:</b> any. The loops are daemon threads.
 */
public final class ClientTransport implements AutoCloseable {
    private static final int SERVER_FRAME_BYTES = 16 << 20;

    private final EventLoopGroup loops;
    private final Class<? extends Channel> channelType;
    private final Map<RelayTrust, SslContext> tls = new ConcurrentHashMap<>();

    /** One event loop. */
    public ClientTransport() {
        this(1);
    }

    /** @param threads how many event loops */
    public ClientTransport(int threads) {
        DefaultThreadFactory factory = new DefaultThreadFactory("quintet-client", true);
        boolean hasEpoll = Epoll.isAvailable();
        loops = new MultiThreadIoEventLoopGroup(
                threads, factory, hasEpoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        channelType = hasEpoll ? EpollSocketChannel.class : NioSocketChannel.class;
    }

    EventLoop nextLoop() {
        return loops.next();
    }

    /** Connects on the loop; the connection tells its owner how it went. */
    void connect(EventLoop loop, RelayAddress relay, DeviceOptions options, RelayConnection connection) {
        new Bootstrap()
                .group(loop)
                .channel(channelType)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, options.connectTimeoutMillis())
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) throws SSLException {
                        initialize(channel, relay, options, connection);
                    }
                })
                .connect(relay.host(), relay.port())
                .addListener(connected -> {
                    if (!connected.isSuccess()) {
                        connection.failed(connected.cause());
                    }
                });
    }

    private void initialize(
            SocketChannel channel, RelayAddress relay, DeviceOptions options, RelayConnection connection)
            throws SSLException {
        if (!(relay.trust() instanceof RelayTrust.Plain)) {
            SslHandler handler = context(relay.trust()).newHandler(channel.alloc(), relay.host(), relay.port());
            handler.setHandshakeTimeout(options.connectTimeoutMillis(), TimeUnit.MILLISECONDS);
            channel.pipeline().addLast(handler);
        }
        channel.pipeline().addLast(new FrameDecoder(SERVER_FRAME_BYTES), connection);
    }

    private SslContext context(RelayTrust trust) throws SSLException {
        SslContext known = tls.get(trust);
        if (known == null) {
            known = newContext(trust);
            tls.put(trust, known);
        }
        return known;
    }

    private static SslContext newContext(RelayTrust trust) throws SSLException {
        SslContextBuilder builder = SslContextBuilder.forClient()
                .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
                .protocols("TLSv1.3", "TLSv1.2");
        if (trust instanceof RelayTrust.Pinned pinned) {
            return builder.trustManager(new PinnedTrustManager(pinned.fingerprint()))
                    .endpointIdentificationAlgorithm(null)
                    .build();
        }
        RelayTrust.Authorities chain = (RelayTrust.Authorities) trust;
        if (!chain.authorities().isEmpty()) {
            builder.trustManager(chain.authorities());
        }
        return builder.endpointIdentificationAlgorithm("HTTPS").build();
    }

    /** Ends the event loops, and with them the connections of all devices. Waits at most two seconds. */
    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
        tls.values().forEach(ReferenceCountUtil::release);
        tls.clear();
    }
}
