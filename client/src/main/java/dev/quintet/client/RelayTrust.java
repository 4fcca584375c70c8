package dev.quintet.client;

import dev.quintet.protocol.CertificateHash;
import java.security.cert.X509Certificate;
import java.util.List;

/** How a device makes sure that it talks to its relay, and to no one in between. */
public sealed interface RelayTrust {

    /** Whether logins, and the codes that new devices show, name the relay's certificate. */
    boolean isBound();

    /** Trusts exactly the certificate with this fingerprint, whatever its name, issuer and dates. */
    static RelayTrust pinned(CertificateHash fingerprint) {
        return new Pinned(fingerprint);
    }

    /** Trusts the authorities of the Java installation, and checks the host name. */
    static RelayTrust authorities() {
        return new Authorities(List.of(), true);
    }

    /** No TLS: for tests, and for a relay on the same machine behind something that ends TLS. */
    static RelayTrust plain() {
        return new Plain();
    }

    /**
     * One certificate, by fingerprint.
     *
     * @param fingerprint SHA-256 over its DER
     */
    record Pinned(CertificateHash fingerprint) implements RelayTrust {
        @Override
        public boolean isBound() {
            return true;
        }
    }

    /**
     * A chain to an authority, and the host name in the certificate.
     *
     * @param authorities the trusted ones; empty for those of the Java installation
     * @param isBound whether the relay itself ends TLS, so that the login signature covers its certificate; false if a
     *     proxy in front of it does
     */
    record Authorities(List<X509Certificate> authorities, boolean isBound) implements RelayTrust {
        public Authorities {
            authorities = List.copyOf(authorities);
        }
    }

    /** No TLS at all. */
    record Plain() implements RelayTrust {
        @Override
        public boolean isBound() {
            return false;
        }
    }
}
