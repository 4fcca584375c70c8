package dev.quintet.relay.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.quintet.relay.server.RunningRelay;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who does not speak TLS properly gets no word of ours, and nobody else notices. */
@Timeout(30)
@Execution(ExecutionMode.CONCURRENT)
class BadBytesTest {
    private static RunningRelay relay;
    private static RunningRelay patient;
    private static Witnesses witnesses;

    @BeforeAll
    static void open() {
        patient = Door.EPOLL_BORING_SSL.open(Map.of());
        relay = Door.EPOLL_BORING_SSL.open(Map.of("connection.timeouts.tls", "1 s"));
        witnesses = Witnesses.atImpatient(relay);
    }

    @AfterEach
    void nobodyElseNotices() {
        witnesses.areServed();
    }

    @AfterAll
    static void close() {
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(relay.metric("quintet_sockets")).isEqualTo(2));
        witnesses.close();
        relay.close();
        patient.close();
    }

    /** What is no TLS, but is all that the peer sends. */
    enum NoTls {
        NOTHING(""),
        AN_HTTP_REQUEST(HexFormat.of()
                .formatHex("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII))),
        OUR_FRAMES_IN_CLEAR(HexFormat.of().formatHex(RawDevice.bytes(RawDevice.ping(1)))),
        RANDOM_BYTES(random(64 << 10)),
        A_HANDSHAKE_OF_16_MEGABYTES("160303000401ffffff"),
        AN_SSL_2_HELLO("802e0100020015000000100700c0030080010080060040040080020080000005"),
        A_RECORD_THAT_NEVER_ENDS("1603014000");

        private final byte[] bytes;

        NoTls(String hex) {
            bytes = HexFormat.of().parseHex(hex);
        }

        private static String random(int count) {
            byte[] bytes = new byte[count];
            new Random(1).nextBytes(bytes);
            return HexFormat.of().formatHex(bytes);
        }
    }

    @ParameterizedTest
    @EnumSource
    void closesWhatIsNoTlsWithoutAWord(NoTls input) throws IOException {
        try (Socket socket = RawDevice.tcp(relay)) {
            sendAll(socket, input.bytes);
            long start = System.nanoTime();
            assertThat(readAll(socket)).as("at most a TLS alert").hasSizeLessThan(16);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
        }
    }

    @Test
    void givesTheWholeTlsHandshakeOneDeadlineNotEachByte() throws IOException, InterruptedException {
        try (Socket socket = RawDevice.tcp(relay)) {
            byte[] hello = HexFormat.of().parseHex("1603010200010001fc0303");
            long start = System.nanoTime();
            for (int index = 0; index < hello.length && !socket.isClosed(); index++) {
                sendAll(socket, new byte[] {hello[index]});
                Thread.sleep(300);
            }
            readAll(socket);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL_BORING_SSL", "NIO_JDK_TLS"})
    void refusesAnOldTls(Door door) throws IOException {
        // The JDK does not even offer these any more, so the hello is made by hand: TLS 1.1 at most.
        byte[] hello = HexFormat.of()
                .parseHex("160301002f0100002b0302" + "00".repeat(32) + "00" + "0004c0130035" + "0100" + "0000");
        try (RunningRelay own = door.open(Map.of());
                Socket socket = RawDevice.tcp(own)) {
            sendAll(socket, hello);
            byte[] answer = readAll(socket);
            assertThat(answer).startsWith(21).endsWith(2, 70);
        }
    }

    @Test
    void speaksTls12And13() throws IOException {
        for (String version : new String[] {"TLSv1.2", "TLSv1.3"}) {
            try (Socket socket = RawDevice.tls(RawDevice.tcp(patient), version)) {
                assertThat(((SSLSocket) socket).getSession().getProtocol()).isEqualTo(version);
                assertThat(socket.getInputStream().read()).isPositive();
            }
        }
    }

    @Test
    void refusesARenegotiation() throws IOException {
        try (SSLSocket socket = (SSLSocket) RawDevice.tls(RawDevice.tcp(patient), "TLSv1.2")) {
            assertThatThrownBy(() -> {
                        socket.startHandshake();
                        readAll(socket);
                        throw new SSLException("closed in order");
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void freesASocketThatHalfClosesAfterItsHelloAndIsReset() throws IOException {
        for (int round = 0; round < 20; round++) {
            try (Socket socket = RawDevice.tcp(relay)) {
                sendAll(socket, HexFormat.of().parseHex("1603010200010001fc0303"));
                socket.shutdownOutput();
                socket.setSoLinger(true, 0);
            }
        }
    }

    private static void sendAll(Socket socket, byte[] bytes) throws IOException {
        try {
            socket.getOutputStream().write(bytes);
        } catch (SocketException closed) {
            // That is what the test waits for.
        }
    }

    private static byte[] readAll(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            for (int next = in.read(); next >= 0; next = in.read()) {
                all.write(next);
            }
        } catch (SocketException reset) {
            // An end, too.
        }
        return all.toByteArray();
    }
}
