package dev.quintet.load.drive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.load.drive.LineListener.AccountAnswer;
import dev.quintet.load.drive.LineListener.Arrival;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The checker finds each way in which a server can break its word, and nothing where it keeps it. */
class RouteCheckerTest {
    private static final int BYTES = 200;

    private final RouteChecker checker = new RouteChecker(7);
    private final DriveAccount account = new DriveAccount(0, 0, 2);
    private final DriveAccount others = new DriveAccount(1, 2, 1);
    private final DriveDevice writer = new DriveAccount(2, 3, 1).device(1);
    private final int sender = checker.addSender(writer);
    private final DriveDevice one = account.device(1);
    private final DriveDevice two = account.device(2);

    @Test
    void findsNothingWhereAllCame() {
        Parting first = accepted();
        Parting second = accepted();
        List.of(first, second).forEach(parting -> {
            come(one, parting, Arrival.FIRST);
            come(two, parting, Arrival.FIRST);
        });

        DriveVerdict verdict = checker.verdict(List.of());

        assertThat(verdict.violations()).isZero();
        assertThat(verdict.findings()).isEmpty();
        assertThat(verdict.delivered()).isEqualTo(4);
        assertThat(checker.outstanding()).isZero();
    }

    @Test
    void findsWhatWasLostInTheMiddleAndAtTheEnd() {
        Parting first = accepted();
        accepted();
        Parting third = accepted();
        come(one, first, Arrival.FIRST);
        come(one, third, Arrival.FIRST);

        assertThat(checker.outstanding()).isEqualTo(4);
        assertThat(checker.verdict(List.of()).lost()).isEqualTo(4);
        assertThat(checker.verdict(List.of()).findings()).anyMatch(line -> line.contains("never got 1 accepted"));
    }

    @Test
    void findsADuplicateALateOneAndAHole() {
        Parting first = accepted();
        Parting second = accepted();
        come(one, second, Arrival.AFTER_A_HOLE);
        come(one, first, Arrival.FIRST);
        come(one, first, Arrival.FIRST);

        DriveVerdict verdict = checker.verdict(List.of());

        assertThat(verdict.outOfOrder()).isEqualTo(1);
        assertThat(verdict.duplicated()).isEqualTo(1);
        assertThat(verdict.holes()).isEqualTo(1);
    }

    @Test
    void allowsWhatComesAgainBeforeItWasAcknowledgedAndNotAfter() {
        Parting parting = accepted();
        come(one, parting, Arrival.FIRST);
        come(two, parting, Arrival.FIRST);
        come(one, parting, Arrival.AGAIN);

        assertThat(checker.verdict(List.of()).violations()).isZero();
        assertThat(checker.verdict(List.of()).redelivered()).isEqualTo(1);

        come(one, parting, Arrival.AFTER_ACKNOWLEDGEMENT);

        assertThat(checker.verdict(List.of()).duplicated()).isEqualTo(1);
    }

    @Test
    void findsANewEnvelopeUnderAnOldSequence() {
        come(one, accepted(), Arrival.AGAIN);

        assertThat(checker.verdict(List.of()).unexpected()).isEqualTo(1);
    }

    @Test
    void findsWhatWasRefusedAndCameAllTheSame() {
        Parting parting = submitted();
        checker.answered(parting, List.of(AccountAnswer.refused("full")));
        assertThat(checker.verdict(List.of()).violations()).isZero();

        come(one, parting, Arrival.FIRST);

        assertThat(checker.verdict(List.of()).unexpected()).isEqualTo(1);
    }

    @Test
    void letsAnUnansweredOneComeOrNot() {
        Parting parting = submitted();
        come(one, parting, Arrival.FIRST);

        DriveVerdict verdict = checker.verdict(List.of(parting));

        assertThat(verdict.violations()).isZero();
        assertThat(verdict.unanswered()).isEqualTo(1);
    }

    @Test
    void expectsNothingForAFullMailboxButItsGap() {
        Parting parting = submitted();
        checker.answered(parting, List.of(new AccountAnswer(0b10, Optional.empty())));
        come(one, parting, Arrival.FIRST);
        checker.gap(two, 1);

        assertThat(checker.verdict(List.of()).violations()).isZero();
        assertThat(checker.verdict(List.of()).full()).isEqualTo(1);

        checker.gap(two, 1);

        assertThat(checker.verdict(List.of()).violations()).isEqualTo(1);
    }

    @Test
    void findsAnEnvelopeOfAnotherDeviceAndOneOfNobody() {
        Parting parting = accepted();
        assertThat(delivered(one, payload(parting, 2), Arrival.FIRST)).isFalse();
        Parting foreign = new Parting(1, 99, 0, account.audience(), 0, Letter.message(BYTES));
        come(one, foreign, Arrival.FIRST);

        assertThat(checker.verdict(List.of()).damaged()).isEqualTo(1);
        assertThat(checker.verdict(List.of()).unexpected()).isEqualTo(1);
    }

