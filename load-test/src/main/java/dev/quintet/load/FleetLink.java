package dev.quintet.load;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.Device;
import dev.quintet.client.DeviceAddress;
import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.LinkDisplay;
import dev.quintet.client.LinkQr;
import dev.quintet.client.LinkRequest;
import dev.quintet.client.NewDevice;
import dev.quintet.client.RelayAddress;
import dev.quintet.protocol.wire.Platform;
import java.util.concurrent.CompletableFuture;

/**
 * One companion of a fleet and its primary, linked as two people's devices would be; the code goes from screen to camera
 * inside this process, as text.
 *
 * <p><b>Thread:</b> event loops.
 */
final class FleetLink implements LinkDisplay {
    private final ClientTransport transport;
    private final RelayAddress relay;
    private final DeviceOptions options;
    private final Watch watch;
    private final long startNanos = System.nanoTime();
    private final CompletableFuture<String> shown = new CompletableFuture<>();
    private volatile String comparison;

    /** Hears how a device was linked, in words. */
    interface Watch {
        void linked(DeviceAddress device, String how);
    }

    FleetLink(ClientTransport transport, RelayAddress relay, DeviceOptions options, Watch watch) {
        this.transport = transport;
        this.relay = relay;
        this.options = options;
        this.watch = watch;
    }

    /** Links a new device to the account of this primary; its keys, once both sides are done. */
    CompletableFuture<DeviceKeys> byQr(Device primary) {
        NewDevice newDevice = NewDevice.open(transport, relay, Platform.LINUX, "a demo's companion", options, this);
        newDevice.linked().whenComplete((keys, failure) -> {
            if (failure != null) {
                shown.completeExceptionally(failure);
            }
        });
        return shown.thenCompose(text -> primary.claim(LinkQr.parse(text)))
                .thenCompose(this::approve)
                .thenCombine(newDevice.linked(), (list, keys) -> keys)
                .thenApply(this::told);
    }

    private CompletableFuture<?> approve(LinkRequest request) {
        if (!request.comparison().equals(comparison)) {
            request.refuse();
            return CompletableFuture.failedFuture(new CommandFailure("the comparison codes differ"));
        }
        return request.approve();
    }

    private DeviceKeys told(DeviceKeys keys) {
        String how =
                "by QR code; both screens showed " + comparison + "; " + Words.nanos(System.nanoTime() - startNanos);
        watch.linked(keys.address(), how);
        return keys;
    }

    @Override
    public void show(LinkQr qr, long validForMillis) {
        shown.complete(qr.text());
    }

    @Override
    public void compare(String digits) {
        comparison = digits;
    }

    @Override
    public void store(DeviceKeys keys) {
        // A fleet's keys live as long as its process.
    }
}
