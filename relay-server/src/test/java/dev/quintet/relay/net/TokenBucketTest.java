package dev.quintet.relay.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final TokenBucket bucket = new TokenBucket(10, 20, 0);

    private int taken(int tries, long nowNanos) {
        int taken = 0;
        for (int index = 0; index < tries; index++) {
            taken += bucket.take(1, nowNanos) ? 1 : 0;
        }
        return taken;
    }

    @Test
    void givesABurstAndNoMore() {
        assertThat(taken(25, 0)).isEqualTo(20);
    }

    @Test
    void fillsAtItsRateUpToTheBurst() {
        taken(20, 0);
        assertThat(taken(10, SECOND)).isEqualTo(10);
        assertThat(taken(30, 100 * SECOND)).isEqualTo(20);
    }

    @Test
    void countsWhatItRefuses() {
        taken(30, 0);
        assertThat(bucket.take(1, SECOND / 2)).isFalse();
        assertThat(bucket.waitMillis()).isBetween(600, 800);
        assertThat(bucket.isExhausted()).isFalse();
    }

    @Test
    void isExhaustedAtADebtOfTwoBursts() {
        taken(60, 0);
        assertThat(bucket.isExhausted()).isFalse();
        bucket.take(1, 0);
        assertThat(bucket.isExhausted()).isTrue();
    }

    @Test
    void letsOneTakeManyAndMakesItWait() {
        assertThat(bucket.take(1024, 0)).isTrue();
        assertThat(bucket.take(1, SECOND)).isFalse();
    }
}
