package dev.quintet.relay.net;

import static dev.quintet.protocol.wire.EnvelopeClass.HISTORY;
import static dev.quintet.protocol.wire.ErrorCode.DEVICE_REMOVED;
import static dev.quintet.protocol.wire.ErrorCode.ENVELOPE_TOO_LARGE;
import static dev.quintet.protocol.wire.ErrorCode.ID_CONFLICT;
import static dev.quintet.protocol.wire.ErrorCode.INVALID_SUBMISSION;
import static dev.quintet.protocol.wire.ErrorCode.MALFORMED;
import static dev.quintet.protocol.wire.ErrorCode.NOT_FOUND;
import static dev.quintet.protocol.wire.ErrorCode.RATE_LIMITED;
import static dev.quintet.relay.net.RawDevice.envelope;
import static dev.quintet.relay.net.RawDevice.frame;
import static dev.quintet.relay.net.RawDevice.submission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.wire.Accepted;
import dev.quintet.protocol.wire.Deliver;
import dev.quintet.protocol.wire.DeviceEnvelope;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.Mismatch;
import dev.quintet.protocol.wire.Recipient;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.Submit;
import dev.quintet.relay.server.RunningRelay;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A submission that is wrong stores nothing, says what is wrong, and leaves the connection open. */
@Timeout(30)
@Execution(ExecutionMode.CONCURRENT)
class BadSubmissionTest {
    private static RunningRelay relay;
    private static Witnesses witnesses;

    private RawDevice sender;
    private RawDevice primary;
    private RawDevice companion;

    /** The sender's account: devices 1, which sends, and 2. */
    private RawAccount own;

    /** The recipient account: devices 1 and 2, both connected. */
    private RawAccount recipient;

    @BeforeAll
    static void open() {
        relay = Door.EPOLL_BORING_SSL.open(Map.of());
        witnesses = new Witnesses(relay);
    }

    @BeforeEach
    void connect() {
        sender = RawDevice.connect(relay);
        own = sender.register();
        sender.putList(own, 2, 1, 2);
        primary = RawDevice.connect(relay);
        recipient = primary.register();
        primary.putList(recipient, 2, 1, 2);
        companion = RawDevice.connect(relay).login(recipient, 2);
    }

    @AfterEach
    void nobodyElseNotices() {
        sender.close();
        primary.close();
        companion.close();
        witnesses.areServed();
    }

