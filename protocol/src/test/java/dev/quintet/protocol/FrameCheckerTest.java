package dev.quintet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.quintet.protocol.wire.Authenticate;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.DeviceEnvelope;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.PutDeviceList;
import dev.quintet.protocol.wire.Recipient;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.SignedDeviceList;
import dev.quintet.protocol.wire.Submit;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One rule, one test: each input breaks exactly one. */
class FrameCheckerTest {
    private static final int SUBMIT = ClientFrame.SUBMIT_FIELD_NUMBER;

    @Test
    void answersTheNumberOfTheBody() {
        assertThat(check("42 00")).isEqualTo(ClientFrame.PING_FIELD_NUMBER);
        assertThat(check("08 05 42 02 08 01")).isEqualTo(ClientFrame.PING_FIELD_NUMBER);
    }

    @Test
    void answersZeroForAFrameThatItDoesNotKnow() {
        assertThat(check("08 05")).isZero();
        assertThat(check("")).isZero();
        assertThat(check("08 05 a2 06 03 01 02 03")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a0 06 05", "a1 06 0102030405060708", "a2 06 02 ffff", "a5 06 01020304"})
    void skipsUnknownFieldsOfEveryWireType(String unknown) {
        assertThat(check("42 00" + unknown)).isEqualTo(ClientFrame.PING_FIELD_NUMBER);
        assertThat(check(unknown + "42 00")).isEqualTo(ClientFrame.PING_FIELD_NUMBER);
    }

    @ParameterizedTest
    @CsvSource({
        "08, a number is cut off",
        "08 80, a number is cut off",
        "08 80808080808080808080 00, a number of more than 10 bytes",
        "08 ffffffffffffffffff 02, a number of more than 64 bits",
        "88 80808080808080808000, a number of more than 10 bytes",
        "88 8080808010 01, a number of more than 32 bits",
        "42 05 08 01, a field is longer than what it stands in",
        "42 ffffffff0f 08 01, a field is longer than what it stands in",
        "42 80808080808001 08 01, a number of more than 32 bits",
        "a1 06 01020304050607, a field is longer than what it stands in",
        "a5 06 010203, a field is longer than what it stands in",
        "a2 06 04 010203, a field is longer than what it stands in",
        "a3 06 a4 06, wire type 3",
        "a4 06, wire type 4",
        "a6 06, wire type 6",
        "a7 06, wire type 7",
        "00 01, field number 0",
        "02 00, field number 0",
        "0a 01 01, ClientFrame.request_id has the wrong wire type",
        "0d 01020304, ClientFrame.request_id has the wrong wire type",
        "09 0102030405060708, ClientFrame.request_id has the wrong wire type",
        "40 01, ClientFrame.ping has the wrong wire type",
        "08 01 08 01, 'ClientFrame.request_id stands twice, or beside another member of its oneof'",
        "42 00 42 00, 'ClientFrame.ping stands twice, or beside another member of its oneof'",
        "42 00 4a 00, 'ClientFrame.pong stands twice, or beside another member of its oneof'",
        "42 04 0801 0801, 'Ping.token stands twice, or beside another member of its oneof'"
    })
    void refusesBytesThatAreNoFrame(String bytes, String message) {
        assertRefused(bytes, message);
    }

    @Test
    void takesNumbersThatAreLongerThanTheyNeedToBe() {
        assertThat(check("88 80808000 85 80808080808080 00 42 00")).isEqualTo(ClientFrame.PING_FIELD_NUMBER);
    }

    @Test
    void takesTheLargestNumberOf64Bits() {
        assertThat(check("08 ffffffffffffffffff01 42 00")).isEqualTo(ClientFrame.PING_FIELD_NUMBER);
    }

    @Test
    void refusesAUint32OfMoreThan32Bits() {
        Authenticate valid = authenticate().setDevice(-1).build();
        assertThat(FrameChecker.CLIENT.check(wrap(frame(valid)))).isEqualTo(ClientFrame.AUTHENTICATE_FIELD_NUMBER);
        byte[] bytes = authenticate().clearDevice().build().toByteArray();
        String device = "18 8080808010";
        assertRefused(body(2, HexFormat.of().formatHex(bytes) + device), "Authenticate.device has more than 32 bits");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 17, 32})
    void refusesABytesFieldOfAnotherThanTheExactSize(int bytes) {
        ClientFrame frame = frame(authenticate().setAccount(bytes(bytes)).build());
        assertRefused(frame, "Authenticate.account has " + bytes + " bytes, not 16 to 16");
    }

    @Test
    void refusesAMissingFieldOfExactSize() {
        assertRefused(frame(authenticate().clearSignature().build()), "Authenticate.signature is missing");
    }

    @Test
    void refusesABytesFieldAboveItsMaximum() {
        assertRefused(
                frame(PutDeviceList.newBuilder().setDeviceList(list(8193)).build()),
                "SignedDeviceList.content has 8193 bytes, not 1 to 8192");
        FrameChecker.CLIENT.check(
                wrap(frame(PutDeviceList.newBuilder().setDeviceList(list(8192)).build())));
    }

    @Test
    void refusesAMissingFieldThatHasAMinimum() {
        assertRefused(
                frame(PutDeviceList.newBuilder().setDeviceList(list(0)).build()),
                "SignedDeviceList.content is missing");
    }

    @Test
    void refusesAMissingMessage() {
        assertRefused(frame(PutDeviceList.getDefaultInstance()), "PutDeviceList.device_list is missing");
    }

    @Test
    void takesAMissingMessageThatIsOptional() {
        ServerFrame frame = ServerFrame.newBuilder()
                .setError(Error.newBuilder().setCode(ErrorCode.LIST_CONFLICT))
                .build();
        assertThat(FrameChecker.SERVER.check(wrap(frame))).isEqualTo(ServerFrame.ERROR_FIELD_NUMBER);
    }

    @Test
    void refusesTooFewEntries() {
        assertRefused(frame(submit().clearRecipients().build()), "Submit.recipients is missing");
        assertRefused(
                frame(submit().setRecipients(0, recipient().clearDevices()).build()), "Recipient.devices is missing");
    }

    @Test
    void refusesTooManyEntries() {
        Submit.Builder submit = submit();
        while (submit.getRecipientsCount() < 1024) {
            submit.addRecipients(recipient());
        }
        assertThat(FrameChecker.CLIENT.check(wrap(frame(submit.build())))).isEqualTo(SUBMIT);
        submit.addRecipients(recipient());
        assertRefused(frame(submit.build()), "Submit.recipients has more than 1024 entries");
    }

    @Test
    void countsTheEntriesOfEachMessageByThemselves() {
        Recipient.Builder full = recipient();
        while (full.getDevicesCount() < 64) {
            full.addDevices(DeviceEnvelope.getDefaultInstance());
        }
        Submit.Builder submit = submit().addRecipients(full).addRecipients(full);
        assertThat(FrameChecker.CLIENT.check(wrap(frame(submit.build())))).isEqualTo(SUBMIT);
        submit.addRecipients(full.addDevices(DeviceEnvelope.getDefaultInstance()));
        assertRefused(frame(submit.build()), "Recipient.devices has more than 64 entries");
    }

    @ParameterizedTest
    @CsvSource({
        "12 05 0102030405, ",
        "10 01 10 02 10 03 10 04 10 05, ",
        "12 03 010203 10 04 10 05, ",
        "12 06 010203040506, Accepted.full_devices has more than 5 entries",
        "12 03 010203 10 04 12 02 0506, Accepted.full_devices has more than 5 entries",
        "12 02 0180, a number is cut off",
        "12 05 8080808010, Accepted.full_devices has more than 32 bits",
        "15 01020304, Accepted.full_devices has the wrong wire type"
    })
    void countsPackedAndSingleNumbersAlike(String accepted, String message) {
        String answer = "0a 10" + "00".repeat(16) + nested("12", accepted);
        ByteBuf frame = unhex(nested("42", nested("0a", answer)));
        if (message == null) {
            assertThat(FrameChecker.SERVER.check(frame)).isEqualTo(ServerFrame.SUBMIT_ANSWER_FIELD_NUMBER);
        } else {
            assertThatThrownBy(() -> FrameChecker.SERVER.check(frame)).hasMessage(message);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80",
                "c3",
                "c080",
                "c1bf",
                "e08080",
                "eda080",
                "edbfbf",
                "f0808080",
                "f4908080",
                "f8888080",
                "e282"
            })
    void refusesTextThatIsNoUtf8(String text) {
        ByteBuf frame = unhex(nested("8201", nested("12", text)));
        assertThatThrownBy(() -> FrameChecker.SERVER.check(frame)).hasMessage("Error.message is no UTF-8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "\u0000", "\u007f\u0080\u07ff", "\u0800\ud7ff\ue000\uffff", "\ud800\udc00\udbff\udfff"})
    void takesAllOfUnicode(String text) {
        ServerFrame frame = ServerFrame.newBuilder()
                .setError(Error.newBuilder().setMessage(text))
                .build();
        assertThat(FrameChecker.SERVER.check(wrap(frame))).isEqualTo(ServerFrame.ERROR_FIELD_NUMBER);
    }

    @Test
    void doesNotMoveTheReader() {
        ByteBuf frame = unhex("ff 42 00");
        frame.readByte();
        FrameChecker.CLIENT.check(frame);
        assertThat(frame.readerIndex()).isEqualTo(1);
    }

    @Test
    void looksAtNothingOutsideTheFrame() {
        ByteBuf larger = unhex("42 02 08 80 01 01 01 01 01 01 01 01 01");
        assertThatThrownBy(() -> FrameChecker.CLIENT.check(larger.slice(0, 4))).hasMessage("a number is cut off");
    }

    private static Authenticate.Builder authenticate() {
        return Authenticate.newBuilder().setAccount(bytes(16)).setSignature(bytes(64));
    }

    private static Submit.Builder submit() {
        return Submit.newBuilder().setEnvelopeId(bytes(16)).addRecipients(recipient());
    }

    private static Recipient.Builder recipient() {
        return Recipient.newBuilder().setAccount(bytes(16)).addDevices(DeviceEnvelope.getDefaultInstance());
    }

    private static SignedDeviceList list(int contentBytes) {
        return SignedDeviceList.newBuilder()
                .setContent(bytes(contentBytes))
                .setSignature(bytes(64))
                .build();
    }

    private static ClientFrame frame(Authenticate body) {
        return ClientFrame.newBuilder().setAuthenticate(body).build();
    }

    private static ClientFrame frame(PutDeviceList body) {
        return ClientFrame.newBuilder().setPutDeviceList(body).build();
    }

    private static ClientFrame frame(Submit body) {
        return ClientFrame.newBuilder().setSubmit(body).build();
    }

    private static ByteString bytes(int count) {
        return ByteString.copyFrom(new byte[count]);
    }

    private static String body(int field, String hex) {
        return nested(HexFormat.of().toHexDigits((byte) (field << 3 | 2)), hex);
    }

    private static String nested(String tag, String hex) {
        String content = hex.replace(" ", "");
        ByteBuf length = Unpooled.buffer();
        Varint.write(length, content.length() / 2);
        return tag + ByteBufUtil.hexDump(length) + content;
    }

    private static int check(String hex) {
        return FrameChecker.CLIENT.check(unhex(hex));
    }

    private static void assertRefused(String hex, String message) {
        assertRefused(unhex(hex), message);
    }

    private static void assertRefused(ClientFrame frame, String message) {
        assertRefused(wrap(frame), message);
    }

    private static void assertRefused(ByteBuf frame, String message) {
        assertThatThrownBy(() -> FrameChecker.CLIENT.check(frame))
                .isInstanceOfSatisfying(
                        ProtocolException.class,
                        breach -> assertThat(breach.code()).isEqualTo(ErrorCode.MALFORMED))
                .hasMessage(message);
    }

    private static ByteBuf unhex(String hex) {
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private static ByteBuf wrap(MessageLite frame) {
        return Unpooled.wrappedBuffer(frame.toByteArray());
    }
}
