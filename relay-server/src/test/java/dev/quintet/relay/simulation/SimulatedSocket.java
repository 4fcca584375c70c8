package dev.quintet.relay.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import java.net.SocketAddress;
import java.util.function.Predicate;

/**
 * The relay's end of a {@link Wire}. What an operating system would tell the event loop is told by {@link #readable}
 * and {@link #writable}.
 */
final class SimulatedSocket extends AbstractChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);

    private final Wire wire;
    private final Predicate<ByteBuf> loses;
    private final ChannelConfig config = new DefaultChannelConfig(this);
    private boolean isOpen = true;
    private boolean isReading;
    private boolean isMidFrame;

    /**
     * @param unsentBytes above it the socket is not writable
     * @param loses whether a frame that is about to leave is lost, in order to try what finds that out
     */
    SimulatedSocket(Wire wire, ByteBufAllocator buffers, int unsentBytes, Predicate<ByteBuf> loses) {
        super(null);
        this.wire = wire;
        this.loses = loses;
        config.setAllocator(buffers);
        config.setWriteBufferWaterMark(new WriteBufferWaterMark(unsentBytes / 2, unsentBytes));
    }

    Wire wire() {
        return wire;
    }

    /** There may be bytes from the device, or its end; {@code most} of them arrive in one piece. */
    void readable(int most) {
        if (!isReading || !isOpen || !eventLoop().inEventLoop()) {
            return;
        }
        if (wire.toRelay().isReadable()) {
            isReading = false;
            ByteBuf bytes = alloc().buffer(Math.min(most, wire.toRelay().readableBytes()));
            Wire.move(wire.toRelay(), bytes, most);
            pipeline().fireChannelRead(bytes);
            pipeline().fireChannelReadComplete();
        } else if (wire.isDeviceGone()) {
            close();
        }
    }

    /** Whether it would take bytes now. */
    boolean canBeRead() {
        return isReading && isOpen;
    }

    /** The device has taken bytes. */
    void writable() {
        if (isOpen && eventLoop().inEventLoop()) {
            ((SocketUnsafe) unsafe()).goOnWriting();
        }
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer unsent) {
        while (unsent.current() instanceof ByteBuf frame) {
            if (!isMidFrame && loses.test(frame)) {
                unsent.remove();
                continue;
            }
            int bytes = Math.min(frame.readableBytes(), wire.room());
            if (bytes == 0) {
                return;
            }
            isMidFrame = bytes < frame.readableBytes();
            wire.toDevice().writeBytes(frame, frame.readerIndex(), bytes);
            unsent.removeBytes(bytes);
        }
    }

    @Override
    protected void doBeginRead() {
        isReading = true;
    }

    @Override
    protected void doClose() {
        isOpen = false;
        wire.relayLeaves();
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    protected void doBind(SocketAddress address) {
        throw new UnsupportedOperationException();
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new SocketUnsafe();
    }

    private final class SocketUnsafe extends AbstractUnsafe {
        @Override
        public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
            throw new UnsupportedOperationException();
        }

        void goOnWriting() {
            flush0();
        }
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return loop instanceof SimulatedLoop;
    }

    @Override
    protected SocketAddress localAddress0() {
        return null;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return isOpen;
    }

    @Override
    public boolean isActive() {
        return isOpen;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }
}
