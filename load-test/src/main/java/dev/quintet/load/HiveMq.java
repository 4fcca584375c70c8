package dev.quintet.load;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * HiveMQ CE from Maven Central: fetched once by Maven, then started from its jars by a source file of ten lines.
 *
 * <p><b>Failure:</b> no Maven or no network is a {@link CommandFailure}.
 */
final class HiveMq {
    /** What Java is to run, in the folder that {@link #configure} has filled. */
    static final String START = "StartHiveMq.java";

    private static final String VERSION = "2025.5";
    private static final long FETCH_MINUTES = 5;

    private HiveMq() {}

    /** The folder with its jars, fetched if they are not there. */
    static Path libraries() {
        Path home = Path.of(System.getProperty("user.home"), ".cache", "quintet", "hivemq-" + VERSION);
        Path libraries = home.resolve("lib");
        if (!Files.isDirectory(libraries)) {
            copy("pom.xml", home.resolve("pom.xml"));
            fetch(home);
        }
        return libraries;
    }

    private static void fetch(Path home) {
        String goal = "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy-dependencies";
        Path partial = home.resolve("partial");
        try {
            Process maven = new ProcessBuilder(List.of(
                            "mvn",
                            "-B",
                            "-q",
                            "-f",
                            home.resolve("pom.xml").toString(),
                            goal,
                            "-DoutputDirectory=" + partial))
                    .redirectErrorStream(true)
                    .redirectOutput(home.resolve("maven.log").toFile())
                    .start();
            if (!maven.waitFor(FETCH_MINUTES, TimeUnit.MINUTES) || maven.exitValue() != 0) {
                maven.destroyForcibly();
                throw new CommandFailure("HiveMQ CE cannot be fetched; see " + home.resolve("maven.log"));
            }
            Files.move(partial, home.resolve("lib"));
        } catch (IOException exception) {
            throw new CommandFailure("HiveMQ CE cannot be fetched: " + exception.getMessage());
        } catch (InterruptedException exception) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted");
        }
    }

    /** Fills a folder with what it needs to listen at a port, keep its data on disk, and let anybody in. */
    static void configure(Path home, int port) {
        copy(START, home.resolve(START));
        copy("config.xml", home.resolve("conf").resolve("config.xml"));
        try {
            Path file = home.resolve("conf").resolve("config.xml");
            Files.writeString(file, Files.readString(file).replace("PORT", String.valueOf(port)));
            Files.createDirectories(home.resolve("data"));
            Files.createDirectories(home.resolve("extensions"));
        } catch (IOException exception) {
            throw new CommandFailure("cannot write to " + home + ": " + exception.getMessage());
        }
    }

    private static void copy(String resource, Path to) {
        try (InputStream text = HiveMq.class.getResourceAsStream("hivemq/" + resource)) {
            Files.createDirectories(to.getParent());
            Files.write(to, text.readAllBytes());
        } catch (IOException exception) {
            throw new CommandFailure("cannot write " + to + ": " + exception.getMessage());
        }
    }
}