    @AfterAll
    static void close() {
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () -> assertThat(relay.metric("quintet_connections")).isEqualTo(2));
        witnesses.close();
        relay.close();
    }

    /** The first thing that both devices of the recipient get is what is submitted now: nothing before was stored. */
    private void assertNothingWasStored() {
        Submit.Builder good = submission(recipient, 1, 2);
        assertThat(accepted(sender.ask(frame(good))).getFullDevicesCount()).isZero();
        for (RawDevice device : List.of(primary, companion)) {
            Deliver delivery = device.readDelivery();
            assertThat(delivery.getSequence()).isEqualTo(1);
            assertThat(delivery.getEnvelopeId()).isEqualTo(good.getEnvelopeId());
        }
    }

    private static Accepted accepted(ServerFrame answer) {
        assertThat(answer.hasSubmitAnswer()).as("%s", answer).isTrue();
        RecipientAnswer only = answer.getSubmitAnswer().getAnswers(0);
        assertThat(only.hasAccepted()).as("%s", answer).isTrue();
        return only.getAccepted();
    }

    /** Submissions that contradict themselves or a limit, changed from one that would be accepted. */
    enum Wrong {
        A_DEVICE_TWICE(INVALID_SUBMISSION, submit -> to(submit).addDevices(envelope(2, 10))),
        DEVICE_0(INVALID_SUBMISSION, submit -> to(submit).addDevices(envelope(0, 10))),
        A_DEVICE_OF_32_BITS(INVALID_SUBMISSION, submit -> to(submit).addDevices(envelope(-1, 10))),
        NO_CIPHERTEXT(
                INVALID_SUBMISSION, submit -> to(submit).getDevicesBuilder(1).clearCiphertext()),
        NO_CIPHERTEXT_AT_ALL(
                INVALID_SUBMISSION,
                submit -> to(submit).getDevicesBuilderList().forEach(DeviceEnvelope.Builder::clearCiphertext)),
        TWO_CIPHERTEXTS(INVALID_SUBMISSION, submit -> submit.setSharedCiphertext(ByteString.copyFromUtf8("x"))),
        AN_ACCOUNT_TWICE(INVALID_SUBMISSION, submit -> submit.addRecipients(submit.getRecipients(0))),
        A_CIPHERTEXT_ABOVE_THE_LIMIT(
                ENVELOPE_TOO_LARGE,
                submit -> to(submit).getDevicesBuilder(1).setCiphertext(ByteString.copyFrom(new byte[(64 << 10) + 1]))),
        A_SHARED_CIPHERTEXT_ABOVE_THE_LIMIT(ENVELOPE_TOO_LARGE, submit -> {
            to(submit).getDevicesBuilderList().forEach(DeviceEnvelope.Builder::clearCiphertext);
            submit.setSharedCiphertext(ByteString.copyFrom(new byte[(64 << 10) + 1]));
        }),
        HISTORY_FOR_ANOTHER_ACCOUNT(
                INVALID_SUBMISSION, submit -> to(submit.setClass_(HISTORY)).removeDevices(1));

        private final ErrorCode code;
        private final Consumer<Submit.Builder> change;

        Wrong(ErrorCode code, Consumer<Submit.Builder> change) {
            this.code = code;
            this.change = change;
        }

        private static Recipient.Builder to(Submit.Builder submit) {
            return submit.getRecipientsBuilder(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesASubmissionWith(Wrong wrong) {
        Submit.Builder submit = submission(recipient, 1, 2);
        wrong.change.accept(submit);
        ServerFrame answer = sender.ask(frame(submit));
        assertThat(answer.getError().getCode()).isEqualTo(wrong.code);
        assertThat(answer.getError().getClosing()).isFalse();
        assertNothingWasStored();
    }

    @Test
    void refusesTheSendingDeviceAmongTheRecipients() {
        ServerFrame answer = sender.ask(frame(submission(own, 1, 2)));
        assertThat(answer.getError().getCode()).isEqualTo(INVALID_SUBMISSION);
        assertThat(accepted(sender.ask(frame(submission(own, 2)))).getAcceptedAtMillis())
                .isPositive();
    }

    /** Submissions that break the grammar: no request at all, so the connection ends. */
    enum Broken {
        AN_ID_OF_15_BYTES(submit -> submit.setEnvelopeId(ByteString.copyFrom(new byte[15]))),
        NO_ID(Submit.Builder::clearEnvelopeId),
        NO_RECIPIENTS(Submit.Builder::clearRecipients),
        NO_DEVICES(submit -> submit.getRecipientsBuilder(0).clearDevices()),
        SIXTY_FIVE_DEVICES(submit -> {
            for (int device = 3; device <= 65; device++) {
                submit.getRecipientsBuilder(0).addDevices(envelope(device, 1));
            }
        }),
        TEN_THOUSAND_DEVICES(submit -> {
            for (int device = 3; device <= 10_000; device++) {
                submit.getRecipientsBuilder(0).addDevices(envelope(device, 1));
            }
        }),
        A_THOUSAND_AND_25_RECIPIENTS(submit -> {
            for (int account = 1; account < 1025; account++) {
                submit.addRecipients(submit.getRecipients(0));
            }
        });

        private final Consumer<Submit.Builder> change;

        Broken(Consumer<Submit.Builder> change) {
            this.change = change;
        }
    }

    @ParameterizedTest
    @EnumSource
    void endsAConnectionThatSubmits(Broken broken) {
        Submit.Builder submit = submission(recipient, 1, 2);
        broken.change.accept(submit);
        sender.send(frame(submit));
        assertThat(RawDevice.lastErrorOf(sender)).isEqualTo(MALFORMED);
        sender = RawDevice.connect(relay).login(own, 1);
        assertNothingWasStored();
    }

    @Test
    void saysWhichDevicesAreMissingExtraAndStale() {
        primary.putList(recipient, 3, 1, 2, 3);
        primary.putList(recipient, 4, 1, 3);
        Submit.Builder submit = submission(recipient, 1, 2);
        submit.getRecipientsBuilder(0).getDevicesBuilder(0).setRegistrationId(99);
        Mismatch mismatch =
                sender.ask(frame(submit)).getSubmitAnswer().getAnswers(0).getMismatch();
        assertThat(mismatch.getMissingList()).containsExactly(3);
        assertThat(mismatch.getExtraList()).containsExactly(2);
        assertThat(mismatch.getStaleList()).containsExactly(1);
        assertThat(mismatch.getDeviceList().getContent())
                .isEqualTo(recipient.list(4, 1, 3).getContent());
        Submit.Builder repeated = submission(recipient, 1, 3).setEnvelopeId(submit.getEnvelopeId());
        accepted(sender.ask(frame(repeated)));
        assertThat(primary.readDelivery().getSequence()).isEqualTo(1);
    }

    @Test
    void saysSixDevicesDoNotMatchFive() {
        Mismatch mismatch = sender.ask(frame(submission(recipient, 1, 2, 3, 4, 5, 6)))
                .getSubmitAnswer()
                .getAnswers(0)
                .getMismatch();
        assertThat(mismatch.getExtraList()).containsExactly(3, 4, 5, 6);
        assertNothingWasStored();
    }

    @Test
    void doesNotFindAnUnknownAccount() {
        Submit.Builder submit = submission(recipient, 1, 2);
        submit.getRecipientsBuilder(0).setAccount(ByteString.copyFrom(new byte[16]));
        ServerFrame answer = sender.ask(frame(submit));
        assertThat(answer.getSubmitAnswer().getAnswers(0).getError().getCode()).isEqualTo(NOT_FOUND);
        assertNothingWasStored();
    }

    @Test
    void answersARepetitionAsTheFirstTimeAndDeliversItOnce() {
        Submit.Builder submit = submission(recipient, 1, 2);
        Accepted first = accepted(sender.ask(frame(submit)));
        assertThat(accepted(sender.ask(frame(submit)))).isEqualTo(first);
        accepted(sender.ask(frame(submission(recipient, 1, 2))));
        assertThat(primary.readDelivery().getSequence()).isEqualTo(1);
        Deliver second = primary.readDelivery();
        assertThat(second.getSequence()).isEqualTo(2);
        assertThat(second.getEnvelopeId()).isNotEqualTo(submit.getEnvelopeId());
    }

    @Test
    void takesASubmissionOverWhoseAnswerTheConnectionWasCut() {
        Submit.Builder submit = submission(recipient, 1, 2);
        sender.send(frame(submit));
        sender.close();
        sender = RawDevice.connect(relay).login(own, 1);
        accepted(sender.ask(frame(submit)));
        accepted(sender.ask(frame(submission(recipient, 1, 2))));
        assertThat(primary.readDelivery().getEnvelopeId()).isEqualTo(submit.getEnvelopeId());
        assertThat(primary.readDelivery().getEnvelopeId()).isNotEqualTo(submit.getEnvelopeId());
    }

    @Test
    void refusesAnIdThatWasUsedWithOtherContent() {
        Submit.Builder submit = submission(recipient, 1, 2);
        accepted(sender.ask(frame(submit)));
        submit.getRecipientsBuilder(0).getDevicesBuilder(0).setCiphertext(ByteString.copyFromUtf8("other"));
        ServerFrame answer = sender.ask(frame(submit));
        assertThat(answer.getSubmitAnswer().getAnswers(0).getError().getCode()).isEqualTo(ID_CONFLICT);
    }

    @Test
    void namesTheSenderAsItIsLoggedInWhateverTheFrameSays() {
        byte[] submit = frame(submission(recipient, 1, 2)).build().toByteArray();
        // A field "from account" as Deliver has it, which Submit does not know.
        byte[] forged = ByteString.copyFrom(submit)
                .concat(ByteString.copyFrom(new byte[] {(byte) 0xaa, 0x02, 1, 7}))
                .toByteArray();
        sender.send(RawDevice.framed(forged));
        Deliver delivery = primary.readDelivery();
        assertThat(delivery.getFromAccount()).isEqualTo(own.id().toByteString());
        assertThat(delivery.getFromDevice()).isEqualTo(1);
    }

    @Test
    void passesOnAClassItDoesNotKnowIfItIsSmall() {
        accepted(sender.ask(frame(submission(recipient, 1, 2).setClass_Value(77))));
        assertThat(primary.readDelivery().getClass_Value()).isEqualTo(77);
        for (int value : new int[] {256, -1, Integer.MIN_VALUE}) {
            ServerFrame answer = sender.ask(frame(submission(recipient, 1, 2).setClass_Value(value)));
            assertThat(answer.getError().getCode()).isEqualTo(INVALID_SUBMISSION);
        }
    }

    @Test
    void takesNothingFromADeviceOnceItsRemovalIsDecided() {
        RawDevice removed = RawDevice.connect(relay).login(own, 2);
        sender.putList(own, 3, 1);
        removed.send(frame(submission(recipient, 1, 2)));
        assertThat(RawDevice.lastErrorOf(removed)).isEqualTo(DEVICE_REMOVED);
        removed.close();
        assertNothingWasStored();
    }

    @Test
    void slowsDownWhoSubmitsTooMuchAndEndsWhoDoesNotListen() {
        try (RunningRelay strict = Door.EPOLL_PLAIN.open(
                        Map.of("connection.submissions-per-second", 1, "connection.submissions-burst", 5));
                RawDevice hasty = RawDevice.connect(strict);
                RawDevice other = RawDevice.connect(strict)) {
            hasty.register();
            RawAccount to = other.register();
            for (int count = 0; count < 5; count++) {
                accepted(hasty.ask(frame(submission(to, 1))));
            }
            var slowDown = hasty.ask(frame(submission(to, 1))).getError();
            assertThat(slowDown.getCode()).isEqualTo(RATE_LIMITED);
            assertThat(slowDown.getRetryAfterMillis()).isPositive();
            assertThat(slowDown.getClosing()).isFalse();
            for (int count = 0; count < 15; count++) {
                hasty.send(frame(submission(to, 1)));
            }
            var last = hasty.read(answer -> answer.getError().getClosing());
            assertThat(last.getError().getCode()).isEqualTo(RATE_LIMITED);
            assertThat(hasty.read()).isNull();
        }
    }
}
