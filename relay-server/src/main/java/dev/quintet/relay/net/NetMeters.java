package dev.quintet.relay.net;

import dev.quintet.protocol.wire.ErrorCode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts sockets and what becomes of them.
 *
 * <p><b>Thread:</b> any.
 */
public final class NetMeters {
    private final MeterRegistry meters;
    private final AtomicInteger sockets = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();
    private final Counter opened;
    private final Map<CloseReason, Counter> closed = new EnumMap<>(CloseReason.class);
    private final Timer login;
    private final Timer tls;

    /** Counts in {@code meters}. */
    public NetMeters(MeterRegistry meters) {
        this.meters = meters;
        Gauge.builder("quintet.sockets", sockets, AtomicInteger::get)
                .description("Open sockets, logged in or not")
                .register(meters);
        Gauge.builder("quintet.connections", connections, AtomicInteger::get)
                .description("Devices that are logged in")
                .register(meters);
        opened = Counter.builder("quintet.connections.opened")
                .description("Devices that have logged in")
                .register(meters);
        for (CloseReason reason : CloseReason.values()) {
            closed.put(reason, closed(reason));
        }
        login = handshake("login");
        tls = handshake("tls");
    }

    private Counter closed(CloseReason reason) {
        return Counter.builder("quintet.connections.closed")
                .tag("reason", reason.label())
                .description("Connections that have ended, by reason")
                .register(meters);
    }

    private Timer handshake(String kind) {
        return Timer.builder("quintet.handshake.duration")
                .tag("kind", kind)
                .description("Time to the end of the TLS handshake, and from there to the end of the login")
                .serviceLevelObjectives(
                        Duration.ofMillis(1),
                        Duration.ofMillis(5),
                        Duration.ofMillis(20),
                        Duration.ofMillis(100),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(10))
                .register(meters);
    }

    void socketOpened() {
        sockets.incrementAndGet();
    }

    void socketClosed() {
        sockets.decrementAndGet();
    }

    void tlsDone(long nanos) {
        tls.record(nanos, TimeUnit.NANOSECONDS);
    }

    void loggedIn(long nanos) {
        login.record(nanos, TimeUnit.NANOSECONDS);
        opened.increment();
        connections.incrementAndGet();
    }

    void connectionClosed(CloseReason reason) {
        connections.decrementAndGet();
        closed.get(reason).increment();
    }

    void loginFailed(ErrorCode code) {
        failed(code.name().toLowerCase(Locale.ROOT));
    }

    void tlsFailed() {
        failed("tls");
    }

    void abandoned() {
        failed("abandoned");
    }

    private void failed(String reason) {
        Counter.builder("quintet.authentication.failures")
                .tag("reason", reason)
                .description("Sockets that ended before login, by reason")
                .register(meters)
                .increment();
    }

    void rateLimited(String limit) {
        Counter.builder("quintet.rate.limited")
                .tag("limit", limit)
                .description("Frames refused because of a rate")
                .register(meters)
                .increment();
    }
}
