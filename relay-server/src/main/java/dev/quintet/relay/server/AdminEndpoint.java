package dev.quintet.relay.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Metrics and health over HTTP, for the operator's machines.
 *
 * <pre>
 *   GET /metrics        200  Prometheus text
 *   GET /health/live    200  the process runs
 *   GET /health/ready   200, or 503 with the reason: whether devices can be served now
 * </pre>
 *
 * <p>Each connection carries one request. HEAD is GET without the body; another path is 404, another method 405, what
 * is no HTTP 400.
 *
 * <p><b>Thread:</b> one of its own, so that a slow scrape delays no device.
 * <b>Limits:</b> {@link RelayConfig.Admin}: connections, bytes of a request, time for one.
 * <b>Failure:</b> {@link StartRefused} if the port is taken; afterwards none that leaves a connection.
 */
final class AdminEndpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminEndpoint.class);
    private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final String JSON = "application/json";

    private final RelayConfig.Admin config;
    private final Supplier<String> metrics;
    private final Supplier<String> reasonNotReady;
    private final EventLoopGroup thread;
    private final Channel listener;
    private int connections;

    /**
     * Listens from now on.
     *
     * @param metrics the text of {@code /metrics}
     * @param reasonNotReady why devices cannot be served now, or null if they can
     */
    AdminEndpoint(RelayConfig.Admin config, Supplier<String> metrics, Supplier<String> reasonNotReady) {
        this.config = config;
        this.metrics = metrics;
        this.reasonNotReady = reasonNotReady;
        thread = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("quintet-admin", true), NioIoHandler.newFactory());
        var bound = new ServerBootstrap()
                .group(thread)
                .channel(NioServerSocketChannel.class)
                .childHandler(new Accept())
                .bind(config.address(), config.port())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            shutDown();
            throw new StartRefused("cannot listen on admin address " + config.address() + ":" + config.port() + ": "
                    + bound.cause().getMessage());
        }
        listener = bound.channel();
    }

    /** Where it listens. */
    InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        shutDown();
    }

    private void shutDown() {
        thread.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private Answer answer(String path) {
        return switch (path) {
            case "/metrics" -> new Answer(HttpResponseStatus.OK, PROMETHEUS_TEXT, metrics.get());
            case "/health/live" -> new Answer(HttpResponseStatus.OK, JSON, "{\"status\":\"live\"}\n");
            case "/health/ready" -> readiness(reasonNotReady.get());
            default -> new Answer(HttpResponseStatus.NOT_FOUND, JSON, "{\"error\":\"not found\"}\n");
        };
    }

    private static Answer readiness(String reason) {
        if (reason == null) {
            return new Answer(HttpResponseStatus.OK, JSON, "{\"status\":\"ready\"}\n");
        }
        String body = "{\"status\":\"not ready\",\"reason\":\"" + FlatJson.escape(reason) + "\"}\n";
        return new Answer(HttpResponseStatus.SERVICE_UNAVAILABLE, JSON, body);
    }

    private record Answer(HttpResponseStatus status, String type, String body) {}

    /** Takes a connection in, or closes it if there are too many. On the endpoint's thread, like all below. */
    private final class Accept extends ChannelInitializer<SocketChannel> {
        @Override
        protected void initChannel(SocketChannel channel) {
            connections++;
            channel.closeFuture().addListener(closed -> connections--);
            if (connections > config.connections()) {
                channel.close();
                return;
            }
            var limits = new HttpDecoderConfig()
                    .setMaxInitialLineLength(Math.min(1024, config.requestBytes()))
                    .setMaxHeaderSize(config.requestBytes());
            channel.pipeline()
                    .addLast(new HttpServerCodec(limits))
                    .addLast(new HttpObjectAggregator(config.requestBytes()))
                    .addLast(new Exchange());
            var deadline =
                    channel.eventLoop().schedule(() -> channel.close(), config.timeoutMillis(), TimeUnit.MILLISECONDS);
            channel.closeFuture().addListener(closed -> deadline.cancel(false));
        }
    }

    /** One request and its answer. */
    private final class Exchange extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext channel, FullHttpRequest request) {
            channel.channel().config().setAutoRead(false);
            boolean isHead = request.method().equals(HttpMethod.HEAD);
            if (request.decoderResult().isFailure()) {
                send(channel, new Answer(HttpResponseStatus.BAD_REQUEST, JSON, "{\"error\":\"no HTTP\"}\n"), false);
            } else if (isHead || request.method().equals(HttpMethod.GET)) {
                send(channel, answer(pathOf(request.uri())), isHead);
            } else {
                send(
                        channel,
                        new Answer(HttpResponseStatus.METHOD_NOT_ALLOWED, JSON, "{\"error\":\"only GET\"}\n"),
                        false);
            }
        }

        private String pathOf(String uri) {
            int query = uri.indexOf('?');
            return query < 0 ? uri : uri.substring(0, query);
        }

        private void send(ChannelHandlerContext channel, Answer answer, boolean isHead) {
            var body = ByteBufUtil.encodeString(channel.alloc(), CharBuffer.wrap(answer.body), StandardCharsets.UTF_8);
            int length = body.readableBytes();
            if (isHead) {
                body.clear();
            }
            var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, answer.status, body);
            response.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, answer.type)
                    .set(HttpHeaderNames.CONTENT_LENGTH, length)
                    .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            if (answer.status.equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
                response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
            }
            channel.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext channel, Throwable thrown) {
            LOG.debug("admin connection closed: {}", thrown.toString());
            channel.close();
        }
    }
}
