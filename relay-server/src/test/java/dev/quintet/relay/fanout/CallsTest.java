package dev.quintet.relay.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.wire.CallClaim;
import dev.quintet.protocol.wire.CallClaimed;
import dev.quintet.protocol.wire.EnvelopeClass;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.protocol.wire.Submit;
import dev.quintet.relay.rooms.FakeSender;
import dev.quintet.relay.rooms.FakeSubscriber;
import dev.quintet.relay.rooms.Rooms;
import dev.quintet.relay.rooms.TestAccount;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CallsTest {
    private static final int[] ALL = {1, 2, 3, 4, 5};
    private static final EnvelopeId RINGS = Rooms.envelopeId(1, 7);

    private final Rooms rooms = new Rooms();
    private final TestAccount alice = rooms.account(1, 2);
    private final TestAccount bob = rooms.account(2, 5);
    private final FakeSender caller = new FakeSender(alice, 2);
    private final FakeSubscriber callersConnection = rooms.connect(alice, 2);
    private final List<FakeSubscriber> devices = new ArrayList<>();

    @AfterEach
    void close() {
        rooms.close();
    }

    private void connectBob() {
        for (int device : ALL) {
            devices.add(rooms.connect(bob, device));
        }
    }

    private static Submit.Builder offer(TestAccount to, EnvelopeId id, int... numbers) {
        return Rooms.submission(to, id, 50, numbers)
                .setClass_(EnvelopeClass.CALL)
                .setCallOffer(true);
    }

    private RecipientAnswer submit(FakeSender sender, Submit.Builder submission) {
        return sender.answer(rooms.submit(sender, submission));
    }

    private static CallClaim.Builder call(TestAccount from, int device, EnvelopeId id) {
        return CallClaim.newBuilder()
                .setEnvelopeId(id.toByteString())
                .setFromAccount(from.id().toByteString())
                .setFromDevice(device);
    }

    private CallClaimed claim(int device) {
        return rooms.claim(
                bob, device, devices.get(device - 1), call(alice, 2, RINGS).build());
    }

    @Test
    void givesTheCallToTheFirstDeviceThatClaimsItAndTellsEverybodyElse() {
        connectBob();
        assertThat(submit(caller, offer(bob, RINGS, ALL)).getAccepted().getNobodyConnected())
                .isFalse();

        CallClaimed answer = claim(4);

        assertThat(answer.getDevice()).isEqualTo(4);
        assertThat(answer.getAccount()).isEqualTo(bob.id().toByteString());
        assertThat(answer.getFromAccount()).isEqualTo(alice.id().toByteString());
        assertThat(answer.getFromDevice()).isEqualTo(2);
        for (int device : ALL) {
            List<String> events = devices.get(device - 1).events();
            assertThat(events).contains("deliver 0");
            assertThat(events.contains("call claimed by 4")).isEqualTo(device != 4);
        }
        assertThat(callersConnection.events()).containsOnlyOnce("call claimed by 4");
    }

    @Test
    void saysWhoHasACallThatWasClaimedBeforeAndTellsNobodyAgain() {
        connectBob();
        submit(caller, offer(bob, RINGS, ALL));
        claim(4);

        assertThat(claim(1).getDevice()).isEqualTo(4);
        assertThat(claim(4).getDevice()).isEqualTo(4);

        assertThat(devices.get(1).events()).containsOnlyOnce("call claimed by 4");
        assertThat(callersConnection.events()).containsOnlyOnce("call claimed by 4");
    }

    @Test
    void doesNotRingAnewWhenTheOfferIsRepeated() {
        connectBob();
        submit(caller, offer(bob, RINGS, ALL));
        claim(4);

        submit(caller, offer(bob, RINGS, ALL));

        assertThat(claim(1).getDevice()).isEqualTo(4);
    }

    @Test
    void knowsNoCallThatWasNotOfferedHere() {
        connectBob();
        submit(caller, offer(bob, RINGS, ALL));
        FakeSubscriber stranger = rooms.connect(rooms.account(3, 1), 1);

        assertThat(rooms.claim(
                        new TestAccount(3), 1, stranger, call(alice, 2, RINGS).build()))
                .isNull();
        assertThat(rooms.claim(bob, 1, devices.get(0), call(alice, 1, RINGS).build()))
                .isNull();
        assertThat(rooms.claim(bob, 1, devices.get(0), call(bob, 2, RINGS).build()))
                .isNull();
        assertThat(rooms.claim(
                        bob,
                        1,
                        devices.get(0),
                        call(alice, 2, Rooms.envelopeId(1, 8)).build()))
                .isNull();
        assertThat(claim(1).getDevice()).isEqualTo(1);
    }

    @Test
    void forgetsACallAfterItsTimeClaimedOrNot() {
        connectBob();
        submit(caller, offer(bob, RINGS, ALL));
        rooms.pass(59_000);
        assertThat(claim(1)).isNotNull();

        rooms.pass(2_000);

        assertThat(claim(1)).isNull();
    }

    @Test
    void forgetsEveryCallWithTheProcess() {
        connectBob();
        submit(caller, offer(bob, RINGS, ALL));
        rooms.restart();

        FakeSubscriber again = rooms.connect(bob, 1);

        assertThat(again.received()).isEmpty();
        assertThat(rooms.claim(bob, 1, again, call(alice, 2, RINGS).build())).isNull();
    }

    @Test
    void saysThatNobodyIsThereAndLetsNothingRing() {
        RecipientAnswer answer = submit(caller, offer(bob, RINGS, ALL));

        assertThat(answer.getAccepted().getNobodyConnected()).isTrue();
        FakeSubscriber late = rooms.connect(bob, 1);
        assertThat(late.received()).isEmpty();
        assertThat(rooms.claim(bob, 1, late, call(alice, 2, RINGS).build())).isNull();
    }

    /** Else anybody could watch who is online, by words that no device shows. */
    @ParameterizedTest
    @EnumSource(names = {"TYPING", "PRESENCE", "MESSAGE"})
    void saysToCallersAloneWhetherAnybodyIsThere(EnvelopeClass envelopeClass) {
        Submit.Builder quiet =
                Rooms.submission(bob, RINGS, 50, ALL).setClass_(envelopeClass).setEphemeral(true);

        assertThat(submit(caller, quiet).getAccepted().getNobodyConnected()).isFalse();
    }

    @Test
    void letsAnAccountCallItsOwnOtherDevices() {
        connectBob();
        submit(new FakeSender(bob, 1), offer(bob, RINGS, 2, 3, 4, 5));
        CallClaim call = call(bob, 1, RINGS).build();

        assertThat(rooms.claim(bob, 1, devices.get(0), call)).isNull();
        assertThat(rooms.claim(bob, 2, devices.get(1), call).getDevice()).isEqualTo(2);

        assertThat(devices.get(0).events()).containsOnlyOnce("call claimed by 2");
    }

    @Test
    void tellsTheCallersNewestConnectionAndMindsNotIfThereIsNone() {
        connectBob();
        submit(caller, offer(bob, RINGS, ALL));
        FakeSubscriber newest = rooms.connect(alice, 2);
        claim(4);
        assertThat(newest.events()).contains("call claimed by 4");
        assertThat(callersConnection.events()).doesNotContain("call claimed by 4");

        EnvelopeId second = Rooms.envelopeId(1, 8);
        submit(caller, offer(bob, second, ALL));
        rooms.disconnect(alice, 2, newest);
        assertThat(rooms.claim(bob, 5, devices.get(4), call(alice, 2, second).build()))
                .isNotNull();
    }

    @Test
    void limitsHowOftenOneAccountCallsAnother() {
        connectBob();
        int refused = 0;
        for (int number = 0; number < 100; number++) {
            RecipientAnswer answer = submit(caller, offer(bob, Rooms.envelopeId(1, number), ALL));
            refused += answer.hasError() ? 1 : 0;
            if (answer.hasError()) {
                assertThat(answer.getError().getCode()).isEqualTo(ErrorCode.RATE_LIMITED);
                assertThat(answer.getError().getRetryAfterMillis()).isPositive();
            }
            rooms.pass(10);
        }
        assertThat(refused).isGreaterThanOrEqualTo(100 - Rooms.CALL_LIMITS.offers());
        assertThat(devices.get(0).received().size()).isEqualTo(100 - refused);

        rooms.pass(60_000);
        assertThat(submit(caller, offer(bob, RINGS, ALL)).hasAccepted()).isTrue();
        assertThat(submit(
                                caller,
                                Rooms.submission(bob, Rooms.envelopeId(2, 1), 50, ALL)
                                        .setClass_(EnvelopeClass.CALL))
                        .hasAccepted())
                .isTrue();
    }

    @Test
    void letsOnlyAFewCallsRingAtAnAccountWhoeverOffersThem() {
        connectBob();
        List<RecipientAnswer> answers = new ArrayList<>();
        for (int number = 10; number < 14; number++) {
            FakeSender stranger = new FakeSender(rooms.account(number, 1), 1);
            answers.add(submit(stranger, offer(bob, RINGS, ALL)));
        }

        assertThat(answers.subList(0, 3)).allMatch(RecipientAnswer::hasAccepted);
        Error full = answers.get(3).getError();
        assertThat(full.getCode()).isEqualTo(ErrorCode.RATE_LIMITED);
        rooms.pass(full.getRetryAfterMillis() + 1);
        assertThat(submit(caller, offer(bob, RINGS, ALL)).hasAccepted()).isTrue();
    }

    /** Whatever its sender says of it. */
    @ParameterizedTest
    @EnumSource(names = {"CALL", "TYPING", "PRESENCE"})
    void neverWritesWhatIsAlwaysEphemeral(EnvelopeClass envelopeClass) {
        connectBob();
        long bytes = rooms.journal().bytes();

        assertThat(submit(caller, Rooms.submission(bob, RINGS, 50, ALL).setClass_(envelopeClass))
                        .hasAccepted())
                .isTrue();
        assertThat(claim(1)).isNull();

        assertThat(devices).allMatch(device -> device.sequences().equals(List.of(0L)));
        assertThat(rooms.journal().bytes()).isEqualTo(bytes);
        rooms.checkpoint();
        assertThat(rooms.rowCount("envelopes")).isZero();
        assertThat(rooms.rowCount("recent_submissions")).isZero();
    }

    /** The control of the test above. */
    @Test
    void writesWhatIsNotEphemeral() {
        connectBob();
        long bytes = rooms.journal().bytes();

        rooms.submit(caller, Rooms.submission(bob, RINGS, 50, ALL).setClass_(EnvelopeClass.SYNC));

        assertThat(rooms.journal().bytes()).isGreaterThan(bytes);
        rooms.commit();
        rooms.checkpoint();
        assertThat(rooms.rowCount("recent_submissions")).isEqualTo(1);
    }

    @Test
    void dropsACallThatIsOlderThanThirtySecondsWhenTheSocketTakesItAgain() {
        connectBob();
        devices.forEach(device -> device.setWritable(0));
        submit(caller, offer(bob, RINGS, ALL));
        rooms.pass(29_000);
        devices.get(0).setWritable(9);
        rooms.pump(bob, 1);
        rooms.pass(2_000);
        devices.get(1).setWritable(9);
        rooms.pump(bob, 2);

        assertThat(devices.get(0).received()).hasSize(1);
        assertThat(devices.get(1).received()).isEmpty();
    }

    @Test
    void refusesAnOfferOfAnotherClass() {
        Submissions.Refusal refusal =
                rooms.trySubmit(caller, 1, offer(bob, RINGS, ALL).setClass_(EnvelopeClass.MESSAGE));

        assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_SUBMISSION);
    }
}
