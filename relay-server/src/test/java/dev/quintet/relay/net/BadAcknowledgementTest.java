package dev.quintet.relay.net;

import static dev.quintet.protocol.wire.ErrorCode.INVALID_ACKNOWLEDGEMENT;
import static dev.quintet.protocol.wire.ErrorCode.TOO_SLOW;
import static dev.quintet.relay.net.RawDevice.acknowledgement;
import static dev.quintet.relay.net.RawDevice.frame;
import static dev.quintet.relay.net.RawDevice.submission;
import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.server.RunningRelay;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A device that acknowledges what it cannot have, acknowledges nothing, or does not read, harms itself only. */
@Timeout(60)
@Execution(ExecutionMode.CONCURRENT)
class BadAcknowledgementTest {
    private static final int WINDOW = 20;

    private static RunningRelay relay;
    private static RunningRelay impatient;

    private RawDevice sender;
    private RawDevice device;
    private RawAccount account;

    @BeforeAll
    static void open() {
        relay = Door.EPOLL_BORING_SSL.open(Map.of());
        impatient = Door.EPOLL_BORING_SSL.open(Map.of(
                "mailbox.window-envelopes", WINDOW,
                "connection.timeouts.window", "3 s",
                "connection.timeouts.ping", "2 s"));
    }

    @BeforeEach
    void connect() {
        connect(relay);
    }

    private void connect(RunningRelay to) {
        sender = RawDevice.connect(to);
        sender.register();
        device = RawDevice.connect(to);
        account = device.register();
    }

    @AfterEach
    void disconnect() {
        sender.close();
        device.close();
    }

    @AfterAll
    static void close() {
        relay.close();
        impatient.close();
    }

    private void deliver(int count) {
        for (int envelope = 0; envelope < count; envelope++) {
            sender.send(frame(submission(account, 1)));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {2, Long.MAX_VALUE, Long.MIN_VALUE, -1})
    void refusesASequenceThatWasNotDelivered(long sequence) {
        deliver(1);
        device.readDelivery();
        ServerFrame answer = device.ask(acknowledgement(sequence));
        assertThat(answer.getError().getCode()).isEqualTo(INVALID_ACKNOWLEDGEMENT);
        assertThat(answer.getError().getClosing()).isFalse();
        assertThat(device.ask(acknowledgement(1)).getAcknowledged().getSequence())
                .isEqualTo(1);
    }

    @Test
    void endsAConnectionThatDoesSoThreeTimes() {
        for (int time = 0; time < 3; time++) {
            device.send(acknowledgement(5));
        }
        device.readError();
        device.readError();
        assertThat(RawDevice.lastErrorOf(device)).isEqualTo(INVALID_ACKNOWLEDGEMENT);
    }

    @Test
    void answersAnOldSequenceWithoutEffect() {
        deliver(3);
        device.read(frame -> frame.getDeliver().getSequence() == 3);
        assertThat(device.ask(acknowledgement(2)).getAcknowledged().getSequence())
                .isEqualTo(2);
        for (long old : new long[] {2, 1, 0}) {
            assertThat(device.ask(acknowledgement(old)).hasAcknowledged()).isTrue();
        }
        device.close();
        device = RawDevice.connect(relay).login(account, 1);
        assertThat(device.readDelivery().getSequence()).isEqualTo(3);
    }

    @Test
    void answersAFloodOfAcknowledgementsWithFew() {
        deliver(10);
        device.read(frame -> frame.getDeliver().getSequence() == 10);
        ByteArrayOutputStream flood = new ByteArrayOutputStream();
        for (int request = 1; request <= 1000; request++) {
            flood.writeBytes(RawDevice.bytes(acknowledgement(request / 100).setRequestId(request)));
        }
        device.send(flood.toByteArray());
        int answers = 0;
        ServerFrame answer;
        do {
            answer = device.read(ServerFrame::hasAcknowledged);
            answers++;
        } while (answer.getRequestId() < 1000);
        assertThat(answers).isLessThan(100);
    }

    @Test
    void redeliversWhatWasNotAcknowledgedEachTimeInOrder() {
        deliver(5);
        for (int round = 0; round < 30; round++) {
            device.close();
            device = RawDevice.connect(relay).login(account, 1);
            for (int sequence = 1; sequence <= 1 + round % 5; sequence++) {
                assertThat(device.readDelivery().getSequence()).isEqualTo(sequence);
            }
        }
    }

    @Test
    void deliversOneWindowToADeviceThatNeverAcknowledgesAndThenCutsIt() {
        disconnect();
        connect(impatient);
        deliver(WINDOW + 10);
        for (int sequence = 1; sequence <= WINDOW; sequence++) {
            assertThat(device.readDelivery().getSequence()).isEqualTo(sequence);
        }
        ServerFrame next = device.read(frame -> !frame.hasPing());
        assertThat(next.getError().getCode()).isEqualTo(TOO_SLOW);
        assertThat(device.read()).isNull();
    }

    @Test
    void awaitsNoAcknowledgementOfAnEphemeralEnvelope() {
        disconnect();
        connect(impatient);
        sender.send(frame(submission(account, 1).setEphemeral(true)));
        assertThat(device.readDelivery().getSequence()).isZero();
        for (int second = 0; second < 3; second++) {
            device.read(ServerFrame::hasPing);
            device.send(RawDevice.ping(1));
        }
        assertThat(device.isAlive()).isTrue();
    }

    @Test
    void cutsADeviceThatIsSilent() {
        disconnect();
        connect(impatient);
        ServerFrame last = device.read();
        while (last != null && last.hasPing()) {
            last = device.read();
        }
        assertThat(last).isNull();
    }
}
