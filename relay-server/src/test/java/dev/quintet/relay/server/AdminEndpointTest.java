package dev.quintet.relay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(20)
class AdminEndpointTest {
    private static final int CONNECTIONS = 4;

    private volatile String reasonNotReady;

    private final AdminEndpoint endpoint = new AdminEndpoint(
            new RelayConfig.Admin("127.0.0.1", 0, CONNECTIONS, 1024, 1000),
            () -> "quintet_up 1\n",
            () -> reasonNotReady);

    @AfterEach
    void close() {
        endpoint.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GET /metrics            | 200 OK                 | quintet_up 1",
                "GET /metrics?name[]=x   | 200 OK                 | quintet_up 1",
                "GET /health/live        | 200 OK                 | {\"status\":\"live\"}",
                "GET /health/ready       | 200 OK                 | {\"status\":\"ready\"}",
                "GET /                   | 404 Not Found          | {\"error\":\"not found\"}",
                "GET /metrics/../secret  | 404 Not Found          | {\"error\":\"not found\"}",
                "POST /metrics           | 405 Method Not Allowed | {\"error\":\"only GET\"}",
                "DELETE /health/live     | 405 Method Not Allowed | {\"error\":\"only GET\"}",
            })
    void answers(String request, String status, String body) throws IOException {
        String answer = exchange(request + " HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 " + status + "\r\n").endsWith("\r\n\r\n" + body + "\n");
        assertThat(answer).containsIgnoringCase("content-length: " + (body.length() + 1));
    }

    @Test
    void answersHeadWithoutABody() throws IOException {
        assertThat(exchange("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n"))
                .containsIgnoringCase("content-length: 13")
                .endsWith("\r\n\r\n");
    }

    @Test
    void saysWhyTheRelayIsNotReady() throws IOException {
        reasonNotReady = "the disk is \"full\"";
        assertThat(exchange("GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n"))
                .startsWith("HTTP/1.1 503 Service Unavailable\r\n")
                .endsWith("{\"status\":\"not ready\",\"reason\":\"the disk is \\\"full\\\"\"}\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "no HTTP at all%%                                   | 400 Bad Request",
                "GET /metrics HTTP/1.1%Host: x%a: LONG%%            | 400 Bad Request",
                "GET /LONG HTTP/1.1%Host: x%%                       | 400 Bad Request",
                "POST /metrics HTTP/1.1%Host: x%Content-Length: 999999%% | 413 Request Entity Too Large",
            })
    void refusesWhatIsNoSmallRequest(String request, String status) throws IOException {
        assertThat(exchange(request.replace("%", "\r\n").replace("LONG", "x".repeat(4000))))
                .startsWith("HTTP/1.1 " + status + "\r\n");
    }

    @Test
    void closesAConnectionThatAsksNothing() throws IOException {
        long start = System.nanoTime();
        assertThat(exchange("GET /met")).isEmpty();
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isBetween(900L, 10_000L);
    }

    @Test
    void closesOneConnectionTooManyAndServesAgainWhenOthersAreGone() throws IOException {
        List<Socket> open = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            open.add(connect());
        }
        try (Socket tooMany = connect()) {
            assertThat(tooMany.getInputStream().read()).isEqualTo(-1);
        }
        for (Socket socket : open) {
            socket.close();
        }
        String answer = "";
        while (answer.isEmpty()) {
            answer = exchange("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
        }
        assertThat(answer).startsWith("HTTP/1.1 200 OK");
    }

    @Test
    void refusesToStartOnAPortThatIsTaken() {
        int taken = endpoint.address().getPort();
        assertThatThrownBy(() -> new AdminEndpoint(
                        new RelayConfig.Admin("127.0.0.1", taken, 1, 1024, 1000), () -> "", () -> null))
                .isInstanceOf(StartRefused.class)
                .hasMessageStartingWith("cannot listen on admin address 127.0.0.1:" + taken);
    }

    /** Sends {@code request} and reads until the endpoint closes; empty also if it resets the connection. */
    private String exchange(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (java.net.SocketException reset) {
            return "";
        }
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), endpoint.address().getPort());
    }
}
