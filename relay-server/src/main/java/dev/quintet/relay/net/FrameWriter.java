package dev.quintet.relay.net;

import dev.quintet.protocol.FrameEncoder;
import dev.quintet.protocol.FrameSpace;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.GoingAway;
import dev.quintet.protocol.wire.ServerFrame;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes frames to one socket, and ends it.
 *
 * <p>Frames gather in one buffer, which goes to the socket with one write at the end of the turn: one system call, one TLS
 * record, whatever the number of frames.
 *
 * <p>Ending is gentle: the last frame, then the end of our side, then for a second whatever the device still sends is
 * thrown away, so that an early reset does not take the last frame with it.
 *
 * <p><b>Thread:</b> the channel's event loop, all methods. <b>Memory:</b> the buffer; none between two turns, unless a frame
 * waits for company.
 */
final class FrameWriter implements FrameSpace {
    private static final Logger LOG = LoggerFactory.getLogger(FrameWriter.class);
    private static final int PROTOCOL_VERSION = 1;
    private static final int RECONNECT_MILLIS = 1_000;

    private static final int FIRST_BUFFER_BYTES = 4 << 10;
    private static final int LARGEST_BUFFER_BYTES = 32 << 10;

    private final Channel channel;
    private Departures departures;
    private ByteBuf gathered;
    private boolean isDue;
    private boolean isWaiting;
    private boolean isEnding;
    private boolean isLastSent;
    private int endTick;
    private int turnBytes;
    private long writtenBytes;

    FrameWriter(Channel channel, Departures departures) {
        this.channel = channel;
        this.departures = departures;
    }

    /** The channel has moved to the loop of these. */
    void moved(Departures there) {
        departures = there;
    }

    Channel channel() {
        return channel;
    }

    /** Whether the last frame has been written. */
    boolean isEnding() {
        return isEnding;
    }

    /** How much has left, up to a constant: what was written less what waits for the socket. */
    long sentBytes() {
        return writtenBytes - channel.bytesBeforeWritable();
    }

    /** Space for a frame of a socket that is not ending. */
    @Override
    public ByteBuf take(int bytes) {
        assert !isEnding;
        if (gathered != null && gathered.writableBytes() < bytes) {
            handOver();
        }
        if (gathered == null) {
            gathered = departures.buffer(capacity(bytes));
        }
        turnBytes += bytes;
        return gathered;
    }

    /** Room for more, up to a limit, since a frame seldom comes alone; none on credit for a socket that is behind. */
    private int capacity(int bytes) {
        if (turnBytes > 0) {
            return Math.max(bytes, Math.min(LARGEST_BUFFER_BYTES, 2 * turnBytes));
        }
        return isBehind() ? bytes : Math.max(bytes, FIRST_BUFFER_BYTES);
    }

    private boolean isBehind() {
        ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
        return unsent == null || unsent.totalPendingWriteBytes() > 0;
    }

    private void handOver() {
        ByteBuf leaving = gathered;
        gathered = null;
        writtenBytes += leaving.readableBytes();
        channel.write(leaving, channel.voidPromise());
    }

    /** Forgets what has not left; the channel is closed. */
    void release() {
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
    }

    /** Writes a frame that leaves with the next one that is sent. */
    void write(ServerFrame.Builder frame) {
        if (!isEnding && channel.isOpen()) {
            FrameEncoder.encode(this, frame.build());
        }
    }

    /** Writes a frame that does not wait for the end of the turn. */
    void send(ServerFrame.Builder frame) {
        write(frame);
        flushSoon();
    }

    /** What was written leaves at the end of the turn, all at once. */
    void flushSoon() {
        if (!isDue) {
            isDue = true;
            departures.soon(this);
        }
    }

    /** What was written need not leave alone: it waits a while for company. */
    void flushLater() {
        if (!isDue && !isWaiting) {
            isWaiting = true;
            departures.later(this);
        }
    }

    void depart() {
        isDue = false;
        turnBytes = 0;
        if (gathered != null) {
            handOver();
        }
        channel.flush();
    }

    void departAlone() {
        isWaiting = false;
        if (gathered != null) {
            depart();
        }
    }

    /** An error that leaves the connection open. */
    void sendError(long requestId, ErrorCode code, String message, int retryAfterMillis) {
        send(frame(requestId, error(code, message).setRetryAfterMillis(retryAfterMillis)));
    }

    /** An error that ends the connection. */
    void end(long requestId, ErrorCode code, String message, int retryAfterMillis, int tick) {
        LOG.debug("closing {} with {}: {}", channel.remoteAddress(), code, message);
        end(frame(requestId, error(code, message).setClosing(true).setRetryAfterMillis(retryAfterMillis)), tick);
    }

    /** Says that the relay is going away, and ends. */
    void endGoingAway(int tick) {
        end(
                ServerFrame.newBuilder().setGoingAway(GoingAway.newBuilder().setReconnectAfterMillis(RECONNECT_MILLIS)),
                tick);
    }

    /** Ends the connection with this frame as its last. */
    void end(ServerFrame.Builder last, int tick) {
        if (isEnding) {
            return;
        }
        endTick = tick;
        FrameEncoder.encode(this, last.build());
        isEnding = true;
        ByteBuf lastBytes = gathered;
        gathered = null;
        channel.writeAndFlush(lastBytes).addListener((ChannelFutureListener) written -> endOutput());
        channel.config().setAutoRead(true);
    }

    private void endOutput() {
        isLastSent = true;
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls != null) {
            tls.closeOutbound().addListener(ended -> shutdownOutput());
        } else {
            shutdownOutput();
        }
    }

    private void shutdownOutput() {
        if (channel instanceof DuplexChannel socket && socket.isActive()) {
            socket.shutdownOutput();
        } else {
            channel.close();
        }
    }

    /** Closes what has been ending for more than a second. */
    void look(int tick) {
        if (isEnding && tick - endTick > 1) {
            abort();
        }
    }

    /** Closes at once, past TLS, which would wait for the peer; the kernel forgets what it could not send. */
    void abort() {
        if (!isLastSent) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        channel.pipeline().firstContext().close();
    }

    static Error.Builder error(ErrorCode code, String message) {
        Error.Builder error = Error.newBuilder().setCode(code).setMessage(message);
        if (code == ErrorCode.VERSION_UNSUPPORTED) {
            error.setMinVersion(PROTOCOL_VERSION).setMaxVersion(PROTOCOL_VERSION);
        }
        return error;
    }

    static ServerFrame.Builder frame(long requestId, Error.Builder error) {
        return ServerFrame.newBuilder().setRequestId(requestId).setError(error);
    }
}
