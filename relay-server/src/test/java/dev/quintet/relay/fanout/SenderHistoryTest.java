package dev.quintet.relay.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.EnvelopeId;
import org.junit.jupiter.api.Test;

class SenderHistoryTest {
    private static final int MANY = 3 * SenderHistory.CAPACITY;

    private final SenderHistory history = new SenderHistory();

    private void put(EnvelopeId id, long digest) {
        history.put(history.nextSlot(), id, new SenderHistory.Remembered(digest, 0, 0, 0));
    }

    /** Ids of which many share their last byte, or all but that. */
    private static EnvelopeId id(int number) {
        return new EnvelopeId(number / 7, number % 7 << 8 | number % 3);
    }

    @Test
    void findsTheLatestAndNoOthers() {
        for (int number = 0; number < MANY; number++) {
            assertThat(history.find(id(number))).as("%d, not yet there", number).isNegative();
            put(id(number), number);
            for (int other = 0; other <= number; other++) {
                int slot = history.find(id(other));
                if (other <= number - SenderHistory.CAPACITY) {
                    assertThat(slot).as("%d after %d", other, number).isNegative();
                } else {
                    assertThat(history.get(slot).digest())
                            .as("%d after %d", other, number)
                            .isEqualTo(other);
                }
            }
        }
    }

    @Test
    void tellsIdsApartThatDifferInOneHalf() {
        put(new EnvelopeId(1, 2), 0);
        assertThat(history.find(new EnvelopeId(1, 2))).isZero();
        assertThat(history.find(new EnvelopeId(3, 2))).isNegative();
        assertThat(history.find(new EnvelopeId(1, 0x102))).isNegative();
    }
}
