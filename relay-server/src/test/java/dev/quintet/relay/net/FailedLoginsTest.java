package dev.quintet.relay.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.local.LocalAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FailedLoginsTest {
    private long nowNanos;
    private final FailedLogins failures = new FailedLogins(3, () -> nowNanos);

    private static InetSocketAddress from(String address, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByName(address), port);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private void fail(String address) {
        for (int port = 1; port <= 3; port++) {
            failures.add(from(address, port));
        }
    }

    @Test
    void blocksAnAddressWhateverItsPort() {
        fail("192.0.2.1");
        assertThat(failures.isBlocked(from("192.0.2.1", 99))).isTrue();
        assertThat(failures.isBlocked(from("192.0.2.2", 99))).isFalse();
    }

    @Test
    void blocksNobodyBeforeTheLimit() {
        failures.add(from("192.0.2.1", 1));
        failures.add(from("192.0.2.1", 2));
        assertThat(failures.isBlocked(from("192.0.2.1", 3))).isFalse();
    }

    @Test
    void forgetsAfterAMinute() {
        fail("192.0.2.1");
        nowNanos = TimeUnit.SECONDS.toNanos(61);
        assertThat(failures.isBlocked(from("192.0.2.1", 1))).isFalse();
    }

    /** One customer has a whole network of IPv6 addresses. */
    @Test
    void takesAnIpv6NetworkForOneAddress() {
        fail("2001:db8:0:1::1");
        assertThat(failures.isBlocked(from("2001:db8:0:1:ffff::2", 1))).isTrue();
        assertThat(failures.isBlocked(from("2001:db8:0:2::1", 1))).isFalse();
    }

    @Test
    void doesNotCountWhoHasNoAddress() {
        LocalAddress nowhere = new LocalAddress("test");
        failures.add(nowhere);
        failures.add(nowhere);
        failures.add(nowhere);
        assertThat(failures.isBlocked(nowhere)).isFalse();
    }
}
