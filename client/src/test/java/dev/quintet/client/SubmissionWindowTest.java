package dev.quintet.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.SubmitAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SubmissionWindowTest {
    private final SubmissionWindow window = new SubmissionWindow(1_000);

    @Test
    void countsFromTheOldestUnansweredToTheNewestSent() {
        window.limit(3);
        add(1, 5);

        assertThat(sendAll()).containsExactly(1L, 2L, 3L);
        window.answered(2);
        window.answered(3);
        assertThat(sendAll()).isEmpty();
        window.answered(1);
        assertThat(sendAll()).containsExactly(4L, 5L);
    }

    @Test
    void sendsWhatIsUnansweredFirstAndInOrderAfterACut() {
        window.limit(4);
        add(1, 6);
        sendAll();
        window.answered(2);
        window.disconnect();

        assertThat(sendAll()).containsExactly(1L, 3L, 4L, 5L);
        assertThat(window.repeated()).isEqualTo(3);
        assertThat(window.size()).isEqualTo(5);
    }

    @Test
    void knowsNoAnswerTwiceAndNoneFromBeforeACut() {
        window.limit(4);
        add(1, 1);
        sendAll();

        assertThat(window.answered(1)).isNotNull();
        assertThat(window.answered(1)).isNull();
        add(2, 2);
        sendAll();
        window.disconnect();
        assertThat(window.answered(2)).isNull();
    }

    @Test
    void sendsEachInOrderAndNeverLosesOneWhateverIsCutWhen() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            SubmissionWindow cut = new SubmissionWindow(1_000);
            cut.limit(1 + random.nextInt(5));
            List<Long> onTheWay = new ArrayList<>();
            List<Long> answered = new ArrayList<>();
            for (long number = 1; number <= 30; number++) {
                cut.add(frame(number), new CompletableFuture<>());
            }
            while (answered.size() < 30) {
                for (ClientFrame next = cut.next(); next != null; next = cut.next()) {
                    onTheWay.add(next.getRequestId());
                }
                assertThat(onTheWay).as("seed %s", seed).isSorted().noneMatch(answered::contains);
                if (random.nextInt(4) == 0) {
                    cut.disconnect();
                    onTheWay.clear();
                } else {
                    long one = onTheWay.remove(random.nextInt(onTheWay.size()));
                    assertThat(cut.answered(one)).isNotNull();
                    answered.add(one);
                }
            }
            assertThat(cut.size()).isZero();
        }
    }

    private void add(long from, long to) {
        for (long number = from; number <= to; number++) {
            assertThat(window.add(frame(number), new CompletableFuture<SubmitAnswer>()))
                    .isTrue();
        }
    }

    private List<Long> sendAll() {
        List<Long> sent = new ArrayList<>();
        for (ClientFrame next = window.next(); next != null; next = window.next()) {
            sent.add(next.getRequestId());
        }
        return sent;
    }

    private static ClientFrame frame(long number) {
        return ClientFrame.newBuilder().setRequestId(number).build();
    }
}
