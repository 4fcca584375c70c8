package dev.quintet.relay.net;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
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
        InetAddress network = network(address);
        AtomicInteger count = network == null ? null : failures.getIfPresent(network);
        return count != null && count.get() >= perMinute;
    }

    /** Another login from {@code address} has failed. */
    void add(SocketAddress address) {
        InetAddress network = network(address);
        if (network != null) {
            failures.get(network, unused -> new AtomicInteger()).incrementAndGet();
        }
    }

    /** The address, or the network of 64 bits that whoever has an IPv6 address has as a whole; null if there is none. */
    private static InetAddress network(SocketAddress address) {
        if (!(address instanceof InetSocketAddress internet)) {
            return null;
        }
        if (internet.getAddress() instanceof Inet6Address device) {
            byte[] bytes = device.getAddress();
            Arrays.fill(bytes, bytes.length / 2, bytes.length, (byte) 0);
            return addressOf(bytes);
        }
        return internet.getAddress();
    }

    private static InetAddress addressOf(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("an address of " + bytes.length + " bytes", impossible);
        }
    }
}
