package dev.quintet.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Any server as a process of its own, on a port of the loopback interface. Its output goes into a file beside its data. If
 * this process ends in order, by a signal too, the server is killed.
 *
 * <p><b>Thread:</b> one that may block.
 * <b>Failure:</b> one that cannot be started, or does not listen in time, is a {@link CommandFailure} with its last words.
 */
final class ServerProcess implements AutoCloseable {
    private static final long START_MILLIS = 60_000;
    private static final int CONNECT_MILLIS = 200;
    private static final long STOP_SECONDS = 10;

    private final String name;
    private final Path output;
    private final int port;
    private final Process process;
    private final Thread onExit = new Thread(this::kill, "quintet-server-kill");

    private ServerProcess(String name, Path output, int port, Process process) {
        this.name = name;
        this.output = output;
        this.port = port;
        this.process = process;
        Runtime.getRuntime().addShutdownHook(onExit);
    }

    /** Starts it; returns when it accepts connections at {@code port}. */
    static ServerProcess start(String name, Path folder, int port, List<String> command) {
        try {
            Path output = folder.resolve("output");
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            ServerProcess server = new ServerProcess(name, output, port, process);
            server.awaitListening();
            return server;
        } catch (IOException exception) {
            throw new CommandFailure(name + " cannot be started: " + exception.getMessage());
        }
    }

    private void awaitListening() {
        boolean isUp = Await.until(START_MILLIS, () -> !process.isAlive() || isListening());
        if (!isUp || !process.isAlive()) {
            String words = lastWords();
            close();
            throw new CommandFailure(name + " did not start: " + words);
        }
    }

    private boolean isListening() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private String lastWords() {
        try {
            return Files.readAllLines(output).stream()
                    .filter(line -> !line.isBlank())
                    .reduce((earlier, later) -> later)
                    .orElse("it said nothing");
        } catch (IOException unreadable) {
            return "it said nothing that can be read";
        }
    }

    /** A port that nobody has now. */
    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException exception) {
            throw new CommandFailure("no free port: " + exception.getMessage());
        }
    }

    long pid() {
        return process.pid();
    }

    InetSocketAddress address() {
        return new InetSocketAddress("127.0.0.1", port);
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
    }

    /** Kills it: nothing that it keeps is needed any more. */
    @Override
    public void close() {
        kill();
        try {
            process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
            Runtime.getRuntime().removeShutdownHook(onExit);
        } catch (InterruptedException exception) {
            Thread.currentThread().interrupt();
        } catch (IllegalStateException alreadyExiting) {
            // Then the hook runs, and finds nothing to do.
        }
    }
}
