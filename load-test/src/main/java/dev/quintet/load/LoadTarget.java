package dev.quintet.load;

import dev.quintet.load.drive.Wire;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;

/**
 * A server under load.
 *
 * @param name what to call it
 * @param wire how it is spoken to
 * @param address where it listens
 * @param watch its process, if it is on this machine
 * @param metrics where its metrics are, if it has any
 * @param relay the process, if the load has started it
 */
record LoadTarget(
        String name,
        Wire wire,
        InetSocketAddress address,
        Optional<ProcessWatch> watch,
        Optional<URI> metrics,
        Optional<RelayProcess> relay) {

    /** Its metrics now. */
    MetricsPage page() {
        return metrics.map(MetricsPage::read).orElse(MetricsPage.NONE);
    }

    /** The same relay after it was killed and started again. */
    LoadTarget restarted() {
        relay.orElseThrow().kill();
        return startedAgain();
    }

    /** The same relay, which has ended, after it was started again. */
    LoadTarget startedAgain() {
        RelayProcess process = relay.orElseThrow();
        process.start();
        return new LoadTarget(
                name,
                wire,
                address,
                Optional.of(new ProcessWatch(process.pid())),
                Optional.of(process.metrics()),
                relay);
    }
}
