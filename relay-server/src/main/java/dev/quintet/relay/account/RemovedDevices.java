package dev.quintet.relay.account;

import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.relay.journal.LogOutReason;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The identity keys of devices that an account has removed, so that a removed device that still proves its key is told
 * so, and nobody else; and why it had been logged out before, if it had.
 *
 * <pre>
 *   0  devices   2
 *   2  per device: number 4, identity key 32, reason 1 (0: the primary removed it)
 * </pre>
 *
 * <p><b>Limits:</b> the last {@link #LIMIT} removed devices.
 */
final class RemovedDevices {
    static final int LIMIT = 64;
    private static final int DEVICE_BYTES = Integer.BYTES + Ed25519Key.BYTES + 1;

    /** Most accounts have removed nobody. */
    private Map<Integer, Removed> devices = Map.of();

    private record Removed(Ed25519Key key, LogOutReason reason) {}

    /** Adds a device that is no longer on the list; {@code reason} is why it had been logged out, or null. */
    void add(MemberDevice device, LogOutReason reason) {
        put(device.number(), new Removed(device.identityKey(), reason));
    }

    private void put(int device, Removed removed) {
        if (devices.isEmpty()) {
            devices = new LinkedHashMap<>();
        }
        if (devices.size() == LIMIT) {
            devices.remove(devices.keySet().iterator().next());
        }
        devices.put(device, removed);
    }

    /** The key of a removed device, or null. */
    Ed25519Key key(int device) {
        Removed removed = devices.get(device);
        return removed == null ? null : removed.key();
    }

    /** Why a removed device had been logged out, or null. */
    LogOutReason reason(int device) {
        Removed removed = devices.get(device);
        return removed == null ? null : removed.reason();
    }

    int bytes() {
        return Short.BYTES + devices.size() * DEVICE_BYTES;
    }

    void writeTo(ByteBuffer row) {
        row.putShort((short) devices.size());
        devices.forEach((device, removed) -> {
            row.putInt(device).put(removed.key().toBytes());
            row.put(removed.reason() == null ? 0 : removed.reason().number());
        });
    }

    static RemovedDevices readFrom(ByteBuffer row) {
        RemovedDevices removed = new RemovedDevices();
        int count = row.getShort();
        for (int index = 0; index < count; index++) {
            int device = row.getInt();
            byte[] key = new byte[Ed25519Key.BYTES];
            row.get(key);
            removed.put(device, new Removed(Ed25519Key.of(key), LogOutReason.of(row.get())));
        }
        return removed;
    }
}
