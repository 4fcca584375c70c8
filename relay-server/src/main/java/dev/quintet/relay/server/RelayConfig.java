package dev.quintet.relay.server;

import dev.quintet.relay.account.ClockLimits;
import dev.quintet.relay.account.KeyLimits;
import dev.quintet.relay.fanout.CallLimits;
import dev.quintet.relay.fanout.SubmissionLimits;
import dev.quintet.relay.journal.JournalConfig;
import dev.quintet.relay.link.LinkLimits;
import dev.quintet.relay.link.ListLimits;
import dev.quintet.relay.mailbox.MailboxLimits;
import dev.quintet.relay.net.ConnectionLimits;
import dev.quintet.relay.net.RegistrationTerms;
import dev.quintet.relay.net.TlsProvider;
import dev.quintet.relay.net.Transport;
import dev.quintet.relay.store.StoreConfig;
import java.nio.file.Path;
import java.util.Map;

/**
 * Everything an operator can set: one record for each section of the configuration file.
 *
 * <p>The rooms own their records and check them; this one only groups them. Every key, its default and what it is for
 * stand in {@code defaults.conf} beside this class, and nowhere else in code.
 *
 * @param dataDirectory where everything durable is kept; made if it is missing
 * @param listen where devices connect
 * @param tls how their connections are encrypted
 * @param connection what one connection may do, and for how long it may do nothing
 * @param submission what a submission may be
 * @param mailbox what waits for a device, and how much of it is in memory
 * @param calls how often it may ring, and for how long
 * @param lists how often strangers may read them
 * @param keys what may be stored and asked of devices' keys
 * @param clocks how long a device may stay away, and which clock is believed
 * @param registration who may have which handle
 * @param link how long a link offer lives, and how much may pass through it
 * @param journal how the log divides memory and disk
 * @param store the image of the state, and how much of it is in memory
 * @param admin where metrics and health are served
 * @param log what is logged, and how
 */
public record RelayConfig(
        Path dataDirectory,
        Listen listen,
        Tls tls,
        ConnectionLimits connection,
        SubmissionLimits submission,
        MailboxLimits mailbox,
        CallLimits calls,
        ListLimits lists,
        KeyLimits keys,
        ClockLimits clocks,
        RegistrationTerms registration,
        LinkLimits link,
        JournalConfig journal,
        StoreConfig store,
        Admin admin,
        Log log) {

    /** Throws {@link IllegalArgumentException} if two sections do not fit together. */
    public RelayConfig {
        if (store.checkpointBytes() > journal.keptBytes() / 2) {
            throw new IllegalArgumentException("store needs checkpoint-bytes of at most half of journal.kept-bytes ("
                    + journal.keptBytes() + "), not " + store.checkpointBytes());
        }
    }

    /**
     * Reads the configuration; throws {@link StartRefused} that names key, file and line.
     *
     * @param file the operator's file, or null for the defaults alone
     * @param options what the command line sets, by key; goes before the file
     */
    static RelayConfig read(Path file, Map<String, ?> options) {
        return Settings.read(file, options).as(RelayConfig.class);
    }

    /**
     * Where devices connect.
     *
     * @param address an address of this machine, or 0.0.0.0 for all
     * @param port 0 picks a free one
     * @param transport falls back to the next that works, with a line in the log
     * @param eventLoops 0 is one for each core
     */
    public record Listen(String address, int port, Transport transport, int eventLoops) {
        /** Throws {@link IllegalArgumentException} if a value is out of range. */
        public Listen {
            checkPort(port);
            if (eventLoops < 0 || eventLoops > 1024) {
                throw new IllegalArgumentException("eventLoops must be 0 to 1024, not " + eventLoops);
            }
        }
    }

    /** Who ends TLS. */
    public enum TlsMode {
        ON,
        /** Plain TCP: for tests, and behind a proxy that ends TLS. Logins are not bound to a certificate then. */
        OFF
    }

    /**
     * How connections are encrypted.
     *
     * @param certificate PEM file with the certificate chain; empty together with the key: a development certificate
     * @param privateKey PEM file with the unencrypted PKCS 8 key
     */
    public record Tls(TlsMode mode, TlsProvider provider, String certificate, String privateKey) {
        /** Throws {@link IllegalArgumentException} if only one of the two files is named. */
        public Tls {
            if (certificate.isEmpty() != privateKey.isEmpty()) {
                throw new IllegalArgumentException(
                        certificate.isEmpty()
                                ? "certificate must be set when private-key is"
                                : "privateKey must be set when certificate is");
            }
        }

        /** Whether the relay makes its own certificate. */
        boolean isDevelopment() {
            return mode == TlsMode.ON && certificate.isEmpty();
        }
    }

    /**
     * Where metrics and health are served.
     *
     * @param address loopback, unless something else keeps strangers out
     * @param port 0 picks a free one
     * @param connections most connections at a time; one more is closed at once
     * @param requestBytes most bytes of one request
     * @param timeoutMillis for one request and its answer
     */
    public record Admin(String address, int port, int connections, int requestBytes, long timeoutMillis) {
        /** Throws {@link IllegalArgumentException} if a value is out of range. */
        public Admin {
            checkPort(port);
            checkPositive("connections", connections);
            checkPositive("requestBytes", requestBytes);
            checkPositive("timeoutMillis", timeoutMillis);
        }
    }

    /** How a log line looks. */
    public enum LogFormat {
        TEXT,
        /** One flat JSON object a line. */
        JSON
    }

    /** From which weight on a line is logged. */
    public enum LogLevel {
        ERROR,
        WARN,
        INFO,
        DEBUG
    }

    /** What is logged, on standard error. */
    public record Log(LogFormat format, LogLevel level) {}

    private static void checkPort(int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port must be 0 to 65535, not " + port);
        }
    }

    private static void checkPositive(String component, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(component + " must be above zero, not " + value);
        }
    }
}
