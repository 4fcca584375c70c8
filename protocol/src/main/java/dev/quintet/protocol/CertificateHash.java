package dev.quintet.protocol;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * SHA-256 over the DER of a relay's certificate: ties a login to the TLS connection it is made on, and is the
 * fingerprint that people compare.
 *
 * <p><b>Thread:</b> any; immutable.
 */
public final class CertificateHash {
    /** Size, in bytes. */
    public static final int BYTES = 32;

    /** 32 zero bytes: the relay runs without certificate binding. */
    public static final CertificateHash UNBOUND = new CertificateHash(new byte[BYTES]);

    private final byte[] bytes;

    private CertificateHash(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The hash of a certificate as it stands in a TLS handshake or a file. */
    public static CertificateHash of(Certificate certificate) {
        try {
            return ofDer(certificate.getEncoded());
        } catch (CertificateEncodingException exception) {
            throw new IllegalArgumentException("the certificate has no encoding", exception);
        }
    }

    /** The hash of a certificate's DER bytes. */
    public static CertificateHash ofDer(byte[] der) {
        try {
            return new CertificateHash(MessageDigest.getInstance("SHA-256").digest(der));
        } catch (NoSuchAlgorithmException exception) {
            throw new IllegalStateException("every Java has SHA-256", exception);
        }
    }

    /**
     * The hash that {@link #toString} wrote, with or without colons; throws {@link IllegalArgumentException} for
     * anything else.
     */
    public static CertificateHash parse(String hex) {
        String digits = hex.replace(":", "");
        if (!digits.matches("[0-9a-fA-F]{" + 2 * BYTES + "}")) {
            throw new IllegalArgumentException("a certificate's fingerprint has " + 2 * BYTES
                    + " hexadecimal digits, which '" + hex + "' has not");
        }
        return new CertificateHash(HexFormat.of().parseHex(digits));
    }

    /** The 32 bytes. */
    public byte[] toBytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CertificateHash hash && Arrays.equals(bytes, hash.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Upper-case hexadecimal digits with a colon after each byte but the last, as other tools print fingerprints. */
    @Override
    public String toString() {
        return HexFormat.ofDelimiter(":").withUpperCase().formatHex(bytes);
    }
}
