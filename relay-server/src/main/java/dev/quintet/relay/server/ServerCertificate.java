package dev.quintet.relay.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;

/**
 * What the relay shows in the TLS handshake: the operator's certificate, or the development one.
 *
 * <p><b>Failure:</b> {@link StartRefused} if a file is missing or unreadable, or holds no certificate.
 *
 * @param chain PEM file, the relay's own certificate first
 * @param privateKey PEM file
 * @param leaf the relay's own certificate
 */
record ServerCertificate(Path chain, Path privateKey, X509Certificate leaf) {

    /** The one that {@code tls} names, or the development certificate in {@code directory}. */
    static ServerCertificate of(RelayConfig.Tls tls, DataDirectory directory, SecureRandom random, Instant now) {
        if (tls.isDevelopment()) {
            DevelopmentCertificate made = DevelopmentCertificate.in(directory.path(), random, now);
            return read(made.certificate(), made.privateKey());
        }
        return read(Path.of(tls.certificate()), Path.of(tls.privateKey()));
    }

    private static ServerCertificate read(Path chain, Path privateKey) {
        if (!Files.isReadable(privateKey)) {
            throw new StartRefused("cannot read the private key " + privateKey);
        }
        try (InputStream pem = Files.newInputStream(chain)) {
            X509Certificate leaf =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(pem);
            return new ServerCertificate(chain, privateKey, leaf);
        } catch (IOException thrown) {
            throw new StartRefused("cannot read the certificate " + chain);
        } catch (GeneralSecurityException thrown) {
            throw new StartRefused(chain + " holds no certificate in PEM");
        }
    }

    /** SHA-256 over the DER of the certificate, 32 bytes: what logins are bound to. */
    byte[] hash() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(leaf.getEncoded());
        } catch (GeneralSecurityException bug) {
            throw new IllegalStateException("every JDK has SHA-256, and a certificate that was read has bytes", bug);
        }
    }

    /** {@link #hash} as devices pin it: 64 digits, hexadecimal, lower case. */
    String fingerprint() {
        return HexFormat.of().formatHex(hash());
    }
}
