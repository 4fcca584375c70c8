package dev.quintet.load;

import dev.quintet.client.RelayAddress;
import dev.quintet.client.RelayTrust;
import dev.quintet.load.drive.RelayWire;
import dev.quintet.load.drive.Wire;
import dev.quintet.load.floor.FloorLevel;
import dev.quintet.load.floor.FloorServer;
import dev.quintet.load.peer.MqttWire;
import dev.quintet.load.peer.RedisWire;
import dev.quintet.relay.net.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * All servers that can take part in a comparison, by name, and how each is started: with what it needs to keep accepted
 * messages if it can, and otherwise as it comes.
 *
 * <p><b>Thread:</b> one that may block.
 * <b>Failure:</b> a server that is not installed, or does not start, is a {@link CommandFailure} that says which.
 */
final class Contestants {
    /** What all others are held against. */
    static final String FLOOR = "floor-acknowledge";

    private static final String YES = "yes";
    private static final String NO = "no";

    private final Path folder;
    private final Transport transport;
    private final List<String> jvmOptions;
    private final Map<String, Function<Path, Contestant>> starts = new LinkedHashMap<>();

    /**
     * @param folder for what they keep
     * @param transport of relay and floors
     * @param jvmOptions of relay and floors
     */
    Contestants(Path folder, Transport transport, List<String> jvmOptions) {
        this.folder = folder;
        this.transport = transport;
        this.jvmOptions = jvmOptions;
        starts.put(FLOOR, home -> floor(FLOOR, FloorLevel.ACKNOWLEDGE, YES, home));
        starts.put("relay", home -> relay("relay", true, home));
        starts.put("relay-tls", home -> relay("relay-tls", false, home));
        starts.put("floor-log", home -> floor("floor-log", FloorLevel.LOG, YES, home));
        starts.put("floor-forward", home -> floor("floor-forward", FloorLevel.FORWARD, NO, home));
        starts.put("redis", Contestants::redis);
        starts.put("mosquitto", Contestants::mosquitto);
        starts.put("hivemq", Contestants::hiveMq);
    }

    /** All names, the one that is held against first. */
    List<String> names() {
        return List.copyOf(starts.keySet());
    }

    /** Starts one. */
    Contestant start(String name) {
        return starts.get(name).apply(made(folder.resolve(name)));
    }

    private static Path made(Path home) {
        try {
            return Files.createDirectories(home);
        } catch (IOException exception) {
            throw new CommandFailure("cannot make " + home + ": " + exception.getMessage());
        }
    }

    private static Path written(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            return Files.writeString(file, text);
        } catch (IOException exception) {
            throw new CommandFailure("cannot write " + file + ": " + exception.getMessage());
        }
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private Contestant relay(String name, boolean isPlain, Path home) {
        List<String> options = new ArrayList<>(
                List.of("--config", LoadedRelay.configuration(home, List.of()).toString()));
        options.addAll(List.of("--transport", transport.toString()));
        if (isPlain) {
            options.add("--plain");
        }
        RelayProcess process = new RelayProcess(home, jvmOptions, options);
        process.start();
        InetSocketAddress address = new InetSocketAddress(
                process.address().host(), process.address().port());
        return new Contestant(name, YES, new RelayWire(process.address()), address, process.pid(), process);
    }

    private Contestant floor(String name, FloorLevel level, String outlives, Path home) {
        int port = ServerProcess.freePort();
        List<String> command = new ArrayList<>(List.of(java(), "--enable-native-access=ALL-UNNAMED"));
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), FloorServer.class.getName()));
        command.addAll(List.of("--level", level.name(), "--transport", transport.toString()));
        command.addAll(List.of("--data", home.toString(), "--port", String.valueOf(port)));
        ServerProcess process = ServerProcess.start(name, home, port, command);
        RelayWire wire = new RelayWire(new RelayAddress("127.0.0.1", port, RelayTrust.plain()));
        return new Contestant(name, outlives, wire, process.address(), process.pid(), process);
    }

    private static Contestant redis(Path home) {
        int port = ServerProcess.freePort();
        List<String> command = new ArrayList<>(List.of(
                installed("redis-server", "apt install redis-server").toString(),
                "--port",
                String.valueOf(port),
                "--bind",
                "127.0.0.1",
                "--dir",
                home.toString()));
        command.addAll(
                List.of("--protected-mode", "no", "--appendonly", "yes", "--appendfsync", "always", "--save", ""));
        command.addAll(List.of("--auto-aof-rewrite-percentage", "0", "--maxclients", "15000"));
        return started("redis", YES, new RedisWire(), home, port, command);
    }

    private static Contestant mosquitto(Path home) {
        int port = ServerProcess.freePort();
        Path configuration = written(home.resolve("mosquitto.conf"), """
                listener %d 127.0.0.1
                allow_anonymous true
                user root
                persistence true
                persistence_location %s/
                set_tcp_nodelay true
                max_inflight_messages 256
                max_queued_messages 0
                """.formatted(port, home));
        Path program = installed("mosquitto", "apt install mosquitto");
        List<String> command = List.of(program.toString(), "-c", configuration.toString());
        return started("mosquitto", NO, new MqttWire(), home, port, command);
    }

    private static Contestant hiveMq(Path home) {
        Path libraries = HiveMq.libraries();
        int port = ServerProcess.freePort();
        HiveMq.configure(home, port);
        List<String> command = List.of(java(), "-Xmx1g", "-cp", libraries + "/*", HiveMq.START);
        return started("hivemq", "no (found by trial)", new MqttWire(), home, port, command);
    }

    private static Contestant started(
            String name, String outlives, Wire wire, Path home, int port, List<String> command) {
        ServerProcess process = ServerProcess.start(name, home, port, command);
        return new Contestant(name, outlives, wire, process.address(), process.pid(), process);
    }

    private static Path installed(String program, String how) {
        Optional<Path> found = Stream.of(System.getenv("PATH") + ":/usr/sbin:/usr/local/sbin")
                .flatMap(path -> Stream.of(path.split(":")))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst();
        return found.orElseThrow(() -> new CommandFailure(program + " is not installed (Debian: " + how + ")"));
    }
}
