package dev.quintet.load;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.DeviceOptions;
import java.io.IOException;
import java.nio.file.Path;

/** A relay in a process of its own, over TLS, and a fleet of accounts with five devices each that are connected to it. */
final class FleetAtRelay implements AutoCloseable {
    private static final int PARCEL_BYTES = 200;

    private final RelayProcess relay;
    private final ClientTransport transport = new ClientTransport();
    private final Fleet fleet;

    /** Returns when all devices are connected. */
    FleetAtRelay(Path folder, DeviceOptions options, DeliveryChecker checker, int accounts) {
        relay = new RelayProcess(folder, RelayProcess.SHORT_LIFE);
        relay.start();
        Fleet.Instruments instruments =
                new Fleet.Instruments(new ChecksumParcel(PARCEL_BYTES), checker, new FleetObserver() {}, Runnable::run);
        fleet = new Fleet(transport, relay.address(), options, instruments);
        fleet.register(accounts, () -> {});
    }

    RelayProcess relay() {
        return relay;
    }

    Fleet fleet() {
        return fleet;
    }

    /** SIGKILL, and a start; returns when all devices are connected again. */
    void killRelay() {
        relay.kill();
        relay.start();
        fleet.awaitConnected();
    }

    @Override
    public void close() throws IOException {
        if (!relay.isAlive()) {
            System.err.println("the relay died: " + relay.lastWords());
        }
        fleet.close();
        transport.close();
        relay.close();
    }
}
