package dev.quintet.load;

import dev.quintet.client.RelayAddress;
import dev.quintet.client.RelayTrust;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.relay.server.Serve;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A relay in a process of its own, on the loopback interface, that can be killed.
 *
 * <p>It is this program's {@code serve} command, run by the same Java. Its output goes into files in the folder of the data
 * directory. If this process ends in order, by a signal too, the relay is killed.
 *
 * <p><b>Thread:</b> one that may block.
 * <b>Failure:</b> a relay that does not come up is a {@link CommandFailure} with its last words.
 */
final class RelayProcess implements AutoCloseable {
    private static final long START_MILLIS = 60_000;
    private static final long POLL_MILLIS = 10;
    private static final long STOP_SECONDS = 10;
    private static final int FREE_PORT = 0;

    /** For a relay that lives for seconds: a small heap, and less compiling than a long life would repay. */
    static final List<String> SHORT_LIFE = List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private final Path folder;
    private final List<String> javaOptions;
    private final List<String> relayOptions;
    private final Map<String, String> environment = new HashMap<>();
    private final Thread onExit = new Thread(this::killForGood, "quintet-relay-kill");
    private Process process;
    private boolean isEnding;
    private RelayAddress address;

    /**
     * @param folder for the data directory and the output; must exist
     * @param javaOptions for the relay's JVM
     */
    RelayProcess(Path folder, List<String> javaOptions) {
        this(folder, javaOptions, List.of());
    }

    /**
     * The same with more options for the relay.
     *
     * @param relayOptions for the command {@code serve}
     */
    RelayProcess(Path folder, List<String> javaOptions, List<String> relayOptions) {
        this.folder = folder;
        this.javaOptions = javaOptions;
        this.relayOptions = relayOptions;
    }

    /** Sets a variable of the environment in which it is started. */
    void setVariable(String name, String value) {
        environment.put(name, value);
    }

    /** Starts it, on the port that it had before if it was started before; returns when it serves. */
    void start() {
        if (process == null) {
            Runtime.getRuntime().addShutdownHook(onExit);
        }
        try {
            launch();
            process.getOutputStream().close();
            awaitReady();
        } catch (IOException exception) {
            throw new CommandFailure("the relay cannot be started: " + exception.getMessage());
        }
    }

    private synchronized void launch() throws IOException {
        if (isEnding) {
            throw new CommandFailure("interrupted");
        }
        Files.deleteIfExists(output());
        ProcessBuilder builder = new ProcessBuilder(command());
        builder.environment().putAll(environment);
        process = builder.redirectOutput(output().toFile())
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("relay.log").toFile()))
                .start();
    }

    /** This process ends: no other relay may be launched after the one that is killed here. */
    private void killForGood() {
        synchronized (this) {
            isEnding = true;
        }
        kill();
    }

    private List<String> command() {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        int port = address == null ? FREE_PORT : address.port();
        List<String> command = new ArrayList<>(
                List.of(java, "--enable-native-access=ALL-UNNAMED", "-Dlogback.configurationFile=logback.xml"));
        command.addAll(javaOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Serve.class.getName()));
        command.addAll(List.of("--data", folder.resolve("data").toString(), "--address", "127.0.0.1"));
        command.addAll(List.of("--port", String.valueOf(port), "--admin-port", String.valueOf(FREE_PORT)));
        command.addAll(relayOptions);
        return command;
    }

    private Path output() {
        return folder.resolve("relay.out");
    }

    private void awaitReady() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MILLIS);
        while (line("ready").isEmpty()) {
            if (!process.isAlive()) {
                throw new CommandFailure("the relay did not start: " + lastWords());
            }
            if (System.nanoTime() > deadline) {
                kill();
                throw new CommandFailure("the relay did not start within " + START_MILLIS / 1_000 + " s");
            }
            Sleep.millis(POLL_MILLIS);
        }
        String listening =
                line("relay").orElseThrow(() -> new CommandFailure("the relay does not say where it listens"));
        RelayTrust trust = line("fingerprint")
                .map(fingerprint -> RelayTrust.pinned(CertificateHash.parse(fingerprint)))
                .orElseGet(RelayTrust::plain);
        address = RelayAddress.parse(listening.split("[, ]")[0], trust);
    }

    /** What follows the word at the start of a line of its output. */
    private Optional<String> line(String word) throws IOException {
        return Files.readAllLines(output()).stream()
                .filter(line -> line.startsWith(word))
                .map(line -> line.substring(word.length()).strip())
                .findFirst();
    }

    /** The last line of its log that is not part of a stack trace. */
    String lastWords() throws IOException {
        // A JVM that does not start says so on standard output.
        return lastLine(folder.resolve("relay.log"))
                .or(() -> lastLine(output()))
                .orElse("exit status " + process.exitValue());
    }

    private static Optional<String> lastLine(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> !line.isBlank() && !Character.isWhitespace(line.charAt(0)))
                    .reduce((earlier, later) -> later);
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    /** Where it listens, with the fingerprint that it printed. */
    RelayAddress address() {
        return address;
    }

    /** Where its metrics are served. */
    URI metrics() {
        try {
            String admin =
                    line("admin").orElseThrow(() -> new CommandFailure("the relay does not say where its metrics are"));
            return URI.create(admin.split(",")[0]);
        } catch (IOException exception) {
            throw new CommandFailure("the relay's output cannot be read: " + exception.getMessage());
        }
    }

    /** The process id. */
    long pid() {
        return process.pid();
    }

    /** Whether it runs. */
    boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** SIGKILL; returns when it is gone. */
    void kill() {
        if (process != null) {
            process.destroyForcibly();
            awaitExit();
        }
    }

    private boolean awaitExit() {
        try {
            return process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException exception) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** SIGTERM, and SIGKILL if that does not end it within ten seconds; it can be started again. */
    void stop() {
        if (process != null) {
            process.destroy();
            if (!awaitExit()) {
                kill();
            }
        }
    }

    /** What its data take on the disk, in bytes; to be asked while it does not run. */
    long diskBytes() {
        try (Stream<Path> files = Files.walk(folder.resolve("data"))) {
            return files.mapToLong(
                            file -> file.toFile().isFile() ? file.toFile().length() : 0)
                    .sum();
        } catch (IOException exception) {
            throw new CommandFailure("the relay's data cannot be measured: " + exception.getMessage());
        }
    }

    /** Stops it for good. */
    @Override
    public void close() {
        stop();
        if (process != null) {
            removeHook();
        }
    }

    private void removeHook() {
        try {
            Runtime.getRuntime().removeShutdownHook(onExit);
        } catch (IllegalStateException alreadyExiting) {
            // Then the hook runs, and finds nothing to do.
        }
    }
}
