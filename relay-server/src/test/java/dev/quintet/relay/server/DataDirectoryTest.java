package dev.quintet.relay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataDirectoryTest {
    @TempDir
    Path parent;

    @Test
    void makesTheDirectoryForItsOwnerAlone() throws IOException {
        Path path = parent.resolve("a/b");
        try (DataDirectory directory = DataDirectory.open(path)) {
            assertThat(directory.path()).isEqualTo(path);
            assertThat(directory.room("journal")).isDirectory();
            assertThat(Files.readString(path.resolve("format"))).isEqualTo("quintet 1\n");
            assertThat(Files.readString(path.resolve("pid")))
                    .isEqualTo(ProcessHandle.current().pid() + "\n");
            assertThat(Files.getPosixFilePermissions(path)).hasSize(3);
        }
    }

    @Test
    void opensAgainWhatItHasMade() {
        DataDirectory.open(parent).room("journal");
        DataDirectory.open(parent.resolve("sub")).close();
        try (DataDirectory again = DataDirectory.open(parent.resolve("sub"))) {
            assertThat(again.room("journal")).isDirectory();
        }
    }

    @Test
    void finishesWhatACrashLeftAtTheFirstStart() throws IOException {
        Files.createFile(parent.resolve("format"));
        DataDirectory.open(parent).close();
        assertThat(parent.resolve("format")).hasContent("quintet 1\n");
    }

    /** Rows 127 and 128 of the bad inputs: one clear line, and nothing changed. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "format         | quintet 2%    | has format 2, written by a newer relay; this one reads format 1",
                "format         | quintet 0%    | has format 0; this relay reads format 1",
                "format         | quintet%      | is damaged: it should hold the line quintet 1",
                "format         | quintet 1     | is damaged",
                "format         | rocks 1%      | is damaged",
                "format         | quintet 99999999999999999999% | is damaged",
                "thesis.txt     | a thesis      | holds thesis.txt but no file named format, so it is not a relay's",
                "pid            | 1%            | holds pid but no file named format",
            })
    void refusesWhatIsNotItsOwn(String name, String content, String expected) throws IOException {
        Files.writeString(parent.resolve(name), content.replace('%', '\n'));
        assertRefused(parent, expected);
    }

    @Test
    void refusesAFileInPlaceOfTheDirectory() throws IOException {
        Path file = Files.writeString(parent.resolve("data"), "x");
        assertRefused(file, "it is not a directory");
        assertRefused(file.resolve("below"), "cannot make the data directory");
    }

    @Test
    void refusesADirectoryThatCannotBeMade() {
        assertRefused(Path.of("/proc/quintet"), "cannot make the data directory /proc/quintet");
    }

    @Test
    void refusesAFormatThatCannotBeWritten() throws IOException {
        Files.createDirectory(parent.resolve("format"));
        assertRefused(parent, "cannot write to the data directory " + parent);
    }

    @Test
    void refusesASecondRelayInThisProcess() {
        try (DataDirectory first = DataDirectory.open(parent)) {
            assertRefused(
                    first.path(),
                    "is in use by another relay, process "
                            + ProcessHandle.current().pid());
        }
        DataDirectory.open(parent).close();
    }

    @Test
    void refusesWhileAnotherProcessHoldsItAndOpensOnceThatIsKilled() throws Exception {
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        parent.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(holder.getInputStream().read()).isEqualTo('h');
            assertRefused(parent, "is in use by another relay, process " + holder.pid());
        } finally {
            holder.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
        DataDirectory.open(parent).close();
    }

    /** Holds a data directory until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws InterruptedException {
            try (DataDirectory held = DataDirectory.open(Path.of(arguments[0]))) {
                System.out.print('h');
                System.out.flush();
                Thread.sleep(TimeUnit.MINUTES.toMillis(1));
                held.path();
            }
        }
    }

    private static void assertRefused(Path path, String expected) {
        Map<Path, String> before = contents(path);
        assertThatThrownBy(() -> DataDirectory.open(path))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining(expected)
                .message()
                .matches(message -> message.lines().count() == 1, "is one line");
        assertThat(contents(path)).isEqualTo(before);
    }

    private static Map<Path, String> contents(Path path) {
        Map<Path, String> contents = new TreeMap<>();
        if (Files.exists(path)) {
            try (Stream<Path> files = Files.walk(path)) {
                for (Path file : files.toList()) {
                    contents.put(file, Files.isDirectory(file) ? "directory" : Files.readString(file));
                }
            } catch (IOException thrown) {
                throw new AssertionError(thrown);
            }
        }
        return contents;
    }
}
