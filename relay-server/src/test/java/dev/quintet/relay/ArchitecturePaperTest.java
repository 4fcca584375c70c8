package dev.quintet.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps docs/architecture.md true: the classes and methods that it names are there. */
class ArchitecturePaperTest {
    private static final Pattern NAME = Pattern.compile("`([A-Z][a-z]\\w*)(?:\\.([a-z]\\w*))?`");

    /** Not ours, but on an envelope's way. */
    private static final Set<String> NETTY = Set.of("SslHandler");

    @Test
    void namesOnlyClassesAndMethodsThatExist() throws IOException {
        assertThat(missing(Files.readString(Path.of("../docs/architecture.md"))))
                .isEmpty();
    }

    @Test
    void seesANameThatIsNotThere() throws IOException {
        assertThat(missing("`Mailbox`, `Letterbox`, `Mailboxes.pump`, `Mailboxes.pour`"))
                .containsExactly("`Letterbox`", "`Mailboxes.pour`");
    }

    private static List<String> missing(String paper) throws IOException {
        Map<String, Path> sources = sources();
        return NAME.matcher(paper)
                .results()
                .filter(name -> !NETTY.contains(name.group(1)) && !exists(name, sources))
                .map(MatchResult::group)
                .toList();
    }

    private static boolean exists(MatchResult name, Map<String, Path> sources) {
        Path source = sources.get(name.group(1) + ".java");
        return source != null && (name.group(2) == null || read(source).contains(" " + name.group(2) + "("));
    }

    private static Map<String, Path> sources() throws IOException {
        Map<String, Path> sources = new HashMap<>();
        for (String module : List.of("protocol", "client", "relay-server", "load-test")) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src"))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .forEach(file -> sources.put(file.getFileName().toString(), file));
            }
        }
        return sources;
    }

    private static String read(Path source) {
        try {
            return Files.readString(source);
        } catch (IOException thrown) {
            throw new AssertionError(thrown);
        }
    }
}
