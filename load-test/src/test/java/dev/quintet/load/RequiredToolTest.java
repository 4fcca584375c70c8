package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** A test whose program is missing is skipped, unless the program is demanded. */
class RequiredToolTest {
    @Test
    void goesOnWhereTheProgramIsThere() {
        assertThatCode(() -> RequiredTool.check("redis-server", "redis-server", true, "redis-server"))
                .doesNotThrowAnyException();
    }

    @Test
    void skipsWhereItIsMissing() {
        assertThatThrownBy(() -> RequiredTool.check("redis-server", "redis-server", false, "mosquitto faketime"))
                .isInstanceOf(TestAbortedException.class)
                .hasMessageContaining("apt-get install redis-server");
    }

    @Test
    void failsWhereItIsMissingAndDemanded() {
        assertThatThrownBy(() -> RequiredTool.check("mosquitto", "mosquitto", false, "faketime mosquitto"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("QUINTET_REQUIRED_TOOLS demands it");
    }
}
