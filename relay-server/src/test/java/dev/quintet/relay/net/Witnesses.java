package dev.quintet.relay.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.wire.Deliver;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.Submit;
import dev.quintet.relay.server.RunningRelay;
import java.io.UncheckedIOException;

/** Two devices who have nothing to do with what a test does to the relay, and must not notice it. */
final class Witnesses implements AutoCloseable {
    private final RawDevice sender;
    private final RawDevice recipient;
    private final RawAccount account;
    private long sequence;

    Witnesses(RunningRelay relay) {
        sender = RawDevice.connect(relay);
        sender.register();
        recipient = RawDevice.connect(relay);
        account = recipient.register();
    }

    /** At a relay whose deadlines are short, on a machine that may be busy. */
    static Witnesses atImpatient(RunningRelay relay) {
        for (int tries = 1; ; tries++) {
            try {
                return new Witnesses(relay);
            } catch (AssertionError | UncheckedIOException late) {
                if (tries == 10) {
                    throw late;
                }
            }
        }
    }

    /** One sends to the other, who acknowledges; every envelope so far has come, once and in order. */
    synchronized void areServed() {
        Submit.Builder submission = RawDevice.submission(account, 1);
        ByteString id = submission.getEnvelopeId();
        ServerFrame answer = sender.ask(RawDevice.frame(submission));
        assertThat(answer.getSubmitAnswer().getAnswers(0).hasAccepted()).isTrue();
        Deliver delivery = recipient.readDelivery();
        assertThat(delivery.getSequence()).isEqualTo(++sequence);
        assertThat(delivery.getPrevious()).isEqualTo(sequence - 1);
        assertThat(delivery.getEnvelopeId()).isEqualTo(id);
        ServerFrame acknowledged = recipient.ask(RawDevice.acknowledgement(sequence));
        assertThat(acknowledged.getAcknowledged().getSequence()).isEqualTo(sequence);
    }

    @Override
    public void close() {
        sender.close();
        recipient.close();
    }
}
