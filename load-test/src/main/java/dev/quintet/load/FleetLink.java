package dev.quintet.load;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.Device;
import dev.quintet.client.DeviceAddress;
import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.LinkCode;
import dev.quintet.client.LinkDisplay;
import dev.quintet.client.LinkKnock;
import dev.quintet.client.LinkQr;
import dev.quintet.client.LinkRequest;
import dev.quintet.client.NewDevice;
import dev.quintet.client.RelayAddress;
import dev.quintet.protocol.Handle;
import dev.quintet.protocol.wire.Platform;
import java.util.concurrent.CompletableFuture;

/**
 * One companion of a fleet and its primary, linked as two people's devices would be; the code goes from screen to camera,
 * or from screen to keyboard, inside this process.
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
    private final CompletableFuture<LinkCode> read = new CompletableFuture<>();
    private volatile NewDevice newDevice;
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
        newDevice = NewDevice.open(transport, relay, Platform.LINUX, "a demo's companion", options, this);
        newDevice.linked().whenComplete((keys, failure) -> {
            if (failure != null) {
                shown.completeExceptionally(failure);
            }
        });
        return shown.thenCompose(text -> primary.claim(LinkQr.parse(text)))
                .thenCompose(this::approve)
                .thenCombine(newDevice.linked(), (list, keys) -> keys)
                .thenApply(keys -> told(keys, "by QR code; both screens showed " + comparison));
    }

    /** The same by the account's handle and a one-time code. */
    CompletableFuture<DeviceKeys> byCode(FleetDevice primary) {
        Handle handle = Handle.of("fleet " + primary.address().account());
        CompletableFuture<LinkKnock> knocked = primary.nextKnock();
        return primary.device()
                .putHandle(handle.text())
                .thenCompose(stored -> ask(handle, knocked))
                .thenCompose(this::accept)
                .thenCompose(LinkRequest::approve)
                .thenCompose(list -> newDevice.linked())
                .thenApply(keys ->
                        told(keys, "by one-time code; typed " + read.join().text()));
    }

    private CompletableFuture<LinkKnock> ask(Handle handle, CompletableFuture<LinkKnock> knocked) {
        newDevice =
                NewDevice.openByHandle(transport, relay, handle, Platform.LINUX, "a demo's companion", options, this);
        newDevice.linked().whenComplete((keys, failure) -> {
            if (failure != null) {
                knocked.completeExceptionally(failure);
            }
        });
        return knocked;
    }

    private CompletableFuture<LinkRequest> accept(LinkKnock knock) {
        read.complete(knock.code());
        return knock.accept();
    }

    @Override
    public void enterCode(int triesLeft) {
        read.thenAccept(newDevice::enter);
    }

    private CompletableFuture<?> approve(LinkRequest request) {
        if (!request.comparison().equals(comparison)) {
            request.refuse();
            return CompletableFuture.failedFuture(new CommandFailure("the comparison codes differ"));
        }
        return request.approve();
    }

    private DeviceKeys told(DeviceKeys keys, String how) {
        watch.linked(keys.address(), how + "; " + Words.nanos(System.nanoTime() - startNanos));
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
