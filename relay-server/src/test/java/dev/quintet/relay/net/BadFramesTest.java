package dev.quintet.relay.net;

import static dev.quintet.protocol.wire.ErrorCode.FRAME_TOO_LARGE;
import static dev.quintet.protocol.wire.ErrorCode.LOGIN_TIMEOUT;
import static dev.quintet.protocol.wire.ErrorCode.MALFORMED;
import static dev.quintet.protocol.wire.ErrorCode.RATE_LIMITED;
import static dev.quintet.protocol.wire.ErrorCode.UNKNOWN_FRAME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.server.RunningRelay;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is no frame of this protocol is answered once and ends its connection; what is new is let be. */
@Timeout(30)
@Execution(ExecutionMode.CONCURRENT)
class BadFramesTest {
    private static RunningRelay relay;
    private static Witnesses witnesses;

    @BeforeAll
    static void open() {
        relay = Door.EPOLL_BORING_SSL.open(Map.of());
        witnesses = new Witnesses(relay);
    }

    @AfterEach
    void nobodyElseNotices() {
        witnesses.areServed();
    }

    @AfterAll
    static void close() {
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            assertThat(relay.metric("quintet_sockets")).isEqualTo(2);
            assertThat(relay.metric("quintet_connections")).isEqualTo(2);
        });
        witnesses.close();
        relay.close();
    }

    /** Bytes that end a connection, with the error they get. */
    enum Broken {
        A_FRAME_OF_LENGTH_0("00", MALFORMED),
        A_LENGTH_OF_MORE_THAN_5_BYTES("ffffffffff01", MALFORMED),
        A_LENGTH_OF_4_GIGABYTES("ffffffff0f", FRAME_TOO_LARGE),
        A_LENGTH_JUST_ABOVE_THE_LIMIT("818040", FRAME_TOO_LARGE),
        A_NUMBER_THAT_IS_CUT_OFF(framed("0880"), MALFORMED),
        A_NUMBER_OF_11_BYTES(framed("08ffffffffffffffffffff01" + "4200"), MALFORMED),
        A_NUMBER_OF_65_BITS(framed("08ffffffffffffffffff02" + "4200"), MALFORMED),
        A_FIELD_LONGER_THAN_ITS_FRAME(framed("420308"), MALFORMED),
        A_FIELD_OF_4_GIGABYTES(framed("42ffffffff0f"), MALFORMED),
        A_REQUEST_ID_TWICE(framed("080108024200"), MALFORMED),
        A_BODY_TWICE(framed("42004200"), MALFORMED),
        TWO_BODIES(framed("42003a00"), MALFORMED),
        A_REQUEST_ID_THAT_IS_BYTES(framed("0a00"), MALFORMED),
        A_BODY_THAT_IS_A_NUMBER(framed("4001"), MALFORMED),
        A_FIELD_NUMBER_0(framed("0200"), MALFORMED),
        A_WIRE_TYPE_7(framed("0f"), MALFORMED),
        GROUPS_A_THOUSAND_DEEP(framed("fb01".repeat(1000)), MALFORMED),
        AN_ACCOUNT_OF_15_BYTES(framed("2a110a0f" + "00".repeat(15)), MALFORMED),
        AN_ACCOUNT_THAT_IS_MISSING(framed("2a00"), MALFORMED),
        A_DEVICE_OF_33_BITS(framed("1206" + "188080808010"), MALFORMED),
        A_SIGNATURE_OF_15_KIBIBYTES(framed("1283782280" + "78" + "00".repeat(15 << 10)), MALFORMED),
        A_LIST_OF_8193_BYTES(framed("2287400a84400a8140" + "00".repeat(8193)), MALFORMED),
        A_HUNDRED_THOUSAND_RECIPIENTS(framed("32c09a0c" + "1200".repeat(100_000)), MALFORMED),
        COMPRESSED_BYTES(framed("1f8b0800000000000003e362600000"), MALFORMED);

        private final byte[] bytes;
        private final ErrorCode code;

        Broken(String hex, ErrorCode code) {
            this.bytes = HexFormat.of().parseHex(hex);
            this.code = code;
        }

        private static String framed(String hex) {
            return HexFormat.of().formatHex(RawDevice.framed(HexFormat.of().parseHex(hex)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void endsAConnectionThatSends(Broken input) {
        try (RawDevice device = RawDevice.connect(relay)) {
            device.register();
            device.send(input.bytes);
            assertThat(RawDevice.lastErrorOf(device)).isEqualTo(input.code);
        }
    }

    @ParameterizedTest
    @EnumSource
    void endsAHandshakeThatSends(Broken input) {
        try (RawDevice device = RawDevice.connect(relay)) {
            device.send(input.bytes);
            boolean isTooLarge = input.bytes.length > 16 << 10;
            assertThat(RawDevice.lastErrorOf(device)).isEqualTo(isTooLarge ? FRAME_TOO_LARGE : input.code);
        }
    }

    @Test
    void takesALongFrameOnlyAfterLogin() {
        byte[] pingBesideMuchThatIsUnknown =
                RawDevice.framed(HexFormat.of().parseHex("0805" + "42020807" + "fa01808002" + "00".repeat(1 << 15)));
        try (RawDevice device = RawDevice.connect(relay)) {
            device.register();
            device.send(pingBesideMuchThatIsUnknown);
            assertThat(device.read().getPong().getToken()).isEqualTo(7);
        }
        try (RawDevice device = RawDevice.connect(relay)) {
            device.send(pingBesideMuchThatIsUnknown);
            assertThat(RawDevice.lastErrorOf(device)).isEqualTo(FRAME_TOO_LARGE);
        }
    }

    @Test
    void closesWithoutAWordWhenAFrameDoesNotEnd() {
        try (RunningRelay strict = Door.EPOLL_BORING_SSL.open(Map.of("connection.timeouts.frame", "1 s"));
                RawDevice device = RawDevice.connect(strict)) {
            device.register();
            device.send(HexFormat.of().parseHex("808040" + "32"));
            assertThat(device.read()).isNull();
        }
    }

    @Test
    void countsAFrameThatDoesNotEndAgainstTheLogin() {
        try (RunningRelay strict = Door.EPOLL_BORING_SSL.open(Map.of("connection.timeouts.login", "2 s"));
                RawDevice device = RawDevice.connect(strict)) {
            device.send(HexFormat.of().parseHex("808001" + "12"));
            assertThat(RawDevice.lastErrorOf(device)).isEqualTo(LOGIN_TIMEOUT);
        }
    }

    @Test
    void closesWithoutAWordWhenTheDeviceEndsInsideAFrame() throws IOException {
        try (RawDevice device = RawDevice.connect(relay)) {
            device.register();
            device.send(HexFormat.of().parseHex("8001" + "42"));
            device.socket().shutdownOutput();
            assertThat(device.read()).isNull();
        }
    }

    @Test
    void answersAThousandFramesOfOneSegmentInOrder() {
        ByteArrayOutputStream segment = new ByteArrayOutputStream();
        IntStream.range(0, 1000).forEach(token -> segment.writeBytes(RawDevice.bytes(RawDevice.ping(token))));
        try (RawDevice device = RawDevice.connect(relay)) {
            device.register();
            device.send(segment.toByteArray());
            for (int token = 0; token < 1000; token++) {
                assertThat(device.read(ServerFrame::hasPong).getPong().getToken())
                        .isEqualTo(token);
            }
        }
    }

    @Test
    void understandsALoginThatComesByteByByte() {
        try (RawDevice device = RawDevice.connect(relay)) {
            RawAccount account = device.register();
            try (RawDevice slow = RawDevice.connect(relay)) {
                byte[] login =
                        RawDevice.bytes(ClientFrame.newBuilder().setAuthenticate(slow.authentication(account, 1)));
                for (byte one : login) {
                    slow.send(new byte[] {one});
                }
                assertThat(slow.read().hasWelcome()).isTrue();
            }
        }
    }

    /** Frames that this relay does not know, or knows only in part. */
    enum New {
        AN_UNKNOWN_BODY("0805" + "fa0100"),
        NO_BODY("0805");

        private final byte[] bytes;

        New(String hex) {
            bytes = RawDevice.framed(HexFormat.of().parseHex(hex));
        }
    }

    @ParameterizedTest
    @EnumSource
    void saysThatItDoesNotKnowAFrameAndStays(New input) {
        try (RawDevice device = RawDevice.connect(relay)) {
            device.register();
            device.send(input.bytes);
            ServerFrame answer = device.read();
            assertThat(answer.getRequestId()).isEqualTo(5);
            assertThat(answer.getError().getCode()).isEqualTo(UNKNOWN_FRAME);
            assertThat(answer.getError().getClosing()).isFalse();
            assertThat(device.isAlive()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void endsAHandshakeWithAFrameItDoesNotKnow(New input) {
        try (RawDevice device = RawDevice.connect(relay)) {
            device.send(input.bytes);
            assertThat(RawDevice.lastErrorOf(device)).isEqualTo(UNKNOWN_FRAME);
        }
    }

    @Test
    void ignoresUnknownFieldsBesideThoseItKnows() {
        try (RawDevice device = RawDevice.connect(relay)) {
            device.register();
            device.send(RawDevice.framed(HexFormat.of().parseHex("0805" + "f80101" + "42050807f20100")));
            ServerFrame answer = device.read();
            assertThat(answer.getRequestId()).isEqualTo(5);
            assertThat(answer.getPong().getToken()).isEqualTo(7);
        }
    }

    @Test
    void slowsDownAFloodAndEndsItIfThatIsIgnored() {
        try (RunningRelay strict = Door.EPOLL_PLAIN.open(
                        Map.of("connection.frames-per-second", 10, "connection.frames-burst", 20));
                RawDevice device = RawDevice.connect(strict)) {
            device.register();
            for (int frame = 0; frame < 25; frame++) {
                device.send(RawDevice.ping(frame));
            }
            var slowDown = device.readError();
            assertThat(slowDown.getCode()).isEqualTo(RATE_LIMITED);
            assertThat(slowDown.getRetryAfterMillis()).isBetween(1, 1000);
            assertThat(slowDown.getClosing()).isFalse();
            for (int frame = 0; frame < 60; frame++) {
                device.send(RawDevice.framed(new byte[] {8, 1}));
            }
            var last = device.read(frame -> frame.hasError() && frame.getError().getClosing());
            assertThat(last.getError().getCode()).isEqualTo(RATE_LIMITED);
            assertThat(device.read()).isNull();
        }
    }

    /** A frame that is refused for its rate is looked at all the same before anything is read out of it. */
    @Test
    void survivesBrokenFramesInAFlood() {
        try (RunningRelay strict = Door.EPOLL_PLAIN.open(
                        Map.of("connection.frames-per-second", 1, "connection.frames-burst", 10));
                RawDevice device = RawDevice.connect(strict)) {
            device.register();
            for (int frame = 0; frame < 15; frame++) {
                device.send(RawDevice.ping(frame));
            }
            device.send(RawDevice.framed(HexFormat.of().parseHex("0a00")));
            var last = device.read(frame -> frame.hasError() && frame.getError().getClosing());
            assertThat(last.getError().getCode()).isEqualTo(MALFORMED);
            assertThat(strict.failures()).isEmpty();
        }
    }
}
