package dev.quintet.relay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.relay.net.TlsProvider;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ServerCertificateTest {
    private static final Instant NOW = Instant.parse("2026-11-22T00:00:00Z");

    @TempDir
    Path parent;

    private DataDirectory directory;

    @BeforeEach
    void open() {
        directory = DataDirectory.open(parent.resolve("data"));
    }

    @AfterEach
    void close() {
        directory.close();
    }

    @Test
    void makesACertificateForLocalhostThatNobodyElseCanUse() throws Exception {
        ServerCertificate made = development();
        assertThat(Files.getPosixFilePermissions(made.privateKey()))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(made.leaf().getSubjectAlternativeNames())
                .extracting(name -> name.get(1).toString())
                .contains("localhost", "127.0.0.1");
        assertThat(made.leaf().getPublicKey().getAlgorithm()).isEqualTo("EC");
        made.leaf().checkValidity(java.util.Date.from(NOW.plus(9 * 365, ChronoUnit.DAYS)));
        made.leaf().verify(made.leaf().getPublicKey());
    }

    @Test
    void keepsTheFingerprintOverStarts() {
        assertThat(development().fingerprint())
                .matches("[0-9a-f]{64}")
                .isEqualTo(development().fingerprint());
    }

    @Test
    void makesBothAnewWhenOneIsMissing() throws Exception {
        ServerCertificate first = development();
        Files.delete(first.privateKey());
        assertThat(development().fingerprint()).isNotEqualTo(first.fingerprint());
    }

    @ParameterizedTest
    @EnumSource(
            value = SslProvider.class,
            names = {"JDK", "OPENSSL"})
    void isOneThatTheHandshakeTakes(SslProvider provider) throws Exception {
        ServerCertificate made = development();
        SslContext context = SslContextBuilder.forServer(
                        made.chain().toFile(), made.privateKey().toFile())
                .sslProvider(provider)
                .build();
        var engine = context.newEngine(UnpooledByteBufAllocator.DEFAULT);
        assertThat(engine.getSupportedProtocols()).contains("TLSv1.3");
        ReferenceCountUtil.release(engine);
        ReferenceCountUtil.release(context);
    }

    @Test
    void refusesFilesThatCannotBeUsed() throws Exception {
        Path empty = Files.createFile(parent.resolve("empty.pem"));
        for (List<Path> files :
                List.of(List.of(parent.resolve("missing.pem"), empty), List.of(empty, parent.resolve("missing.pem")))) {
            assertThatThrownBy(() -> configured(files.get(0), files.get(1)))
                    .isInstanceOf(StartRefused.class)
                    .hasMessageStartingWith("cannot read the ")
                    .hasMessageEndingWith("missing.pem");
        }
        assertThatThrownBy(() -> configured(empty, empty))
                .isInstanceOf(StartRefused.class)
                .hasMessageEndingWith("holds no certificate in PEM");
    }

    private ServerCertificate development() {
        return ServerCertificate.of(tls("", ""), directory, new SecureRandom(), NOW);
    }

    private void configured(Path chain, Path key) {
        ServerCertificate.of(tls(chain.toString(), key.toString()), directory, new SecureRandom(), NOW);
    }

    private static RelayConfig.Tls tls(String certificate, String key) {
        return new RelayConfig.Tls(RelayConfig.TlsMode.ON, TlsProvider.AUTO, certificate, key);
    }
}
