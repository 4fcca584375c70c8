package dev.quintet.relay.net;

import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.wire.ErrorCode;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * What has come from a device and cannot be handled yet: while its login is checked, its channel moves to its home loop
 * and its account is read from disk; later, while it has too many answers to wait for or to read.
 *
 * <p><b>Thread:</b> the loop that the channel is on. <b>Memory:</b> owns its frames. <b>Limits:</b> until the device is
 * in, {@link ConnectionLimits#heldFrames} and {@link ConnectionLimits#heldBytes}; one frame more is a breach, which is
 * told after the frames before it, as if they had just come. Afterwards what one read of the socket brings, since
 * nothing more is read while there are frames here.
 */
final class HeldFrames {
    private final ConnectionLimits limits;
    private final Queue<ByteBuf> frames = new ArrayDeque<>(0);
    private boolean isLimited = true;
    private int bytes;
    private ProtocolException breach;

    HeldFrames(ConnectionLimits limits) {
        this.limits = limits;
    }

    /** Keeps a frame; takes it over. Nothing is kept after a breach. */
    void add(ByteBuf frame) {
        bytes += frame.readableBytes();
        if (breach != null || isLimited && isFull()) {
            frame.release();
            add(new ProtocolException(ErrorCode.WRONG_STATE, "too much was sent before the login's answer"));
        } else {
            frames.add(frame.slice());
        }
    }

    private boolean isFull() {
        return frames.size() == limits.heldFrames() || bytes > limits.heldBytes();
    }

    /** The device is in. */
    void lift() {
        isLimited = false;
    }

    boolean isEmpty() {
        return frames.isEmpty();
    }

    /** The device broke the protocol behind the frames that are here. */
    void add(ProtocolException found) {
        breach = breach == null ? found : breach;
    }

    /** What the device did wrong, if anything. */
    ProtocolException breach() {
        return breach;
    }

    /** Gives the oldest frame away; null if there is none. */
    ByteBuf poll() {
        return frames.poll();
    }

    /** Forgets all frames. */
    void release() {
        frames.forEach(ByteBuf::release);
        frames.clear();
    }
}
