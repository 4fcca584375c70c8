package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.client.ClientTransport;
import dev.quintet.client.DeviceOptions;
import dev.quintet.client.Registration;
import dev.quintet.protocol.wire.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packaged relay where Netty's native libraries do not load: it serves all the same, and says over what. */
@Timeout(120)
class NoNativeTransportTest {
    @TempDir
    private Path folder;

    @Test
    void servesOverNioWithOneLineInTheLogByDefault() throws Exception {
        assertThat(warningsOf("-Dio.netty.transport.noNative=true"))
                .singleElement()
                .asString()
                .contains("listen.transport = epoll does not work here, trying nio");
    }

    @Test
    void servesOverNioWithTwoLinesIfIoUringWasAskedFor() throws Exception {
        assertThat(warningsOf("-Dio.netty.transport.noNative=true", "--transport", "io-uring"))
                .hasSize(2)
                .first()
                .asString()
                .contains("listen.transport = io-uring does not work here, trying epoll");
    }

    /** The negative control: where they load, nothing is said. */
    @Test
    void saysNothingWhereTheyLoad() throws Exception {
        assertThat(warningsOf("-Dio.netty.transport.noNative=false")).isEmpty();
    }

    private List<String> warningsOf(String javaOption, String... options) throws Exception {
        List<String> javaOptions = new ArrayList<>(RelayProcess.SHORT_LIFE);
        javaOptions.add(javaOption);
        List<String> relayOptions = new ArrayList<>(List.of("--plain"));
        relayOptions.addAll(List.of(options));
        try (RelayProcess relay = new RelayProcess(folder, javaOptions, relayOptions);
                ClientTransport transport = new ClientTransport()) {
            relay.start();
            Fleet.join(Registration.register(transport, relay.address(), Platform.LINUX, DeviceOptions.DEFAULTS));
        }
        return Files.readAllLines(folder.resolve("relay.log")).stream()
                .filter(line -> line.contains("listen.transport"))
                .toList();
    }
}
