package dev.quintet.relay.server;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/**
 * The certificate of a relay that was not given one: self-signed, for localhost, made at the first start.
 *
 * <p>ECDSA over P-256, since BoringSSL takes no Ed25519 certificate. It stays in the data directory, so that its
 * fingerprint, which devices pin, is the same at each start. Both files are written under other names first; the
 * certificate gets its name last, and without it both are made anew.
 *
 * <p><b>Failure:</b> {@link StartRefused} if the files cannot be written.
 *
 * @param certificate PEM file
 * @param privateKey PEM file, PKCS 8, readable by the owner alone
 */
record DevelopmentCertificate(Path certificate, Path privateKey) {
    private static final X500Name NAME = new X500Name("CN=localhost");
    private static final int VALID_YEARS = 10;

    /** The one in {@code directory}, which is made if it is not there. */
    static DevelopmentCertificate in(Path directory, SecureRandom random, Instant now) {
        DevelopmentCertificate kept = new DevelopmentCertificate(
                directory.resolve("development-certificate.pem"), directory.resolve("development-key.pem"));
        if (!Files.exists(kept.certificate) || !Files.exists(kept.privateKey)) {
            kept.make(random, now);
        }
        return kept;
    }

    private void make(SecureRandom random, Instant now) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPair keys = generator.generateKeyPair();
            X509CertificateHolder signed = sign(keys, random, now);
            write(privateKey, new PemObject("PRIVATE KEY", keys.getPrivate().getEncoded()));
            write(certificate, new PemObject("CERTIFICATE", signed.getEncoded()));
            DataDirectory.force(certificate.getParent());
        } catch (IOException thrown) {
            throw new StartRefused("cannot write the development certificate " + certificate + ": " + thrown);
        } catch (GeneralSecurityException | OperatorCreationException bug) {
            throw new IllegalStateException("this JDK cannot make a P-256 certificate", bug);
        }
    }

    private static X509CertificateHolder sign(KeyPair keys, SecureRandom random, Instant now)
            throws OperatorCreationException, IOException {
        GeneralNames names = new GeneralNames(new GeneralName[] {
            new GeneralName(GeneralName.dNSName, "localhost"),
            new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
            new GeneralName(GeneralName.iPAddress, "::1")
        });
        var builder = new JcaX509v3CertificateBuilder(
                NAME,
                new BigInteger(127, random).setBit(126),
                Date.from(now.minus(1, ChronoUnit.DAYS)),
                Date.from(now.plus(365L * VALID_YEARS, ChronoUnit.DAYS)),
                NAME,
                keys.getPublic());
        builder.addExtension(Extension.subjectAlternativeName, false, names);
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        return builder.build(new JcaContentSignerBuilder("SHA256withECDSA")
                .setSecureRandom(random)
                .build(keys.getPrivate()));
    }

    private static void write(Path file, PemObject object) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
            pem.writeObject(object);
        }
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(unfinished);
        Files.createFile(
                unfinished, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(unfinished, text.toString(), StandardCharsets.US_ASCII);
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
