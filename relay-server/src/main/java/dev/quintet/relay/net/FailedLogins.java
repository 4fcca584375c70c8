package dev.quintet.relay.net;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Which addresses have failed to log in too often to be worth a signature check.
 *
 * <p><b>Thread:</b> any. <b>Memory:</b> at most {@link #ADDRESSES} counters, each for a minute.
 */
final class FailedLogins {
    static final int ADDRESSES = 100_000;
    private static final Duration PERIOD = Duration.ofMinutes(1);

    private final int perMinute;
    private final Cache<InetAddress, AtomicInteger> failures;

    FailedLogins(int perMinute, Ticker ticker) {
        this.perMinute = perMinute;
        this.failures = Caffeine.newBuilder()
                .maximumSize(ADDRESSES)
                .expireAfterWrite(PERIOD)
                .ticker(ticker)
                .build();
    }

    /** Whether {@code address} has to wait. */
    boolean isBlocked(SocketAddress address) {
        AtomicInteger count =
                address instanceof InetSocketAddress internet ? failures.getIfPresent(internet.getAddress()) : null;
        return count != null && count.get() >= perMinute;
    }

    /** Another login from {@code address} has failed. */
    void add(SocketAddress address) {
        if (address instanceof InetSocketAddress internet) {
            failures.get(internet.getAddress(), unused -> new AtomicInteger()).incrementAndGet();
        }
    }
}
