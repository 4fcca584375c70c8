package dev.quintet.load;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.Device;
import dev.quintet.client.DeviceKeys;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.Registration;
import dev.quintet.client.RelayAddress;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.Platform;

/** A new account whose only device, the primary, is connected. */
final class PrimaryAtRelay implements AutoCloseable {
    private final ClientTransport transport = new ClientTransport();
    private final RelayAddress registeredAt;
    private final DeviceKeys keys;
    private Device device;

    PrimaryAtRelay(RelayAddress relay, FirstConnection ears) {
        registeredAt = relay;
        keys = Fleet.join(Registration.register(transport, relay, Platform.ANDROID, DeviceOptions.DEFAULTS));
        connect(relay, ears);
    }

    /** The same device anew, with other ears and perhaps by another way. */
    void connect(RelayAddress relay, FirstConnection ears) {
        device = new Device(transport, relay, keys, DeviceOptions.DEFAULTS, ears);
        ears.await(device);
    }

    /** For devices that are to be linked. */
    ClientTransport transport() {
        return transport;
    }

    Device device() {
        return device;
    }

    /** The newest list of its account. */
    DeviceList list() {
        return DeviceList.parse(Fleet.join(device.deviceList(keys.account())));
    }

    /** Connects a companion; the version of the list that it is welcomed with. */
    long listVersionSeenBy(DeviceKeys companion) {
        FirstConnection connection = new FirstConnection();
        try (Device linked = new Device(transport, registeredAt, companion, DeviceOptions.DEFAULTS, connection)) {
            return connection.await(linked).getListVersion();
        }
    }

    @Override
    public void close() {
        device.close();
        transport.close();
    }
}
