package dev.quintet.relay.net;

import dev.quintet.relay.server.RunningRelay;
import java.util.HashMap;
import java.util.Map;

/** The ways into a relay: what moves the bytes, and what encrypts them. */
enum Door {
    EPOLL_BORING_SSL("epoll", "on", "openssl"),
    EPOLL_PLAIN("epoll", "off", "auto"),
    IO_URING_BORING_SSL("io-uring", "on", "openssl"),
    IO_URING_PLAIN("io-uring", "off", "auto"),
    NIO_JDK_TLS("nio", "on", "jdk"),
    NIO_PLAIN("nio", "off", "auto");

    private final Map<String, Object> options;

    Door(String transport, String tls, String provider) {
        options = Map.of("listen.transport", transport, "tls.mode", tls, "tls.provider", provider);
    }

    /** A relay with this door, and {@code special} options. */
    RunningRelay open(Map<String, ?> special) {
        Map<String, Object> all = new HashMap<>(options);
        all.putAll(special);
        return RunningRelay.start(all);
    }
}
