package dev.quintet.relay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** How the command refuses; how it serves is tested from outside, as a process. */
@Timeout(30)
class ServeTest {
    @TempDir
    Path parent;

    private final StringWriter out = new StringWriter();
    private final StringWriter errors = new StringWriter();

    @Test
    void refusesADirectoryInUseWithOneLine() {
        Path data = parent.resolve("data");
        try (DataDirectory held = DataDirectory.open(data)) {
            assertThat(serve("--data", held.path().toString())).isEqualTo(1);
        }
        assertThat(errors)
                .hasToString("quintet: the data directory " + data + " is in use by another relay, process "
                        + ProcessHandle.current().pid() + "\n");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void refusesAWrongConfigurationWithoutTouchingTheDisk() throws IOException {
        Path file = Files.writeString(parent.resolve("quintet.conf"), "\nlisten.prot = 1\n");
        Path data = parent.resolve("data");
        assertThat(serve("--config", file.toString(), "--data", data.toString()))
                .isEqualTo(1);
        assertThat(errors).hasToString("quintet: " + file + ":2: unknown key listen.prot\n");
        assertThat(data).doesNotExist();
    }

    @Test
    void refusesATakenAdminPortAndGivesTheDirectoryBack() throws IOException {
        Path data = parent.resolve("data");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            assertThat(serve("--data", data.toString(), "--port", "0", "--admin-port", port))
                    .isEqualTo(1);
            assertThat(errors.toString()).startsWith("quintet: cannot listen on admin address 127.0.0.1:" + port);
        }
        DataDirectory.open(data).close();
    }

    @Test
    void refusesAWrongOptionWithItsOwnStatus() {
        assertThat(serve("--prot", "1")).isEqualTo(2);
        assertThat(serve("--port", "x", "--data", parent.resolve("data").toString()))
                .isEqualTo(1);
        assertThat(errors.toString()).contains("command line: listen.port");
    }

    @Test
    void helps() {
        assertThat(serve("--help")).isZero();
        assertThat(out.toString()).contains("--config", "--data", "--plain");
    }

    private int serve(String... arguments) {
        return new CommandLine(new Serve())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(errors, true))
                .execute(arguments);
    }
}