    @Test
    void findsAnEnvelopeThatWasCutOrFlipped() {
        ByteBuf cut = payload(accepted(), 1).slice(0, BYTES - 1);
        ByteBuf flipped = payload(accepted(), 1);
        flipped.setByte(BYTES - 1, ~flipped.getByte(BYTES - 1));

        delivered(one, cut, Arrival.FIRST);
        delivered(one, flipped, Arrival.FIRST);
        delivered(one, Unpooled.EMPTY_BUFFER, Arrival.FIRST);

        assertThat(checker.verdict(List.of()).damaged()).isEqualTo(3);
    }

    @Test
    void looksIntoTheMiddleOfSomeEnvelopes() {
        for (int count = 0; count < 16; count++) {
            ByteBuf torn = payload(accepted(), 1);
            torn.setByte(BYTES / 2, ~torn.getByte(BYTES / 2));
            delivered(one, torn, Arrival.FIRST);
        }

        assertThat(checker.verdict(List.of()).damaged()).isEqualTo(1);
    }

    @Test
    void expectsOneSubmissionOfAGroupAtAllItsDevices() {
        Audience group = Audience.group(0, List.of(account, others));
        Parting parting = accepted(sender, group);
        assertThat(checker.outstanding()).isEqualTo(3);
        come(one, parting, Arrival.FIRST);
        come(others.device(1), parting, Arrival.FIRST);

        assertThat(checker.outstanding()).isEqualTo(1);
        assertThat(checker.verdict(List.of()).lost()).isEqualTo(1);

        come(two, parting, Arrival.FIRST);

        assertThat(checker.verdict(List.of()).violations()).isZero();
    }

    @Test
    void countsAGroupAndItsAccountsApart() {
        Audience group = Audience.group(0, List.of(account, others));
        Parting alone = accepted();
        Parting together = accepted(sender, group);
        Parting later = accepted(sender, group);
        List.of(one, two)
                .forEach(device -> List.of(together, alone).forEach(each -> come(device, each, Arrival.FIRST)));
        come(others.device(1), later, Arrival.FIRST);
        come(others.device(1), together, Arrival.FIRST);

        DriveVerdict verdict = checker.verdict(List.of());

        assertThat(verdict.outOfOrder()).isEqualTo(1);
        assertThat(verdict.lost()).isEqualTo(2);
        assertThat(verdict.unexpected()).isZero();
    }

    @Test
    void expectsNothingOfAGroupWhereItWasRefused() {
        Parting parting = submitted(sender, Audience.group(0, List.of(account, others)));
        checker.answered(
                parting,
                List.of(AccountAnswer.refused("the devices are others"), new AccountAnswer(0, Optional.empty())));
        come(others.device(1), parting, Arrival.FIRST);

        assertThat(checker.verdict(List.of()).violations()).isZero();
        assertThat(checker.verdict(List.of()).refused()).isEqualTo(1);
        assertThat(checker.outstanding()).isZero();

        come(one, parting, Arrival.FIRST);

        assertThat(checker.verdict(List.of()).unexpected()).isEqualTo(1);
    }

    @Test
    void findsAnEnvelopeOfAGroupAtSomebodyElse() {
        come(others.device(1), accepted(sender, Audience.group(0, List.of(account))), Arrival.FIRST);

        assertThat(checker.verdict(List.of()).unexpected()).isEqualTo(1);
    }

    @Test
    void expectsACopyForItsOwnAccountAtAllButTheSender() {
        int own = checker.addSender(one);
        Parting copy = accepted(own, account.audience());
        come(two, copy, Arrival.FIRST);

        assertThat(checker.verdict(List.of()).violations()).isZero();
        assertThat(checker.outstanding()).isZero();

        come(one, copy, Arrival.FIRST);

        assertThat(checker.verdict(List.of()).unexpected()).isEqualTo(1);
    }

    private Parting submitted() {
        return submitted(sender, account.audience());
    }

    private Parting submitted(int by, Audience to) {
        return new Parting(1, checker.high(by), checker.nextLow(by, to), to, 0, Letter.message(BYTES));
    }

    private Parting accepted() {
        return accepted(sender, account.audience());
    }

    private Parting accepted(int by, Audience to) {
        Parting parting = submitted(by, to);
        checker.accepted(parting);
        return parting;
    }

    private void come(DriveDevice device, Parting parting, Arrival arrival) {
        delivered(device, payload(parting, device.number()), arrival);
    }

    private static ByteBuf payload(Parting parting, int device) {
        ByteBuf payload = Unpooled.buffer(BYTES);
        Payload.write(payload, parting, device);
        return payload;
    }

    private boolean delivered(DriveDevice device, ByteBuf payload, Arrival arrival) {
        return checker.delivered(device, payload, 0, payload.readableBytes(), arrival);
    }
}
