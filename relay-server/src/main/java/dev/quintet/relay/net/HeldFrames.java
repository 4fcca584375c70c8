package dev.quintet.relay.net;

import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.wire.ErrorCode;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * What a device sends before anybody can read it: while its login is checked, its channel moves to its home loop and its
 * account is read from disk.
 *
 * <p><b>Thread:</b> the loop that the channel is on. <b>Memory:</b> owns its frames. <b>Limits:</b> {@link
 * ConnectionLimits#heldFrames} and {@link ConnectionLimits#heldBytes}; one frame more is a breach, which is told after
 * the frames before it, as if they had just come.
 */
final class HeldFrames {
    private final ConnectionLimits limits;
    private final Queue<ByteBuf> frames = new ArrayDeque<>(0);
    private int bytes;
    private ProtocolException breach;

    HeldFrames(ConnectionLimits limits) {
        this.limits = limits;
    }

    /** Keeps a frame; takes it over. Nothing is kept after a breach. */
    void add(ByteBuf frame) {
        bytes += frame.readableBytes();
        if (breach != null || frames.size() == limits.heldFrames() || bytes > limits.heldBytes()) {
            frame.release();
            add(new ProtocolException(ErrorCode.WRONG_STATE, "too much was sent before the login's answer"));
        } else {
            frames.add(frame);
        }
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
