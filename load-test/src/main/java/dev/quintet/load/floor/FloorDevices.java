package dev.quintet.load.floor;

import dev.quintet.protocol.AccountId;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The devices that have connected, and where to reach them.
 *
 * <p><b>Thread:</b> the event loop.
 */
final class FloorDevices {
    private final Map<AccountId, FloorDevice[]> accounts = new HashMap<>();
    private final List<FloorDevice> unflushed = new ArrayList<>();

    /** One device; its sequences go on when it comes back. */
    static final class FloorDevice {
        private ChannelHandlerContext context;
        private long sequence;
        private boolean isUnflushed;

        /** The number of its next envelope, from 1. */
        long nextSequence() {
            return ++sequence;
        }

        boolean isConnected() {
            return context != null;
        }

        ChannelHandlerContext context() {
            return context;
        }
    }

    /** A device has logged in. */
    FloorDevice connected(AccountId account, int number, ChannelHandlerContext context) {
        FloorDevice[] devices = accounts.computeIfAbsent(account, absent -> new FloorDevice[6]);
        if (devices[number] == null) {
            devices[number] = new FloorDevice();
        }
        devices[number].context = context;
        return devices[number];
    }

    /** A connection has ended. */
    void disconnected(FloorDevice device, ChannelHandlerContext context) {
        if (device.context == context) {
            device.context = null;
        }
    }

    /** The devices of an account by number; null if none has ever connected. */
    FloorDevice[] of(AccountId account) {
        return accounts.get(account);
    }

    /** Writes; {@link #flush} sends. */
    void write(FloorDevice device, ByteBuf frame) {
        device.context.write(frame, device.context.voidPromise());
        if (!device.isUnflushed) {
            device.isUnflushed = true;
            unflushed.add(device);
        }
    }

    /** Sends all that was written since the last time. */
    void flush() {
        for (FloorDevice device : unflushed) {
            device.isUnflushed = false;
            if (device.context != null) {
                device.context.flush();
            }
        }
        unflushed.clear();
    }
}
