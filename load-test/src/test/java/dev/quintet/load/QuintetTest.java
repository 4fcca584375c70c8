package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class QuintetTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter errors = new StringWriter();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"serve", "demo", "listen", "send", "add-device", "load"})
    void helpsWithEachCommand(String command) {
        assertThat(run(command, "--help")).isZero();
        assertThat(out.toString()).contains("Usage: quintet " + command).contains("--help");
    }

    @Test
    void saysWhichCommandsThereAre() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("serve", "demo", "listen", "send", "load", "Exit status");
    }

    @Test
    void doesNothingWithoutACommand() {
        assertThat(run()).isEqualTo(2);
        assertThat(errors.toString()).contains("Which command?");
    }

    @Test
    void refusesARelayThatItCouldNotRecognize() {
        assertThat(run("listen", "--keys", keys(), "--relay", "relay.example:7443"))
                .isEqualTo(2);
        assertThat(errors.toString()).contains("--fingerprint");
    }

    @Test
    void refusesAFingerprintAnAccountAndAnAddressThatAreNone() {
        assertThat(run("listen", "--keys", keys(), "--fingerprint", "12:34")).isEqualTo(2);
        assertThat(run("listen", "--keys", keys(), "--plain", "--relay", "nowhere"))
                .isEqualTo(2);
        assertThat(run("send", "--keys", keys(), "--plain", "--to", "bob", "hello"))
                .isEqualTo(2);
    }

    @Test
    void saysInOneLineThatNobodyListens() throws IOException {
        int port = freePort();

        assertThat(run("listen", "--keys", keys(), "--plain", "--relay", "127.0.0.1:" + port))
                .isEqualTo(1);
        assertThat(errors.toString().lines())
                .singleElement()
                .asString()
                .startsWith("quintet: cannot reach 127.0.0.1:" + port);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void saysInOneLineThatTheFolderForTheKeysIsMissing() {
        assertThat(run("listen", "--keys", folder.resolve("no/alice.keys").toString(), "--plain"))
                .isEqualTo(1);
        assertThat(errors.toString().lines()).singleElement().asString().contains("no folder to write in");
    }

    @Test
    void addsNoDeviceWithoutThePrimarysKeys() {
        assertThat(run("add-device", "--keys", keys(), "--plain", "--new", keys() + "2"))
                .isEqualTo(1);
        assertThat(errors.toString()).contains("there is no key file");
    }

    private String keys() {
        return folder.resolve("alice.keys").toString();
    }

    private int run(String... arguments) {
        CommandLine command = Quintet.commandLine();
        command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(errors, true));
        return command.execute(arguments);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
