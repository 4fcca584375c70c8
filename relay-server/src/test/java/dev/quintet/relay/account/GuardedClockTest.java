package dev.quintet.relay.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuardedClockTest {
    private static final long START = 1_800_000_000_000L;
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private long systemMillis = START;
    private long steadyMillis;
    private GuardedClock clock = startedWith(0);

    private GuardedClock startedWith(long newestMillis) {
        meters.clear();
        return new GuardedClock(
                () -> Instant.ofEpochMilli(systemMillis),
                () -> steadyMillis * 1_000_000,
                ClockLimits.defaults(),
                newestMillis,
                meters);
    }

    /** Both clocks go on, and the guarded one is read every second. */
    private void pass(long millis) {
        for (long passed = 0; passed < millis; passed += 1_000) {
            systemMillis += 1_000;
            steadyMillis += 1_000;
            clock.millis();
        }
    }

    private double metric(String name) {
        return meters.get(name).gauge().value();
    }

    @Test
    void isTheSystemsClockAsLongAsThatGoesOn() {
        pass(3 * DAY);

        assertThat(clock.millis()).isEqualTo(systemMillis);
        assertThat(clock.isTrusted()).isTrue();
        assertThat(metric("quintet.clock.trusted")).isEqualTo(1);
    }

    @Test
    void believesAStepThatIsSmall() {
        systemMillis += 10 * MINUTE;
        assertThat(clock.millis()).isEqualTo(systemMillis);
        pass(2 * MINUTE);
        systemMillis -= 1_000;
        assertThat(clock.millis()).isEqualTo(systemMillis);
        assertThat(clock.isTrusted()).isTrue();
    }

    @Test
    void followsAClockThatIsSlewedForLong() {
        for (int day = 0; day < 2; day++) {
            for (int second = 0; second < DAY / 1_000; second++) {
                systemMillis += 999;
                steadyMillis += 1_000;
                clock.millis();
            }
        }
        assertThat(clock.isTrusted()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {10 * MINUTE + 1, 30 * DAY, 4_000 * DAY})
    void standsStillAfterAJumpForward(long millis) {
        pass(HOUR);
        long before = systemMillis;
        systemMillis += millis;

        assertThat(clock.millis()).isEqualTo(before);
        pass(HOUR - MINUTE);
        assertThat(clock.millis()).isEqualTo(before);
        assertThat(metric("quintet.clock.trusted")).isEqualTo(0);
        assertThat(meters.get("quintet.clock.jumps").counter().count()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1_001, 30 * DAY})
    void goesBackWithAJumpBackAndNotOnFromThere(long millis) {
        systemMillis -= millis;

        assertThat(clock.isTrusted()).isFalse();
        assertThat(clock.millis()).isEqualTo(systemMillis);
        pass(Math.min(HOUR - MINUTE, millis + MINUTE));
        assertThat(clock.millis()).isLessThanOrEqualTo(START).isLessThanOrEqualTo(systemMillis);
    }

    @Test
    void believesWhateverTheSystemSaysAfterAnHourWithoutAStep() {
        systemMillis += 30 * DAY;
        clock.millis();
        pass(HOUR);

        assertThat(clock.isTrusted()).isTrue();
        assertThat(clock.millis()).isEqualTo(systemMillis);
    }

    @Test
    void countsTheHourFromTheLastStep() {
        systemMillis += 30 * DAY;
        pass(HOUR - MINUTE);
        systemMillis -= 30 * DAY;
        pass(HOUR - MINUTE);

        assertThat(clock.isTrusted()).isFalse();
        assertThat(clock.millis()).isBetween(START, START + 1_000);
        pass(2 * MINUTE);
        assertThat(clock.millis()).isEqualTo(systemMillis);
    }

    @Test
    void standsStillWhileTheClockStepsEverySecond() {
        for (int second = 0; second < 10_000; second++) {
            systemMillis += second % 2 == 0 ? 30 * DAY : -30 * DAY;
            pass(1_000);
            assertThat(clock.millis()).isLessThanOrEqualTo(START + 1_000);
        }
    }

    @Test
    void noticesAStepThoughItWasNotReadForLong() {
        systemMillis += 20 * DAY;
        steadyMillis += 20 * DAY;
        assertThat(clock.isTrusted()).isTrue();
        systemMillis += 21 * DAY;
        steadyMillis += 20 * DAY;
        assertThat(clock.isTrusted()).isFalse();
    }

    @Test
    void doesNotBelieveAtStartWhatIsFarFromTheNewestTimeOnDisk() {
        clock = startedWith(START - 11 * MINUTE);
        assertThat(clock.millis()).isEqualTo(START - 11 * MINUTE);
        assertThat(clock.isTrusted()).isFalse();
        pass(HOUR);
        assertThat(clock.millis()).isEqualTo(systemMillis);

        clock = startedWith(systemMillis + 2_000);
        assertThat(clock.isTrusted()).isFalse();
        clock = startedWith(systemMillis - 9 * MINUTE);
        assertThat(clock.isTrusted()).isTrue();
    }
}
