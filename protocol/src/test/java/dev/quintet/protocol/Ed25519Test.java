package dev.quintet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ed25519Test {
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] MESSAGE = {1, 2, 3};

    /** RFC 8032, section 7.1. */
    @ParameterizedTest
    @CsvSource({
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60,"
                + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a,'',"
                + "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                + "d25bf5f0595bbe24655141438e7a100b",
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb,"
                + "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c,72,"
                + "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                + "387b2eaeb4302aeeb00d291612bb0c00",
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7,"
                + "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025,af82,"
                + "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
                + "4a7c15e9716ed28dc027beceea1ec40a"
    })
    void signsAndVerifiesTheVectorsOfTheStandard(String seed, String key, String message, String signature) {
        Ed25519Secret secret = Ed25519Secret.of(HEX.parseHex(seed));
        assertThat(secret.publicKey()).hasToString(key);
        assertThat(HEX.formatHex(secret.sign(HEX.parseHex(message)))).isEqualTo(signature);
        assertThat(Ed25519Key.of(HEX.parseHex(key)).verify(HEX.parseHex(message), HEX.parseHex(signature)))
                .isTrue();
    }

    @Test
    void agreesWithTheJdk() throws GeneralSecurityException {
        SecureRandom random = new SecureRandom();
        for (int round = 0; round < 5; round++) {
            Ed25519Secret secret = Ed25519Secret.generate(random);
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(KeyFactory.getInstance("Ed25519")
                    .generatePublic(
                            new X509EncodedKeySpec(HEX.parseHex("302a300506032b6570032100" + secret.publicKey()))));
            verifier.update(MESSAGE);
            assertThat(verifier.verify(secret.sign(MESSAGE))).isTrue();
        }
    }

    @Test
    void refusesASignatureWithAnyBitFlipped() {
        Ed25519Secret secret = secret();
        byte[] signature = secret.sign(MESSAGE);
        for (int bit = 0; bit < signature.length * Byte.SIZE; bit += 7) {
            byte[] damaged = signature.clone();
            damaged[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertThat(secret.publicKey().verify(MESSAGE, damaged)).isFalse();
        }
    }

    @Test
    void refusesASignatureOfAnotherKeyOrMessageOrLength() {
        Ed25519Secret secret = secret();
        byte[] signature = secret.sign(MESSAGE);
        assertThat(secret.publicKey().verify(MESSAGE, signature)).isTrue();
        assertThat(secret.publicKey().verify(new byte[] {1, 2, 4}, signature)).isFalse();
        assertThat(Ed25519Secret.of(new byte[32]).publicKey().verify(MESSAGE, signature))
                .isFalse();
        assertThat(secret.publicKey().verify(MESSAGE, Arrays.copyOf(signature, 63)))
                .isFalse();
        assertThat(secret.publicKey().verify(MESSAGE, Arrays.copyOf(signature, 65)))
                .isFalse();
        assertThat(secret.publicKey().verify(MESSAGE, new byte[64])).isFalse();
    }

    /** Adding the group's order to the scalar gives a second signature for lax verifiers. */
    @Test
    void refusesASignatureWithANonCanonicalScalar() {
        Ed25519Secret secret = secret();
        byte[] signature = secret.sign(MESSAGE);
        BigInteger order = BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
        BigInteger scalar = new BigInteger(1, reversed(Arrays.copyOfRange(signature, 32, 64)));
        byte[] larger = reversed(scalar.add(order).toByteArray());
        System.arraycopy(larger, 0, signature, 32, Math.min(larger.length, 32));
        assertThat(secret.publicKey().verify(MESSAGE, signature)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0000000000000000000000000000000000000000000000000000000000000080",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000080",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                "0200000000000000000000000000000000000000000000000000000000000000"
            })
    void refusesKeysOfLowOrderOrOutOfRangeOrOffTheCurve(String key) {
        assertThatThrownBy(() -> Ed25519Key.of(HEX.parseHex(key)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no valid Ed25519 public key");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 31, 33})
    void refusesKeysAndSeedsOfAnotherLength(int bytes) {
        assertThatThrownBy(() -> Ed25519Key.of(new byte[bytes])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Ed25519Secret.of(new byte[bytes])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void doesNotShowTheSecret() {
        Ed25519Secret secret = secret();
        assertThat(secret.toString()).doesNotContain(HEX.formatHex(secret.toSeed()));
        assertThat(Ed25519Secret.of(secret.toSeed()).publicKey()).isEqualTo(secret.publicKey());
    }

    private static Ed25519Secret secret() {
        byte[] seed = new byte[32];
        seed[0] = 7;
        return Ed25519Secret.of(seed);
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int index = 0; index < bytes.length; index++) {
            reversed[index] = bytes[bytes.length - 1 - index];
        }
        return reversed;
    }
}
