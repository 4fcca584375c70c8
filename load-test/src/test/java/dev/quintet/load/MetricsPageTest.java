package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;

/** What is read out of a relay's metrics. */
class MetricsPageTest {
    @Test
    void sumsOverLabelsAndPassesOverWhatIsNoSample() {
        MetricsPage before = MetricsPage.parse("quintet_sync_seconds_sum 1.0\nquintet_sync_seconds_count 2\n");
        MetricsPage after = MetricsPage.parse("""
                # HELP quintet_sync_seconds a b 9
                quintet_sync_seconds_sum 4.0
                quintet_sync_seconds_count 4.0
                quintet_hits_total{result="hit"} 3
                quintet_hits_total{result="miss"} 4
                nonsense
                also nonsense
                """);

        assertThat(after.since(before, "quintet_hits_total")).isEqualTo(7);
        assertThat(after.meanSince(before, "quintet_sync_seconds")).isEqualTo(1.5);
        assertThat(after.since(before, "nonsense")).isZero();
    }

    @Test
    void isEmptyWhereNobodyAnswers() {
        int port = ServerProcess.freePort();

        assertThat(MetricsPage.read(URI.create("http://127.0.0.1:" + port))).isEqualTo(MetricsPage.NONE);
    }
}
