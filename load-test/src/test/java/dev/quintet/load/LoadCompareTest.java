package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Servers under the same load in turns, in small. */
class LoadCompareTest {
    @TempDir
    private Path folder;

    private final StringWriter output = new StringWriter();

    @Test
    void holdsRelayAndFloorsAgainstTheFloor() throws IOException {
        int status = compare("floor-acknowledge,relay,relay-tls,floor-log,floor-forward", "epoll");

        assertThat(status).as(output.toString()).isZero();
        assertThat(output.toString())
                .containsPattern("floor-acknowledge +[0-9.]+ \\([0-9.–]+\\) +1\\.00 \\(1\\.00–1\\.00\\)")
                .contains("relay-tls", "floor-forward", "saturate", "steady")
                .doesNotContain("left out");
        assertThat(Files.readString(page())).contains("relay-tls").doesNotContain("http");
    }

    @Test
    void loadsAFloorOverNio() {
        assertThat(compare("floor-log", "nio")).as(output.toString()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"redis, redis-server", "mosquitto, mosquitto"})
    void loadsAPeerIfItIsInstalled(String peer, String program) {
        int status = compare(peer, "epoll");

        assertThat(status).as(output.toString()).isZero();
        RequiredTool.check(program, program, !output.toString().contains("is not installed"));
        assertThat(output.toString()).contains("round 1    " + peer).doesNotContain("left out");
    }

    @Test
    void warmsUpForSoLongAtMostAndSaysHowMuchWasStolen() throws IOException {
        assertThat(compare("floor-log", "epoll", "--warm-up-at-most", "1")).isZero();

        assertThat(output.toString())
                .containsPattern("started +floor-log +stopped after 1 s at [0-9.]+ µs of CPU each")
                .containsPattern("floor-log +[0-9.]+ \\([0-9.–]+\\) +– ")
                .containsPattern("round 1 +floor-log +steady .* delivery p50 .* stolen [0-9.]+ %");
        assertThat(Files.readString(page())).contains("most stolen %", "delivery p50 µs");
    }

    @Test
    void refusesAnUnknownName() {
        assertThat(compare("nobody", "epoll")).isEqualTo(2);
        assertThat(output.toString()).contains("there is no nobody; there are floor-acknowledge");
    }

    @Test
    void refusesNoRounds() {
        assertThat(run("load", "compare", "--rounds", "0")).isEqualTo(2);
    }

    @Test
    void namesWhatDoesNotStart() {
        assertThat(compare("floor-log", "epoll", "--jvm=-XX:NoSuchOption")).isZero();
        assertThat(output.toString()).contains("left out   floor-log: floor-log did not start");
    }

    private int compare(String names, String transport, String... more) {
        List<String> arguments = new ArrayList<>(List.of("load", "compare", "--only", names, "--transport", transport));
        arguments.addAll(
                List.of("--accounts", "4", "--senders", "2", "--window", "4", "--rate", "50", "--rounds", "1"));
        arguments.addAll(List.of("--turn", "1"));
        if (!List.of(more).contains("--warm-up-at-most")) {
            arguments.addAll(List.of("--warm-up-at-most", "0"));
        }
        arguments.addAll(List.of("--out", folder.resolve("reports").toString()));
        RelayProcess.SHORT_LIFE.forEach(option -> arguments.add("--jvm=" + option));
        arguments.addAll(List.of(more));
        return run(arguments.toArray(String[]::new));
    }

    private Path page() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("reports"))) {
            return files.filter(file -> file.toString().endsWith(".html"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private int run(String... arguments) {
        CommandLine command = Quintet.commandLine();
        command.setOut(new PrintWriter(output, true)).setErr(new PrintWriter(output, true));
        return command.execute(arguments);
    }
}
