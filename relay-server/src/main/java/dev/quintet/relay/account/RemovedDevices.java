package dev.quintet.relay.account;

import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.MemberDevice;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The identity keys of devices that an account has removed, so that a removed device that still proves its key is told
 * so, and nobody else.
 *
 * <pre>
 *   0  devices   2
 *   2  per device: number 4, identity key 32
 * </pre>
 *
 * <p><b>Limits:</b> the last {@link #LIMIT} removed devices.
 */
final class RemovedDevices {
    static final int LIMIT = 64;

    private final Map<Integer, Ed25519Key> keys = new LinkedHashMap<>();

    /** Adds what {@code next} no longer has of {@code before}. */
    void add(DeviceList before, DeviceList next) {
        for (MemberDevice device : before.devices()) {
            if (next.device(device.number()) == null) {
                put(device.number(), device.identityKey());
            }
        }
    }

    private void put(int device, Ed25519Key key) {
        if (keys.size() == LIMIT) {
            keys.remove(keys.keySet().iterator().next());
        }
        keys.put(device, key);
    }

    /** The key of a removed device, or null. */
    Ed25519Key key(int device) {
        return keys.get(device);
    }

    int bytes() {
        return Short.BYTES + keys.size() * (Integer.BYTES + Ed25519Key.BYTES);
    }

    void writeTo(ByteBuffer row) {
        row.putShort((short) keys.size());
        keys.forEach((device, key) -> row.putInt(device).put(key.toBytes()));
    }

    static RemovedDevices readFrom(ByteBuffer row) {
        RemovedDevices removed = new RemovedDevices();
        int count = row.getShort();
        for (int index = 0; index < count; index++) {
            int device = row.getInt();
            byte[] key = new byte[Ed25519Key.BYTES];
            row.get(key);
            removed.put(device, Ed25519Key.of(key));
        }
        return removed;
    }
}
