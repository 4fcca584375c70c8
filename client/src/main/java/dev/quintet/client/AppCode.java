package dev.quintet.client;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an app has given to be called. Its failures are its own: they are logged, and the device goes on. */
final class AppCode {
    private static final Logger LOG = LoggerFactory.getLogger(AppCode.class);

    private AppCode() {}

    static void call(Runnable code) {
        try {
            code.run();
        } catch (RuntimeException failure) {
            LOG.error("the device's listener failed", failure);
        }
    }
}
