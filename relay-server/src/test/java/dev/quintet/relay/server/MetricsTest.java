package dev.quintet.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.DefaultEventExecutorGroup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTest {
    private final Metrics metrics = new Metrics();

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void namesTheRelayItsDiskAndItsJvm(@TempDir Path directory) {
        metrics.watchDisk(directory);
        assertThat(metrics.text())
                .contains("quintet_build_info{java=\"" + Runtime.version())
                .containsPattern("quintet_disk_free_bytes [1-9]")
                .contains("jvm_memory_used_bytes{")
                .contains("process_files_open_files")
                .contains("process_uptime_seconds");
    }

    /** What promtool check metrics rejects in names. */
    @Test
    void hasNoNameThatPrometheusRejects() {
        for (String line : metrics.text()
                .lines()
                .filter(text -> text.startsWith("# TYPE "))
                .toList()) {
            String name = line.split(" ")[2];
            String type = line.split(" ")[3];
            assertThat(name).matches("[a-z][a-z0-9_]*").doesNotContainPattern("_(milli|micro|nano)?seconds_seconds");
            assertThat(name).doesNotContainPattern("(^|_)(ns|ms|nanos|millis|kilobytes|megabytes)(_|$)");
            assertThat(Pattern.compile("_(count|sum|bucket)$").matcher(name).find())
                    .as(name)
                    .isFalse();
            assertThat(name.endsWith("_total")).as(name).isEqualTo(type.equals("counter"));
        }
    }

    @Test
    void seesAnEventLoopThatIsBlocked() {
        var loops = new DefaultEventExecutorGroup(2);
        try {
            EventLoopLag.watch(loops, metrics.registry());
            loops.next().execute(() -> sleep(Duration.ofMillis(300)));
            Awaitility.await()
                    .atMost(10, TimeUnit.SECONDS)
                    .until(() -> metrics.registry()
                                    .get("quintet.event.loop.lag")
                                    .timer()
                                    .max(TimeUnit.MILLISECONDS)
                            > 100);
            assertThat(metrics.text()).contains("quintet_event_loop_lag_seconds_bucket{le=\"5.0E-4\"}");
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
