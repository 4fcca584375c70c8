package dev.quintet.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.client.DeviceAddress;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.EnvelopeId;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DeliveryCheckerTest {
    private static final DeviceAddress SENDER = new DeviceAddress(new AccountId(1, 1), 1);
    private static final List<DeviceAddress> RECIPIENTS = IntStream.rangeClosed(1, 5)
            .mapToObj(device -> new DeviceAddress(new AccountId(2, 2), device))
            .toList();
    private static final DeviceAddress RECIPIENT = RECIPIENTS.get(0);

    private final DeliveryChecker checker = new DeliveryChecker();

    @Test
    void isCleanWhenEveryDeviceGotEverythingOnceInOrder() {
        for (int number = 1; number <= 3; number++) {
            submitAndAccept(number);
            deliverToAll(number);
        }

        DeliveryReport report = checker.report();
        assertThat(report.isClean()).isTrue();
        assertThat(report.delivered()).isEqualTo(15);
        assertThat(report.devices().get(RECIPIENT)).isEqualTo(new DeliveryReport.DeviceCount(3, 3, 0));
        assertThat(report.findings()).isEmpty();
    }

    @Test
    void seesOneDroppedEnvelope() {
        submitAndAccept(1);
        RECIPIENTS.subList(1, 5).forEach(device -> checker.delivered(device, SENDER, id(1)));

        DeliveryReport report = checker.report();
        assertThat(report.lost()).isEqualTo(1);
        assertThat(report.isClean()).isFalse();
        assertThat(report.findings()).singleElement().asString().contains(RECIPIENT.toString(), "not delivered");
    }

    @Test
    void seesOneDuplicatedEnvelope() {
        submitAndAccept(1);
        deliverToAll(1);
        checker.delivered(RECIPIENT, SENDER, id(1));

        assertThat(checker.report().duplicated()).isEqualTo(1);
        assertThat(checker.report().isClean()).isFalse();
    }

    @Test
    void seesTwoSwappedEnvelopes() {
        submitAndAccept(1);
        submitAndAccept(2);
        RECIPIENTS.subList(1, 5).forEach(device -> {
            checker.delivered(device, SENDER, id(1));
            checker.delivered(device, SENDER, id(2));
        });
        checker.delivered(RECIPIENT, SENDER, id(2));
        checker.delivered(RECIPIENT, SENDER, id(1));

        assertThat(checker.report().outOfOrder()).isEqualTo(1);
        assertThat(checker.report().lost()).isZero();
        assertThat(checker.report().isClean()).isFalse();
    }

    @Test
    void seesDeliveryAfterAcknowledgement() {
        submitAndAccept(1);
        deliverToAll(1);
        checker.deliveredAfterAcknowledgement(RECIPIENT, id(1));

        assertThat(checker.report().duplicated()).isEqualTo(1);
    }

    @Test
    void seesAnEnvelopeThatNobodySent() {
        checker.delivered(RECIPIENT, SENDER, id(9));

        assertThat(checker.report().unexpected()).isEqualTo(1);
    }

    @Test
    void seesAForgedSender() {
        submitAndAccept(1);
        checker.delivered(RECIPIENT, RECIPIENTS.get(1), id(1));

        assertThat(checker.report().unexpected()).isEqualTo(1);
        assertThat(checker.report().lost()).isEqualTo(5);
    }

    @Test
    void seesDeliveryOfWhatWasRefusedBeforeAndAfterTheAnswer() {
        checker.submitted(SENDER, id(1), RECIPIENTS);
        checker.refused(id(1));
        checker.delivered(RECIPIENT, SENDER, id(1));
        checker.submitted(SENDER, id(2), RECIPIENTS);
        checker.delivered(RECIPIENT, SENDER, id(2));
        checker.refused(id(2));

        assertThat(checker.report().unexpected()).isEqualTo(2);
    }

    @Test
    void seesHolesGapsAndDamage() {
        checker.hole(RECIPIENT, 7);
        checker.gap(RECIPIENT, 3);
        checker.damaged(RECIPIENT, id(1));

        DeliveryReport report = checker.report();
        assertThat(List.of(report.holes(), report.gaps(), report.damaged())).containsExactly(1L, 3L, 1L);
        assertThat(report.violations()).isEqualTo(5);
    }

    @Test
    void isNotCleanWhileASubmissionIsUnanswered() {
        checker.submitted(SENDER, id(1), RECIPIENTS);

        assertThat(checker.report().isClean()).isFalse();
        assertThat(checker.report().violations()).isZero();
    }

    @Test
    void allowsDeliveryBeforeTheAnswer() {
        checker.submitted(SENDER, id(1), RECIPIENTS);
        deliverToAll(1);
        checker.accepted(id(1));

        assertThat(checker.outstanding()).isZero();
        assertThat(checker.report().isClean()).isTrue();
    }

    @Test
    void allowsARefusedSubmissionToBeTriedAgainInANewPlace() {
        checker.submitted(SENDER, id(1), RECIPIENTS.subList(0, 4));
        checker.refused(id(1));
        submitAndAccept(2);
        submitAndAccept(1);
        deliverToAll(2);
        deliverToAll(1);

        assertThat(checker.report().isClean()).isTrue();
    }

    @Test
    void excusesDevicesWhoseMailboxWasFull() {
        checker.submitted(SENDER, id(1), RECIPIENTS);
        checker.accepted(id(1), List.of(RECIPIENT.device()));
        RECIPIENTS.subList(1, 5).forEach(device -> checker.delivered(device, SENDER, id(1)));

        assertThat(checker.report().lost()).isZero();
    }

    @Test
    void refusesASecondAnswerAndASecondUseOfAnId() {
        submitAndAccept(1);

        assertThatThrownBy(() -> checker.accepted(id(1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> checker.submitted(SENDER, id(1), RECIPIENTS))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private void submitAndAccept(int number) {
        checker.submitted(SENDER, id(number), RECIPIENTS);
        checker.accepted(id(number));
    }

    private void deliverToAll(int number) {
        RECIPIENTS.forEach(device -> checker.delivered(device, SENDER, id(number)));
    }

    private static EnvelopeId id(int number) {
        return new EnvelopeId(7, number);
    }
}
