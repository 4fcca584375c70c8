package dev.quintet.load;

import dev.quintet.client.RelayAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A relay in a process of its own, over plain TCP, whose operator listens in. */
final class TappedRelay implements AutoCloseable {
    private final RelayProcess relay;
    private final Wiretap wiretap;

    TappedRelay(Path folder) throws IOException {
        relay = new RelayProcess(folder, RelayProcess.SHORT_LIFE, List.of("--plain"));
        relay.start();
        wiretap = new Wiretap(relay.address());
    }

    /** Where the operator listens in. */
    RelayAddress address() {
        return wiretap.address();
    }

    /** The relay itself, for a test that kills it: a wiretap does not outlive what it taps. */
    RelayProcess relay() {
        return relay;
    }

    /** Whether the operator has seen these bytes. */
    boolean hasSeen(byte[] bytes) {
        return wiretap.hasSeen(bytes);
    }

    @Override
    public void close() throws IOException {
        wiretap.close();
        relay.close();
    }
}
