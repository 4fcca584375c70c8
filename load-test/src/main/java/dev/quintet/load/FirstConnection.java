package dev.quintet.load;

import dev.quintet.client.Delivery;
import dev.quintet.client.Device;
import dev.quintet.client.DeviceListener;
import dev.quintet.client.Disconnection;
import dev.quintet.protocol.wire.Welcome;
import java.util.concurrent.CompletableFuture;

/**
 * A listener for commands that a user waits for: the first attempt to connect must succeed, later cuts are survived.
 *
 * <p>Takes no delivery over; what comes stays on the relay.
 */
class FirstConnection implements DeviceListener {
    private final CompletableFuture<Welcome> first = new CompletableFuture<>();

    /** Connects; a {@link CommandFailure} if that fails. */
    final Welcome await(Device device) {
        device.connect();
        return Fleet.join(first);
    }

    @Override
    public final void connected(Welcome welcome) {
        first.complete(welcome);
    }

    @Override
    public final void disconnected(Disconnection disconnection) {
        if (!first.isDone()) {
            first.completeExceptionally(new CommandFailure(disconnection.message()));
        } else {
            lost(disconnection);
        }
    }

    /** The connection was lost, or could not be made again. */
    void lost(Disconnection disconnection) {}

    @Override
    public void delivered(Delivery delivery) {}
}
