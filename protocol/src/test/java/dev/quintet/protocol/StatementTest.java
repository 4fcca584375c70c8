package dev.quintet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class StatementTest {
    private static final AccountId ACCOUNT = AccountId.parse("000102030405060708090a0b0c0d0e0f");
    private static final CertificateHash CERTIFICATE = CertificateHash.ofDer(new byte[0]);

    @Test
    void putsTheLoginTogetherAsTheProtoSays() {
        byte[] challenge = new byte[32];
        Arrays.fill(challenge, (byte) 0xcc);
        String rest = "cc".repeat(32)
                + "000102030405060708090a0b0c0d0e0f"
                + "00000005"
                + "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assertThat(hex(Statement.authenticate(challenge, ACCOUNT, 5, CERTIFICATE)))
                .isEqualTo(ascii("quintet authenticate 1") + rest);
        assertThat(hex(Statement.register(challenge, ACCOUNT, 5, CERTIFICATE)))
                .isEqualTo(ascii("quintet register 1") + rest);
    }

    @Test
    void putsTheDeviceListTogetherAsTheProtoSays() {
        assertThat(hex(Statement.deviceList(new byte[] {1, 2}))).isEqualTo(ascii("quintet device list 1") + "0102");
    }

    @Test
    void refusesAChallengeOfAnotherLength() {
        assertThatThrownBy(() -> Statement.authenticate(new byte[31], ACCOUNT, 1, CERTIFICATE))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void writesAndReadsFingerprints() {
        assertThat(CERTIFICATE.toString()).startsWith("E3:B0:C4:42:").hasSize(95);
        assertThat(CertificateHash.parse(CERTIFICATE.toString())).isEqualTo(CERTIFICATE);
        assertThat(CertificateHash.parse(hex(CERTIFICATE.toBytes()))).isEqualTo(CERTIFICATE);
        assertThatThrownBy(() -> CertificateHash.parse("00")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void isAllZeroWithoutCertificateBinding() {
        assertThat(CertificateHash.UNBOUND.toBytes()).isEqualTo(new byte[32]);
    }

    private static String ascii(String text) {
        return hex(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
