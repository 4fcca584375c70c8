package dev.quintet.relay.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

final class JournalConfigTest {
    @Test
    void takesTheLargestBodyByDefault() {
        assertThat(JournalConfig.defaults()).isEqualTo(new JournalConfig(64 << 20, 8 << 20, 1 << 30));
        assertThat(JournalConfig.defaults().largestBodyBytes()).isEqualTo(Journal.MAX_BODY_BYTES);
    }

    @Test
    void namesTheKeyOfAValueThatCannotBe() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JournalConfig(64 << 20, 0))
                .withMessageContaining("ringBytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JournalConfig(64 << 20, 5 << 20))
                .withMessageContaining("ringBytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JournalConfig(12 << 20, 8 << 20))
                .withMessageContaining("segmentBytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JournalConfig(0, 8 << 20))
                .withMessageContaining("segmentBytes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JournalConfig(64 << 20, 8 << 20, 255 << 20))
                .withMessageContaining("keptBytes");
    }
}
