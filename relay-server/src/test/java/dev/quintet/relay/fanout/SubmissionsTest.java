package dev.quintet.relay.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.wire.DeviceEnvelope;
import dev.quintet.protocol.wire.EnvelopeClass;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.protocol.wire.Submit;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.mailbox.MailboxLimits;
import dev.quintet.relay.rooms.FakeSender;
import dev.quintet.relay.rooms.FakeSubscriber;
import dev.quintet.relay.rooms.Rooms;
import dev.quintet.relay.rooms.TestAccount;
import dev.quintet.relay.rooms.TestJournal;
import dev.quintet.relay.store.StoreConfig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SubmissionsTest {
    private static final int[] ALL = {1, 2, 3, 4, 5};
    private static final MailboxLimits ONE_ENVELOPE = new MailboxLimits(1, 1 << 20, 256, 1 << 20, 1 << 20);

    private Rooms rooms = new Rooms();
    private TestAccount alice = rooms.account(1, 2);
    private TestAccount bob = rooms.account(2, 5);
    private FakeSender sender = new FakeSender(alice, 1);

    private void startWith(Rooms other) {
        rooms.close();
        rooms = other;
        alice = rooms.account(1, 2);
        bob = rooms.account(2, 5);
        sender = new FakeSender(alice, 1);
    }

    @AfterEach
    void close() {
        rooms.close();
    }

    private static EnvelopeId id(long number) {
        return Rooms.envelopeId(1, number);
    }

    private static Submit.Builder toBob(TestAccount bob, long number) {
        return Rooms.submission(bob, id(number), 100, ALL);
    }

    private RecipientAnswer submit(Submit.Builder submission) {
        long request = rooms.submit(sender, submission);
        rooms.commit();
        return sender.answer(request);
    }

    @Test
    void answersAndDeliversOnlyWhatIsOnDisk() {
        FakeSubscriber subscriber = rooms.connect(bob, 3);

        long request = rooms.submit(sender, toBob(bob, 1));

        assertThat(sender.answer(request)).isNull();
        assertThat(subscriber.received()).isEmpty();
        rooms.commit();
        assertThat(sender.answer(request).hasAccepted()).isTrue();
        assertThat(subscriber.sequences()).containsExactly(1L);
        assertThat(subscriber.received().get(0).ciphertext()).isEqualTo(Rooms.ciphertext(id(1), 3, 100));
    }

    @Test
    void storesNothingFromADeviceWhoseRemovalWasJournaledFirst() {
        FakeSubscriber subscriber = rooms.connect(bob, 3);
        submit(toBob(bob, 1));
        sender.leave();

        RecipientAnswer stored = submit(toBob(bob, 2));
        RecipientAnswer ephemeral = submit(toBob(bob, 3).setEphemeral(true));

        assertThat(stored).isNull();
        assertThat(ephemeral).isNull();
        assertThat(subscriber.sequences()).containsExactly(1L);
    }

    @Test
    void tellsTooEarlyWhenTheDiskLies() {
        startWith(new Rooms(2, Rooms.SMALL, StoreConfig.defaults(), TestJournal.lying()));

        long request = rooms.submit(sender, toBob(bob, 1));

        assertThat(sender.answer(request).hasAccepted()).isTrue();
        rooms.restart();
        assertThat(rooms.connect(bob, 1).received()).as("accepted, and lost").isEmpty();
    }

    @Test
    void forgetsWhatWasNotOnDiskWhenThePowerWasCut() {
        rooms.submit(sender, toBob(bob, 1));

        rooms.restart();

        assertThat(rooms.connect(bob, 1).backlog().count()).isZero();
        RecipientAnswer again = submit(toBob(bob, 1));
        assertThat(again.hasAccepted()).isTrue();
        assertThat(rooms.connect(bob, 2).sequences()).containsExactly(1L);
    }

    @Test
    void hasEverythingThatWasAcceptedAfterThePowerWasCut() {
        submit(toBob(bob, 1));
        submit(toBob(bob, 2));

        rooms.restart();

        for (int device : ALL) {
            assertThat(rooms.connect(bob, device).received())
                    .extracting(item -> item.header().id())
                    .containsExactly(id(1), id(2));
        }
    }

    @Test
    void givesARepetitionTheFirstAnswerAndMakesNoSecondCopy() {
        RecipientAnswer first = submit(toBob(bob, 1));
        int entries = rooms.journal().entryCount();

        rooms.pass(1000);
        RecipientAnswer second = submit(toBob(bob, 1));
        rooms.restart();
        RecipientAnswer third = submit(toBob(bob, 1));

        assertThat(second).isEqualTo(first);
        assertThat(third).isEqualTo(first);
        assertThat(rooms.journal().entryCount()).isEqualTo(entries);
        assertThat(rooms.connect(bob, 5).sequences()).containsExactly(1L);
    }

    @Test
    void letsARepetitionWaitForTheDiskToo() {
        rooms.submit(sender, toBob(bob, 1));

        long again = rooms.submit(sender, toBob(bob, 1));

        assertThat(sender.answer(again)).isNull();
        rooms.commit();
        assertThat(sender.answer(again).hasAccepted()).isTrue();
    }

    @Test
    void repeatsWhichMailboxesWereFullThoughTheyAreEmptyNow() {
        startWith(new Rooms(2, ONE_ENVELOPE));
        FakeSubscriber reader = rooms.connect(bob, 2);
        submit(toBob(bob, 1));
        rooms.acknowledge(bob, 2, reader, 1);
        rooms.commit();
        RecipientAnswer first = submit(toBob(bob, 2));
        assertThat(first.getAccepted().getFullDevicesList()).containsExactly(1, 3, 4, 5);
        rooms.acknowledge(bob, 1, rooms.connect(bob, 1), 2);
        rooms.commit();

        assertThat(submit(toBob(bob, 2))).isEqualTo(first);
        rooms.restart();
        assertThat(submit(toBob(bob, 2))).isEqualTo(first);
    }

    @Test
    void repeatsTheAnswerThoughTheDeviceListHasChanged() {
        RecipientAnswer first = submit(toBob(bob, 1));
        rooms.put(bob, 1, bob.list(3, 1, 2, 3, 4), answer -> {});
        rooms.commit();

        assertThat(submit(toBob(bob, 1))).isEqualTo(first);
        assertThat(submit(toBob(bob, 2)).getMismatch().getExtraList()).containsExactly(5);
    }

    @Test
    void refusesAnIdThatWasUsedForOtherContent() {
        submit(toBob(bob, 1));

        RecipientAnswer answer = submit(Rooms.submission(bob, id(1), 99, ALL));

        assertThat(answer.getError().getCode()).isEqualTo(ErrorCode.ID_CONFLICT);
        assertThat(rooms.connect(bob, 1).sequences()).containsExactly(1L);
    }

    @Test
    void remembersTheIdsOfEachSendingDeviceByItself() {
        submit(toBob(bob, 1));
        FakeSender other = new FakeSender(alice, 2);

        long request = rooms.submit(other, Rooms.submission(bob, id(1), 50, ALL));
        rooms.commit();

        assertThat(other.answer(request).hasAccepted()).isTrue();
        assertThat(rooms.connect(bob, 1).sequences()).containsExactly(1L, 2L);
    }

    @Test
    void remembersTheLast256SubmissionsOfADevice() {
        for (int number = 1; number <= SenderHistory.CAPACITY; number++) {
            rooms.submit(sender, toBob(bob, number));
        }
        rooms.commit();
        rooms.checkpoint();
        int entries = rooms.journal().entryCount();

        submit(toBob(bob, 1));
        assertThat(rooms.journal().entryCount()).isEqualTo(entries);
        submit(toBob(bob, SenderHistory.CAPACITY + 1));
        rooms.restart();
        submit(toBob(bob, 2));
        assertThat(rooms.journal().entryCount()).isEqualTo(entries + 1);
        submit(toBob(bob, 1));
        assertThat(rooms.journal().entryCount()).as("the oldest is forgotten").isEqualTo(entries + 2);
    }

    @Test
    void remembersNothingOfASenderWhoseSubmissionsWereAllRefused() {
        rooms.restart();
        int residents = rooms.residentCount();

        submit(Rooms.submission(new TestAccount(9), id(1), 10, 1));

        assertThat(rooms.residentCount()).isEqualTo(residents);
        assertThat(submit(Rooms.submission(bob, id(1), 10, 1, 2)).hasMismatch()).isTrue();
        assertThat(submit(toBob(bob, 1)).hasAccepted()).isTrue();
    }

    @Test
    void saysExactlyWhichDevicesAreWrongAndStoresNothing() {
        rooms.put(bob, 1, bob.listWithReinstalled(3, 2, 1, 2, 3, 4, 5), answer -> {});
        rooms.commit();
        int entries = rooms.journal().entryCount();

        RecipientAnswer answer = submit(Rooms.submission(bob, id(1), 10, 1, 2, 4, 7, 8));

        assertThat(answer.getMismatch().getMissingList()).containsExactly(3, 5);
        assertThat(answer.getMismatch().getExtraList()).containsExactly(7, 8);
        assertThat(answer.getMismatch().getStaleList()).containsExactly(2);
        assertThat(answer.getMismatch().getDeviceList())
                .isEqualTo(bob.listWithReinstalled(3, 2, 1, 2, 3, 4, 5).signed());
        assertThat(rooms.journal().entryCount()).isEqualTo(entries);
    }

    @Test
    void keepsAListToItselfUntilItIsOnDisk() {
        rooms.put(bob, 1, bob.list(3, 1, 2), answer -> {});

        long request = rooms.submit(sender, toBob(bob, 1));

        assertThat(sender.answer(request)).isNull();
        rooms.commit();
        assertThat(sender.answer(request).getMismatch().getExtraList()).containsExactly(3, 4, 5);
    }

    @Test
    void sendsToAllOwnDevicesButTheSender() {
        TestAccount own = alice;
        assertThat(submit(Rooms.submission(own, id(1), 10, 2)).hasAccepted()).isTrue();

        FakeSender primaryOfBob = new FakeSender(bob, 1);
        long request = rooms.submit(primaryOfBob, Rooms.submission(bob, id(2), 10, 2, 3, 4));

        assertThat(primaryOfBob.answer(request).getMismatch().getMissingList()).containsExactly(5);
        Submissions.Refusal refusal = rooms.trySubmit(primaryOfBob, 77, toBob(bob, 3));
        assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_SUBMISSION);
    }

    @Test
    void refusesWhatContradictsItself() {
        DeviceEnvelope twice = toBob(bob, 1).getRecipients(0).getDevices(0);
        Submit.Builder deviceTwice = toBob(bob, 1);
        deviceTwice.getRecipientsBuilder(0).addDevices(twice);
        Submit.Builder accountTwice = toBob(bob, 1).addRecipients(toBob(bob, 1).getRecipients(0));
        Submit.Builder two = toBob(bob, 1).setSharedCiphertext(ByteString.copyFromUtf8("x"));
        Submit.Builder none = Rooms.submission(bob, id(1), 0, ALL);
        Submit.Builder zero = Rooms.submission(bob, id(1), 1, 0);
        Submit.Builder classAbove = toBob(bob, 1).setClass_Value(256);
        Submit.Builder classBelow = toBob(bob, 1).setClass_Value(-1);

        for (Submit.Builder wrong : List.of(deviceTwice, accountTwice, two, none, zero, classAbove, classBelow)) {
            assertThat(rooms.trySubmit(sender, 1, wrong).code()).isEqualTo(ErrorCode.INVALID_SUBMISSION);
        }
        Submit.Builder large = Rooms.submission(bob, id(1), (64 << 10) + 1, ALL);
        assertThat(rooms.trySubmit(sender, 1, large).code()).isEqualTo(ErrorCode.ENVELOPE_TOO_LARGE);
        rooms.assertFramesReleased();
    }

    @Test
    void passesOnAClassThatIsNewerThanTheRelayFromTheDiskToo() {
        submit(toBob(bob, 1).setClass_Value(255));
        rooms.restart();

        FakeSubscriber subscriber = rooms.connect(bob, 3);

        assertThat(subscriber.received().get(0).header().envelopeClass()).isEqualTo(255);
    }

    private Submit.Builder history(long number, int... devices) {
        return Rooms.submission(bob, id(number), 100, devices).setClass_(EnvelopeClass.HISTORY);
    }

    @Test
    void handsHistoryOverToOneDeviceOfTheOwnAccount() {
        sender = new FakeSender(bob, 1);

        RecipientAnswer answer = submit(history(1, 4));

        assertThat(answer.hasAccepted()).isTrue();
        rooms.restart();
        assertThat(rooms.connect(bob, 4).received())
                .extracting(item -> item.header().id())
                .containsExactly(id(1));
        assertThat(rooms.connect(bob, 3).received()).isEmpty();
    }

    @Test
    void namesADeviceThatCannotGetHistoryAndMissesNoOther() {
        sender = new FakeSender(bob, 1);

        RecipientAnswer answer = submit(history(1, 6));

        assertThat(answer.getMismatch().getExtraList()).containsExactly(6);
        assertThat(answer.getMismatch().getMissingList()).isEmpty();
    }

    @Test
    void refusesHistoryForMoreThanOneOrUnstored() {
        sender = new FakeSender(bob, 1);

        for (Submit.Builder wrong : List.of(history(1, 2, 3), history(2, 2).setEphemeral(true))) {
            assertThat(rooms.trySubmit(sender, 1, wrong).code()).isEqualTo(ErrorCode.INVALID_SUBMISSION);
        }
        assertThat(submit(Rooms.submission(bob, id(3), 100, 2, 3)).hasMismatch())
                .as("of any other class it is not for one device")
                .isTrue();
    }

    @Test
    void answersForAnUnknownAccountThatThereIsNone() {
        RecipientAnswer answer = submit(Rooms.submission(new TestAccount(9), id(1), 10, 1));

        assertThat(answer.getError().getCode()).isEqualTo(ErrorCode.NOT_FOUND);
    }

    @Test
    void storesNothingWhileTheJournalRefusesAndTakesTheRepetition() {
        for (long refusal : new long[] {Journal.OVERLOADED, Journal.NO_SPACE}) {
            rooms.journal().refuse(refusal);
            RecipientAnswer answer = submit(toBob(bob, -refusal));
            assertThat(answer.getError().getCode())
                    .isEqualTo(refusal == Journal.NO_SPACE ? ErrorCode.STORAGE_UNAVAILABLE : ErrorCode.OVERLOADED);
            assertThat(answer.getError().getRetryAfterMillis()).isPositive();
            rooms.journal().refuse(0);
            assertThat(submit(toBob(bob, -refusal)).hasAccepted()).isTrue();
        }
        assertThat(rooms.connect(bob, 1).sequences()).containsExactly(1L, 2L);
    }

    @Test
    void saysOverloadedWhenTooManyAccountsAreBeingRead() {
        StoreConfig few = new StoreConfig(1 << 20, 1 << 20, 32, 1, 2, 1, 100, 1 << 20, 60_000);
        startWith(new Rooms(1, Rooms.SMALL, few, TestJournal.honest()));
        rooms.checkpoint();
        rooms.restart();
        List<Long> requests = new ArrayList<>();
        for (int number = 1; number <= 3; number++) {
            requests.add(rooms.submitOnly(sender, toBob(bob, number)));
        }
        rooms.run();
        rooms.commit();

        assertThat(requests.stream().map(sender::answer).filter(RecipientAnswer::hasAccepted))
                .hasSize(2);
        assertThat(sender.answer(requests.get(2)).getError().getCode()).isEqualTo(ErrorCode.OVERLOADED);
    }

    @Test
    void neverWritesEphemeralEnvelopes() {
        FakeSubscriber connected = rooms.connect(bob, 1);
        int entries = rooms.journal().entryCount();

        long request = rooms.submit(sender, toBob(bob, 1).setEphemeral(true));

        assertThat(sender.answer(request).hasAccepted()).isTrue();
        assertThat(connected.sequences()).containsExactly(0L);
        assertThat(rooms.journal().entryCount()).isEqualTo(entries);
        assertThat(rooms.connect(bob, 2).received()).isEmpty();
    }

    @Test
    void writesASharedCiphertextOnceForAllDevices() {
        Submit.Builder shared = Rooms.submission(bob, id(1), 0, ALL)
                .setSharedCiphertext(ByteString.copyFrom(Rooms.ciphertext(id(1), 0, 5000)));
        long before = rooms.journal().bytes();

        assertThat(submit(shared).hasAccepted()).isTrue();

        assertThat(rooms.journal().bytes() - before).isBetween(5000L, 5500L);
        for (int device : ALL) {
            FakeSubscriber subscriber = rooms.connect(bob, device);
            assertThat(subscriber.received().get(0).ciphertext()).isEqualTo(Rooms.ciphertext(id(1), 0, 5000));
        }
        rooms.checkpoint();
        rooms.restart();
        assertThat(rooms.connect(bob, 4).received().get(0).ciphertext()).isEqualTo(Rooms.ciphertext(id(1), 0, 5000));
    }

    @Test
    void answersForManyAccountsAtOnceInTheirOrder() {
        Submit.Builder many = Submit.newBuilder()
                .setEnvelopeId(id(1).toByteString())
                .setSharedCiphertext(ByteString.copyFromUtf8("to all"));
        for (int number = 100; number < 1124; number++) {
            TestAccount member = new TestAccount(number);
            if (number % 50 == 0) {
                rooms.register(member, member.list(1, 1), answer -> {});
            }
            many.addRecipients(Rooms.recipient(member, id(1), 0, 1));
        }
        rooms.commit();

        long request = rooms.submit(sender, many);

        assertThat(sender.answers()).doesNotContainKey(request);
        rooms.commit();
        List<RecipientAnswer> answers = sender.answers().get(request).getAnswersList();
        assertThat(answers).hasSize(1024);
        for (int index = 0; index < 1024; index++) {
            assertThat(answers.get(index).getAccount())
                    .isEqualTo(many.getRecipients(index).getAccount());
            assertThat(answers.get(index).hasAccepted()).isEqualTo(index % 50 == 0);
        }
    }
}
