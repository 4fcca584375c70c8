package dev.quintet.relay.net;

/** Whose TLS engine. */
public enum TlsProvider {
    /** BoringSSL if its library loads, else the JDK's. */
    AUTO,
    OPENSSL,
    JDK
}
