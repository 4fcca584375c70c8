package dev.quintet.relay.simulation;

import dev.quintet.protocol.wire.ServerFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;

/**
 * The network between one device and the relay: bytes under way, both ways, and who has hung up.
 *
 * <p>Bytes arrive in order, in pieces of any size and after any time, or never.
 */
final class Wire {
    private final ByteBuf toRelay = Unpooled.buffer(64);
    private final ByteBuf toDevice = Unpooled.buffer(256);
    private final int bufferBytes;
    private boolean isDeviceGone;
    private boolean isRelayGone;
    private Runnable whenTaken = () -> {};
    private Consumer<ServerFrame> whenWritten = frame -> {};

    /** @param bufferBytes what fits on its way to the device before the relay's socket takes no more */
    Wire(int bufferBytes) {
        this.bufferBytes = bufferBytes;
    }

    ByteBuf toRelay() {
        return toRelay;
    }

    ByteBuf toDevice() {
        return toDevice;
    }

    /** How many bytes the relay's socket still takes. */
    int room() {
        return bufferBytes - toDevice.readableBytes();
    }

    boolean isDeviceGone() {
        return isDeviceGone;
    }

    boolean isRelayGone() {
        return isRelayGone;
    }

    /** The device hangs up, and the relay will hear of it. */
    void deviceLeaves() {
        isDeviceGone = true;
    }

    /** {@code action} is run when the device has taken bytes. */
    void whenTaken(Runnable action) {
        whenTaken = action;
    }

    /** {@code look} sees each frame when the relay writes it, which may be long before it arrives. */
    void whenWritten(Consumer<ServerFrame> look) {
        whenWritten = look;
    }

    void written(ServerFrame frame) {
        whenWritten.accept(frame);
    }

    /** The device takes up to {@code most} of the bytes that have come. */
    void take(ByteBuf target, int most) {
        move(toDevice, target, most);
        whenTaken.run();
    }

    void relayLeaves() {
        isRelayGone = true;
        whenTaken = () -> {};
    }

    /** Moves up to {@code most} bytes. */
    static void move(ByteBuf from, ByteBuf to, int most) {
        to.writeBytes(from, Math.min(most, from.readableBytes()));
        from.discardSomeReadBytes();
    }
}
