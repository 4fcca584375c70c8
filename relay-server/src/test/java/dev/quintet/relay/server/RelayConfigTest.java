package dev.quintet.relay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueType;
import dev.quintet.relay.account.ClockLimits;
import dev.quintet.relay.account.KeyLimits;
import dev.quintet.relay.fanout.CallLimits;
import dev.quintet.relay.fanout.SubmissionLimits;
import dev.quintet.relay.journal.JournalConfig;
import dev.quintet.relay.link.LinkLimits;
import dev.quintet.relay.link.ListLimits;
import dev.quintet.relay.mailbox.MailboxLimits;
import dev.quintet.relay.net.Transport;
import dev.quintet.relay.store.StoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RelayConfigTest {
    /** Zero means something there: a free port, one loop for each core. */
    private static final Set<String> MAY_BE_ZERO =
            Set.of("listen.port", "admin.port", "listen.event-loops", "clocks.sealed-mailbox");

    @TempDir
    Path directory;

    @Test
    void everyKeyAndItsDefault() {
        assertThat(lines(defaults())).isEqualToNormalizingNewlines("""
                admin.address = 127.0.0.1
                admin.connections = 32
                admin.port = 7480
                admin.request-bytes = 8 KiB
                admin.timeout = 10 s
                calls.callers = 100000
                calls.offer-pause = 10 s
                calls.offers = 6
                calls.ring = 60 s
                calls.ringing = 16
                clocks.agreement = 1 hour
                clocks.companion-away = 30 days
                clocks.jump = 10 minutes
                clocks.primary-away = 14 days
                clocks.sealed-mailbox = 14 days
                clocks.seen-every = 1 day
                clocks.warning = 4 days
                connection.failed-logins-per-minute = 5
                connection.frame-bytes = 1 MiB
                connection.frames-burst = 8000
                connection.frames-per-second = 2000
                connection.held-bytes = 64 KiB
                connection.held-frames = 16
                connection.pre-login-frame-bytes = 16 KiB
                connection.submissions-burst = 600
                connection.submissions-per-second = 60
                connection.timeouts.frame = 30 s
                connection.timeouts.login = 10 s
                connection.timeouts.ping = 30 s
                connection.timeouts.stall = 60 s
                connection.timeouts.tls = 5 s
                connection.timeouts.window = 10 m
                connection.unsent-bytes = 256 KiB
                data-directory = data
                journal.kept-bytes = 1 GiB
                journal.ring-bytes = 8 MiB
                journal.segment-bytes = 64 MiB
                keys.request-pause = 10 m
                keys.requesters = 100000
                keys.requests = 6
                keys.stored = 1000
                link.claim = 2 minutes
                link.first-reference = 60 s
                link.handle-offer = 10 minutes
                link.message-bytes = 256 KiB
                link.messages = 8
                link.next-reference = 20 s
                link.offer = 160 s
                link.offers = 10000
                link.offers-per-address = 30
                link.requests-per-hour = 5
                link.tries = 3
                listen.address = 0.0.0.0
                listen.event-loops = 0
                listen.port = 7443
                listen.transport = epoll
                lists.read-pause = 30 s
                lists.readers = 100000
                lists.reads = 20
                log.format = text
                log.level = info
                mailbox.bytes = 64 MiB
                mailbox.envelopes = 10000
                mailbox.hot-tier-bytes = 32 MiB
                mailbox.window-bytes = 1 MiB
                mailbox.window-envelopes = 256
                registration.token-key =\s
                store.cache-bytes = 32 MiB
                store.checkpoint = 60 s
                store.checkpoint-bytes = 64 MiB
                store.memtable-bytes = 16 MiB
                store.open-files = 256
                store.queued-reads = 8192
                store.read-threads = 2
                store.waiting-actions = 65536
                store.warm-bytes = 32 MiB
                submission.call = 30 s
                submission.ciphertext-bytes = 64 KiB
                submission.correspondent-for = 1 hour
                submission.correspondents = 64
                submission.ephemeral = 10 s
                submission.recipients = 1024
                submission.time-to-live = 30 days
                tls.certificate =\s
                tls.mode = on
                tls.private-key =\s
                tls.provider = auto
                """);
    }

    @Test
    void theDefaultsAreThoseOfTheRooms() {
        RelayConfig config = RelayConfig.read(null, Map.of());
        assertThat(config.store()).isEqualTo(StoreConfig.defaults());
        assertThat(config.journal()).isEqualTo(JournalConfig.defaults());
        assertThat(config.submission())
                .isEqualTo(new SubmissionLimits(1024, 64 << 10, 30 * 24 * 3600, 64, 3600, 10_000, 30_000));
        assertThat(config.mailbox()).isEqualTo(new MailboxLimits(10_000, 64 << 20, 256, 1 << 20, 32 << 20));
        assertThat(config.calls()).isEqualTo(CallLimits.defaults());
        assertThat(config.lists()).isEqualTo(ListLimits.defaults());
        assertThat(config.keys()).isEqualTo(new KeyLimits(1000, 6, 600_000, 100_000));
        assertThat(config.clocks()).isEqualTo(ClockLimits.defaults());
        assertThat(config.link()).isEqualTo(LinkLimits.defaults());
        assertThat(config.admin().timeoutMillis()).isEqualTo(10_000);
        assertThat(config.admin().requestBytes()).isEqualTo(8192);
        assertThat(config.tls().isDevelopment()).isTrue();
    }

    @Test
    void theFileGoesBeforeTheDefaultsAndTheCommandLineBeforeTheFile() throws IOException {
        Path file = write("listen { port = 1, address = \"127.0.0.1\" }");
        RelayConfig config = RelayConfig.read(file, Map.of("listen.port", "2"));
        assertThat(config.listen()).isEqualTo(new RelayConfig.Listen("127.0.0.1", 2, Transport.EPOLL, 0));
    }

    @Test
    void takesEnvironmentVariables() throws IOException {
        Path file = write("data-directory = ${PATH}\nlisten.address = ${?QUINTET_IS_NOT_SET}");
        RelayConfig config = RelayConfig.read(file, Map.of());
        assertThat(config.dataDirectory()).hasToString(System.getenv("PATH"));
        assertThat(config.listen().address()).isEqualTo("0.0.0.0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "port = 1                            | 1: unknown key port",
                "listen.prot = 1                     | 1: unknown key listen.prot",
                "# first line%listen { prot = 1 }    | 2: unknown key listen.prot",
                "store { tls { mode = off } }        | 1: unknown key store.tls",
                "listen = 7443                       | 1: listen is a section, not a value",
                "listen.port { a = 1 }               | 1: listen.port is a value, not a section",
                "listen { port = none }              | 1: listen.port: port has type STRING rather than NUMBER",
                "listen.port = 65536                 | 1: listen.port must be 0 to 65535, not 65536",
                "listen.port = -1                    | 1: listen.port must be 0 to 65535, not -1",
                "listen.port = 99999999999           | 1: listen.port is too large",
                "admin.timeout = 10                  | 1: admin.timeout: a duration needs a unit, such as 30 s",
                "admin.timeout = 10 parsecs          | 1: admin.timeout: Invalid value at 'timeout'",
                "admin.timeout = 0 s                 | 1: admin.timeout must be above zero, not 0",
                "admin.request-bytes = 8 bits        | 1: admin.request-bytes: Invalid value at 'request-bytes'",
                "%%store.cache-bytes = 0             | 3: store.cache-bytes must be at least 1048576, not 0",
                "store.cache-bytes = -5 MiB          | 1: store.cache-bytes",
                "journal.kept-bytes = 100 MiB        | 1: journal.kept-bytes is 104857600; at least four times",
                "store.checkpoint-bytes = 513 MiB    | store needs checkpoint-bytes of at most half of journal.kept",
                "tls.mode = maybe                    | 1: tls.mode: must be one of on, off, not maybe",
                "tls.certificate = a.pem             | tls.private-key must be set when certificate is",
                "log.level = null                    | log.level is missing",
                "listen { port = 7443                | 1: Expecting close brace }",
                "listen.port = 74%admin {            | 2: expecting a close paren",
                "listen.address = ${QUINTET_NOT_SET} | 1: Could not resolve substitution",
            })
    void refusesWithFileLineAndKey(String text, String expected) throws IOException {
        Path file = write(text.replace('%', '\n'));
        assertThatThrownBy(() -> RelayConfig.read(file, Map.of()))
                .isInstanceOf(StartRefused.class)
                .hasMessageContaining(expected)
                .message()
                .matches(message -> message.lines().count() == 1, "is one line")
                .matches(message -> expected.matches("\\D.*") || message.startsWith(file + ":"), "names the file");
    }

    @Test
    void refusesAFileThatIsNotThere() {
        Path missing = directory.resolve("missing.conf");
        assertThatThrownBy(() -> RelayConfig.read(missing, Map.of()))
                .isInstanceOf(StartRefused.class)
                .hasMessage("cannot read the configuration file " + missing);
    }

    @Test
    void saysThatAWrongValueCameFromTheCommandLine() {
        assertThatThrownBy(() -> RelayConfig.read(null, Map.of("listen.port", "x")))
                .isInstanceOf(StartRefused.class)
                .hasMessageStartingWith("command line: listen.port");
    }

    @ParameterizedTest
    @MethodSource("numericKeys")
    void refusesAZeroLimit(String key, String zero) throws IOException {
        Path file = write(key + " = " + zero);
        assertThatThrownBy(() -> RelayConfig.read(file, Map.of()))
                .isInstanceOf(StartRefused.class)
                .hasMessageStartingWith(file + ":1: " + key);
    }

    /** Each key that is a number, a size or a duration, with a zero of its kind. */
    static Object[][] numericKeys() {
        return defaults().entrySet().stream()
                .filter(entry -> entry.getValue().matches("\\d+( [a-zA-Z]+)?") && !MAY_BE_ZERO.contains(entry.getKey()))
                .map(entry -> new Object[] {entry.getKey(), entry.getValue().replaceFirst("\\d+", "0")})
                .toArray(Object[][]::new);
    }

    /** Every key with its default as it stands in the file. */
    static Map<String, String> defaults() {
        Map<String, String> defaults = new TreeMap<>();
        Settings.defaults().entrySet().forEach(entry -> {
            assertThat(entry.getValue().valueType()).isNotEqualTo(ConfigValueType.LIST);
            defaults.put(
                    String.join(".", ConfigUtil.splitPath(entry.getKey())),
                    entry.getValue().unwrapped().toString());
        });
        return defaults;
    }

    private static String lines(Map<String, String> settings) {
        return settings.entrySet().stream()
                .map(entry -> entry.getKey() + " = " + entry.getValue() + "\n")
                .collect(Collectors.joining());
    }

    private Path write(String text) throws IOException {
        return Files.writeString(directory.resolve("quintet.conf"), text);
    }
}
