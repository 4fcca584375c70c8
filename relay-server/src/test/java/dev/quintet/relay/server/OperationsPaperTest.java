package dev.quintet.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keeps docs/operations.md true: its keys and defaults are the relay's, and it knows every metric. */
class OperationsPaperTest {
    private static final Pattern KEY_ROW = Pattern.compile("(?m)^\\| `([a-z.-]+)` \\| (?:`([^`]*)`)? \\| .+\\|$");
    private static final Pattern METER =
            Pattern.compile("(?:builder|counter|timer|gauge|summary)\\(\\s*\"(quintet(?:\\.[a-z]+)+)\"");
    private static final Pattern METRIC = Pattern.compile("`(quintet_[a-z_]+)");

    @Test
    void namesEveryKeyWithItsDefault() throws IOException {
        Map<String, String> rows = new TreeMap<>();
        KEY_ROW.matcher(paper())
                .results()
                .forEach(row -> rows.put(row.group(1), row.group(2) == null ? "" : row.group(2)));
        assertThat(rows).isEqualTo(RelayConfigTest.defaults());
    }

    @Test
    void namesEveryMetric() throws IOException {
        Set<String> named = new TreeSet<>();
        METRIC.matcher(paper()).results().map(result -> result.group(1)).forEach(named::add);
        for (String meter : metersInTheSources()) {
            String metric = meter.replace('.', '_');
            assertThat(named).as(meter).anyMatch(name -> name.startsWith(metric));
        }
    }

    @Test
    void aRunningRelayExplainsEachOfItsMetrics(@TempDir Path data) throws Exception {
        RelayConfig config = RelayConfig.read(
                null,
                Map.of(
                        "data-directory",
                        data.resolve("relay").toString(),
                        "listen.address",
                        "127.0.0.1",
                        "listen.port",
                        0,
                        "admin.port",
                        0));
        String text;
        try (RelayServer relay = RelayServer.start(config, failure -> {})) {
            InetSocketAddress admin = relay.adminAddress();
            URI metrics = URI.create("http://127.0.0.1:" + admin.getPort() + "/metrics");
            text = new String(metrics.toURL().openStream().readAllBytes(), StandardCharsets.UTF_8);
        }
        List<String> named = Pattern.compile("(?m)^# TYPE (quintet_\\w+) ")
                .matcher(text)
                .results()
                .map(type -> type.group(1))
                .toList();
        assertThat(named).contains("quintet_envelopes_accepted_total", "quintet_sockets");
        assertThat(named)
                .allMatch(name -> Pattern.compile("(?m)^# HELP " + name + " \\S.*$")
                        .matcher(text)
                        .find());
    }

    private static Set<String> metersInTheSources() throws IOException {
        Set<String> meters = new TreeSet<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file :
                    files.filter(one -> one.toString().endsWith(".java")).toList()) {
                METER.matcher(Files.readString(file))
                        .results()
                        .map((MatchResult result) -> result.group(1))
                        .forEach(meters::add);
            }
        }
        assertThat(meters).contains("quintet.build.info");
        return meters;
    }

    private static String paper() throws IOException {
        return Files.readString(Path.of("../docs/operations.md"));
    }
}
