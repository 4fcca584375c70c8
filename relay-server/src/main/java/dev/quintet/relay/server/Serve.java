package dev.quintet.relay.server;

import io.netty.util.ResourceLeakDetector;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The command that runs a relay until it is told to stop.
 *
 * <p>Standard output is for people and scripts: where the relay listens, its fingerprint, and a last line that begins
 * with {@code ready}. Logs go to standard error.
 *
 * <p>Exit status: 1 if the relay refuses to start, 2 for a wrong command line, 3 when memory is exhausted (by the
 * launcher's JVM option), 74 when the disk failed under it; 143 after SIGTERM and 130 after SIGINT, both of which let
 * the devices know and close in order.
 */
@Command(
        name = "serve",
        description = "Runs a relay.",
        mixinStandardHelpOptions = true,
        versionProvider = Serve.Version.class,
        footer = {"", "Options go before the configuration file; docs/operations.md has every key."})
public final class Serve implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(Serve.class);
    private static final String RECYCLER_CHUNK = "io.netty.recycler.chunkSize";
    private static final int REFUSED = 1;
    /** EX_IOERR of sysexits.h. */
    private static final int FAILED = 74;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Configuration in HOCON; only what differs from the defaults.")
    private Path config;

    @Option(names = "--data", paramLabel = "DIR", description = "Where everything durable is kept (default: data).")
    private String data;

    @Option(names = "--address", paramLabel = "ADDRESS", description = "Where devices connect (default: 0.0.0.0).")
    private String address;

    @Option(names = "--port", paramLabel = "PORT", description = "Port for devices (default: 7443); 0: a free one.")
    private String port;

    @Option(names = "--admin-port", paramLabel = "PORT", description = "Port for metrics and health (default: 7480).")
    private String adminPort;

    @Option(names = "--plain", description = "No TLS: for tests, or behind a proxy that ends TLS.")
    private boolean isPlain;

    @Option(names = "--transport", paramLabel = "NAME", description = "io-uring, epoll or nio (default: epoll).")
    private String transport;

    @Option(names = "--log", paramLabel = "FORMAT", description = "text or json (default: text).")
    private String log;

    @Spec
    private CommandSpec spec;

    /** Runs this command alone. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Serve()).execute(arguments));
    }

    /**
     * Netty would take a stack trace for one buffer in 128, to find leaks; the tests look at every buffer instead. And its
     * pools of objects would begin a new array for each 32 that come back; most have a few hundred under way.
     */
    private static void setNetty() {
        if (System.getProperty("io.netty.leakDetection.level") == null) {
            ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        }
        if (System.getProperty(RECYCLER_CHUNK) == null) {
            System.setProperty(RECYCLER_CHUNK, "512");
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        setNetty();
        RelayServer relay;
        try {
            RelayConfig read = RelayConfig.read(config, options());
            Logs.configure(read.log());
            relay = RelayServer.start(read, Serve::stopAtOnce);
        } catch (StartRefused refused) {
            PrintWriter errors = spec.commandLine().getErr();
            errors.println("quintet: " + refused.getMessage());
            errors.flush();
            return REFUSED;
        }
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            relay.close();
                            closed.countDown();
                        },
                        "quintet-shutdown"));
        announce(relay);
        closed.await();
        return 0;
    }

    /** What is on disk cannot be trusted to be what is in memory: only a start anew makes them one. */
    private static void stopAtOnce(Throwable failure) {
        LOG.error("stopping: what is in memory can no longer be made durable", failure);
        Runtime.getRuntime().halt(FAILED);
    }

    /** What was given on the command line, by key. */
    private Map<String, Object> options() {
        Map<String, Object> options = new LinkedHashMap<>();
        put(options, "data-directory", data);
        put(options, "listen.address", address);
        put(options, "listen.port", port);
        put(options, "listen.transport", transport);
        put(options, "admin.port", adminPort);
        put(options, "log.format", log);
        put(options, "tls.mode", isPlain ? "off" : null);
        return options;
    }

    private static void put(Map<String, Object> options, String key, String value) {
        if (value != null) {
            options.put(key, value);
        }
    }

    private void announce(RelayServer relay) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                "relay        " + text(relay.address()) + (relay.fingerprint().isPresent() ? ", TLS" : ", plain TCP"));
        relay.fingerprint().ifPresent(fingerprint -> out.println("fingerprint  " + fingerprint));
        out.println("admin        http://" + text(relay.adminAddress()) + "/metrics, /health/live, /health/ready");
        out.println("ready");
        out.flush();
    }

    private static String text(InetSocketAddress address) {
        // Java tells "all addresses" in IPv6, and long.
        String host = address.getAddress().isAnyLocalAddress()
                ? "0.0.0.0"
                : address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /** Says which version this is, and on which JDK it runs. */
    public static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"quintet " + Metrics.version() + " on Java " + Runtime.version()};
        }
    }
}
