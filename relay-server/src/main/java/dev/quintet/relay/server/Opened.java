package dev.quintet.relay.server;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has been opened, to be closed in the opposite order; whatever refuses is logged and does not keep the rest open.
 *
 * <p><b>Thread:</b> one at a time.
 */
final class Opened implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Opened.class);

    private final Deque<AutoCloseable> newestFirst = new ArrayDeque<>();

    /** Closes {@code opened} before all that was opened earlier. */
    <T extends AutoCloseable> T keep(T opened) {
        newestFirst.push(opened);
        return opened;
    }

    @Override
    public void close() {
        while (!newestFirst.isEmpty()) {
            AutoCloseable newest = newestFirst.pop();
            try {
                newest.close();
            } catch (Exception thrown) {
                LOG.error("{} did not close in order", newest, thrown);
            }
        }
    }
}
