package dev.quintet.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private final Backoff backoff = new Backoff(100, 1_000, new Random(1));

    @Test
    void doublesUpToTheLargestPauseAndDrawsFromTheUpperHalf() {
        for (long span : new long[] {100, 200, 400, 800, 1_000, 1_000}) {
            assertThat(backoff.nextMillis()).isBetween(span / 2, span);
        }
    }

    @Test
    void startsAgainAfterAGoodConnection() {
        for (int failure = 0; failure < 5; failure++) {
            backoff.nextMillis();
        }
        backoff.reset();

        assertThat(backoff.nextMillis()).isBetween(50L, 100L);
    }

    @Test
    void addsARandomPartToThePauseThatTheRelayAsksFor() {
        assertThat(backoff.askedForMillis(500)).isBetween(500L, 1_000L);
    }
}
