package dev.quintet.relay.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Every default and every limit of the store's configuration. */
class StoreConfigTest {
    @Test
    void hasTheseDefaults() {
        StoreConfig config = StoreConfig.defaults();

        assertThat(config.cacheBytes()).isEqualTo(32 << 20);
        assertThat(config.memtableBytes()).isEqualTo(16 << 20);
        assertThat(config.openFiles()).isEqualTo(256);
        assertThat(config.warmBytes()).isEqualTo(32 << 20);
        assertThat(config.waitingActions()).isEqualTo(65_536);
        assertThat(config.readThreads()).isEqualTo(2);
        assertThat(config.queuedReads()).isEqualTo(8_192);
        assertThat(config.checkpointBytes()).isEqualTo(64 << 20);
        assertThat(config.checkpointMillis()).isEqualTo(60_000);
    }

    @Test
    void namesTheKeyThatIsOutOfRange() {
        assertThatThrownBy(() -> new StoreConfig(1 << 20, 1 << 20, 32, 1, 1, 1, 1, 0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("store.checkpointBytes must be at least 1, not 0");
        assertThatThrownBy(() -> new StoreConfig(1 << 20, 1 << 20, 31, 1, 1, 1, 1, 1, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("store.openFiles");
    }
}
