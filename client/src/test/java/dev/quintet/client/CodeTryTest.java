package dev.quintet.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.quintet.client.LinkFailedException.Kind;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.Ed25519Secret;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The exchange over a one-time code, with the vectors that stand in golden-frames.txt. */
class CodeTryTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final Path GOLDEN = Path.of("../protocol/src/main/proto/quintet/golden-frames.txt");
    private static final LinkCode CODE = new LinkCode("7KQ2M9XD");
    private static final int NEW_DEVICE_SCALARS = 0x41;
    private static final int PRIMARY_SCALARS = 0x61;
    private static final LinkQr CARD = new LinkQr(
            ByteString.copyFrom("reference-of-16b", StandardCharsets.US_ASCII),
            ByteString.copyFrom(LinkCipher.publicKey(filled(0x11))),
            Ed25519Secret.of(filled(0xd2)).publicKey(),
            7,
            ByteString.copyFrom(new byte[32]),
            CertificateHash.UNBOUND,
            "relay.example:7443");

    /** Draws 32 times one byte, then 32 times the next one. */
    private static final class Counting extends SecureRandom {
        private static final long serialVersionUID = 1;

        private int next;

        Counting(int first) {
            next = first;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            Arrays.fill(bytes, (byte) next++);
        }
    }

    private static byte[] filled(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static CodeTry newDevice(LinkCode code) {
        return CodeTry.ofNewDevice(CARD, code, new Counting(NEW_DEVICE_SCALARS));
    }

    private static CodeTry primary(byte[] begin) {
        return CodeTry.ofPrimary(begin, CODE, new Counting(PRIMARY_SCALARS));
    }

    @Test
    void writesTheGoldenMessages() throws Exception {
        CodeTry newDevice = newDevice(CODE);
        byte[] begin = newDevice.begin();
        CodeTry primary = primary(begin);
        byte[] answer = primary.answer();
        byte[] confirm = newDevice.confirm(answer);
        byte[] agree = primary.agreeTo(confirm);
        List<String> golden = Files.readAllLines(GOLDEN);
        assertThat(golden)
                .contains("begin: " + HEX.formatHex(begin))
                .contains("answer: " + HEX.formatHex(answer))
                .contains("confirm: " + HEX.formatHex(confirm))
                .contains("agree: " + HEX.formatHex(agree))
                .contains("agreed: " + HEX.formatHex(primary.agreed().secret().toByteArray()));
        assertThat(newDevice.agree(agree)).isEqualTo(primary.agreed());
    }

    @Test
    void comesToAnotherSecretEachTime() {
        assertThat(agreedSecret()).hasSize(32).isNotEqualTo(agreedSecret());
    }

    private static byte[] agreedSecret() {
        SecureRandom random = new SecureRandom();
        CodeTry newDevice = CodeTry.ofNewDevice(CARD, CODE, random);
        CodeTry primary = CodeTry.ofPrimary(newDevice.begin(), CODE, random);
        byte[] agree = primary.agreeTo(newDevice.confirm(primary.answer()));
        return newDevice.agree(agree).secret().toByteArray();
    }

    /** What the relay passes on holds neither the code nor what comes of it. */
    @Test
    void saysNeitherCodeNorSecret() {
        CodeTry newDevice = newDevice(CODE);
        byte[] begin = newDevice.begin();
        CodeTry primary = primary(begin);
        byte[] answer = primary.answer();
        byte[] confirm = newDevice.confirm(answer);
        byte[] agree = primary.agreeTo(confirm);
        String passed = HEX.formatHex(LinkCipher.join(begin, answer, confirm, agree));
        assertThat(passed)
                .contains(HEX.formatHex(CARD.identityKey().toBytes()))
                .doesNotContain(HEX.formatHex(CODE.characters().getBytes(StandardCharsets.US_ASCII)))
                .doesNotContain(HEX.formatHex(primary.agreed().secret().toByteArray()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"7KQ2M9XE", "8KQ2M9XD", "00000000", "ZZZZZZZZ"})
    void seesAWrongCodeAtThePrimaryFirst(String typed) {
        CodeTry newDevice = newDevice(new LinkCode(typed));
        CodeTry primary = primary(newDevice.begin());
        byte[] confirm = newDevice.confirm(primary.answer());
        assertThatThrownBy(() -> primary.agreeTo(confirm))
                .isInstanceOfSatisfying(
                        LinkFailedException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(Kind.WRONG_CODE));
        assertThatThrownBy(() -> newDevice.agree(CodeTry.WRONG))
                .isInstanceOfSatisfying(
                        LinkFailedException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(Kind.WRONG_CODE));
    }

    /** Whatever the relay changes in a message, nobody agrees. One byte of each field, to be quick. */
    @Test
    void seesWhatIsChangedOnTheWay() {
        byte[] begin = newDevice(CODE).begin();
        for (int index = 1; index < begin.length; index += 7) {
            byte[] altered = flipped(begin, index);
            assertNobodyAgrees(() -> {
                CodeTry newDevice = newDevice(CODE);
                newDevice.begin();
                CodeTry primary = primary(altered);
                primary.agreeTo(newDevice.confirm(primary.answer()));
            });
        }
        CodeTry whole = newDevice(CODE);
        byte[] answer = primary(whole.begin()).answer();
        for (int index = 1; index < answer.length; index += 7) {
            byte[] altered = flipped(answer, index);
            assertNobodyAgrees(() -> {
                CodeTry newDevice = newDevice(CODE);
                CodeTry primary = primary(newDevice.begin());
                primary.answer();
                primary.agreeTo(newDevice.confirm(altered));
            });
        }
        byte[] confirm = whole.confirm(answer);
        for (int index = 1; index < confirm.length; index += 7) {
            byte[] altered = flipped(confirm, index);
            assertNobodyAgrees(() -> {
                CodeTry primary = primary(begin);
                primary.answer();
                primary.agreeTo(altered);
            });
        }
    }

    private static byte[] flipped(byte[] message, int index) {
        byte[] altered = message.clone();
        altered[index] ^= 1;
        return altered;
    }

    private static void assertNobodyAgrees(Runnable exchange) {
        assertThatThrownBy(exchange::run).isInstanceOf(LinkFailedException.class);
    }

    /** A relay that sends a side's own round back to it would need no code. */
    @Test
    void doesNotTakeItsOwnRoundForTheOthers() {
        CodeTry newDevice = newDevice(CODE);
        byte[] begin = newDevice.begin();
        byte[] mirrored = new byte[1 + Jpake.ROUND_1_BYTES + Jpake.ROUND_2_BYTES];
        mirrored[0] = 12;
        System.arraycopy(begin, 1, mirrored, 1, Jpake.ROUND_1_BYTES);
        assertThatThrownBy(() -> newDevice.confirm(mirrored)).isInstanceOf(LinkFailedException.class);
    }

    @Test
    void refusesWhatIsNoMessage() {
        byte[] begin = newDevice(CODE).begin();
        for (int length : new int[] {1, 66, Jpake.ROUND_1_BYTES, 1 + Jpake.ROUND_1_BYTES, begin.length - 20}) {
            assertThatThrownBy(() -> primary(Arrays.copyOf(begin, length))).isInstanceOf(LinkFailedException.class);
        }
        byte[] neutral = begin.clone();
        Arrays.fill(neutral, 1, 1 + P256.POINT_BYTES, (byte) 0);
        assertThatThrownBy(() -> primary(neutral)).isInstanceOf(LinkFailedException.class);
    }

    @Test
    void refusesACardThatTellsTheSecret() {
        LinkQr told = CARD.withSecret(ByteString.copyFrom(filled(0x33)));
        byte[] begin = newDevice(CODE).begin();
        byte[] telling = ByteBuffer.allocate(begin.length)
                .put(begin, 0, 1 + Jpake.ROUND_1_BYTES)
                .put(told.toBytes())
                .array();
        assertThatThrownBy(() -> primary(telling)).isInstanceOf(LinkFailedException.class);
    }

    @Test
    void refusesANumberThatIsTooLarge() {
        assertThatThrownBy(() -> P256.nextScalar(ByteBuffer.wrap(P256.encode(P256.ORDER))))
                .isInstanceOf(LinkFailedException.class);
    }

    @Test
    void readsWhatAPersonTypes() {
        assertThat(LinkCode.parse(" 7kq2 m9xd ")).isEqualTo(CODE);
        assertThat(LinkCode.parse("oIl0-0000").characters()).isEqualTo("01100000");
        assertThat(CODE.text()).isEqualTo("7KQ2-M9XD");
        assertThat(CODE.toString()).doesNotContain("7KQ2");
        for (String none : new String[] {"", "7KQ2M9X", "7KQ2M9XDD", "7KQ2M9XU", "7KQ2M9X?"}) {
            assertThatThrownBy(() -> LinkCode.parse(none)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void drawsCodesFromTheWholeAlphabet() {
        SecureRandom random = new SecureRandom();
        StringBuilder drawn = new StringBuilder();
        for (int count = 0; count < 200; count++) {
            drawn.append(LinkCode.random(random).characters());
        }
        assertThat(drawn.chars().distinct().count()).isEqualTo(32);
    }
}
