package dev.quintet.relay.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.EnvelopeHeader;
import dev.quintet.protocol.wire.GapReason;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.protocol.wire.Submit;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.rooms.FakeSender;
import dev.quintet.relay.rooms.FakeSubscriber;
import dev.quintet.relay.rooms.FakeSubscriber.SaidBacklog;
import dev.quintet.relay.rooms.Rooms;
import dev.quintet.relay.rooms.TestAccount;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One mailbox: that of device 2 of Bob, who has two devices. */
class MailboxesTest {
    private static final int DEVICE = 2;
    private static final MailboxLimits WIDE = new MailboxLimits(10_000, 64 << 20, 256, 1 << 20, 1 << 20);

    private Rooms rooms;
    private TestAccount bob;
    private FakeSender sender;
    private long next = 1;

    MailboxesTest() {
        start(WIDE);
    }

    private void start(MailboxLimits limits) {
        rooms = new Rooms(1, limits);
        TestAccount alice = rooms.account(1, 1);
        bob = rooms.account(2, 2);
        sender = new FakeSender(alice, 1);
    }

    @AfterEach
    void close() {
        rooms.close();
    }

    private RecipientAnswer send(int bytes, int timeToLiveSeconds) {
        Submit.Builder submission = Rooms.submission(bob, Rooms.envelopeId(1, next++), bytes, 1, DEVICE);
        long request = rooms.submit(sender, submission.setTimeToLiveSeconds(timeToLiveSeconds));
        rooms.commit();
        return sender.answer(request);
    }

    private void send(int count) {
        for (int index = 0; index < count; index++) {
            send(100, 0);
        }
    }

    private FakeSubscriber connect() {
        return rooms.connect(bob, DEVICE);
    }

    private Acknowledgement acknowledge(FakeSubscriber subscriber, long sequence) {
        return rooms.acknowledge(bob, DEVICE, subscriber, sequence);
    }

    private static Long[] sequences(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toArray(Long[]::new);
    }

    private static void assertChain(FakeSubscriber subscriber, long acknowledged) {
        long previous = acknowledged;
        for (FakeSubscriber.Received item : subscriber.received()) {
            assertThat(item.previous()).isEqualTo(previous);
            previous = item.sequence();
        }
    }

    // Windows

    @Test
    void sendsNoMoreEnvelopesAheadThanTheWindowHolds() {
        start(new MailboxLimits(100, 1 << 20, 3, 1 << 20, 1 << 20));
        send(10);

        FakeSubscriber subscriber = connect();

        assertThat(subscriber.sequences()).containsExactly(1L, 2L, 3L);
        acknowledge(subscriber, 2);
        assertThat(subscriber.sequences()).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void sendsNoMoreBytesAheadThanTheWindowHoldsButOneLargerEnvelopeAlone() {
        start(new MailboxLimits(100, 1 << 20, 256, 250, 1 << 20));
        send(900, 0);
        send(4);

        FakeSubscriber subscriber = connect();

        assertThat(subscriber.sequences()).containsExactly(1L);
        acknowledge(subscriber, 1);
        assertThat(subscriber.sequences()).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void sendsNothingWhileTheSocketIsFull() {
        send(5);
        FakeSubscriber subscriber = new FakeSubscriber();
        subscriber.setWritable(2);
        rooms.subscribe(bob, DEVICE, subscriber);
        rooms.run();
        assertThat(subscriber.sequences()).containsExactly(1L, 2L);

        subscriber.setWritable(10);
        rooms.pump(bob, DEVICE);

        assertThat(subscriber.sequences()).containsExactly(sequences(1, 5));
    }

    // Backlog

    @Test
    void saysTheBacklogFirstAndThatItIsDeliveredOnceWhenItIsAcknowledged() {
        send(3);
        long firstAcceptedAt = sender.answers()
                .values()
                .iterator()
                .next()
                .getAnswers(0)
                .getAccepted()
                .getAcceptedAtMillis();
        FakeSubscriber subscriber = connect();
        send(1);
        assertThat(subscriber.backlog()).isEqualTo(new SaidBacklog(3, 300, firstAcceptedAt));

        acknowledge(subscriber, 2);
        rooms.commit();
        assertThat(subscriber.events()).doesNotContain("backlogDelivered");
        acknowledge(subscriber, 3);
        assertThat(subscriber.events()).doesNotContain("backlogDelivered");
        rooms.commit();
        acknowledge(subscriber, 4);
        rooms.commit();

        assertThat(subscriber.events())
                .containsExactly(
                        "backlog",
                        "deliver 1",
                        "deliver 2",
                        "deliver 3",
                        "deliver 4",
                        "acknowledged 2",
                        "acknowledged 3",
                        "backlogDelivered",
                        "acknowledged 4");
    }

    @Test
    void saysAtOnceThatNothingWaited() {
        FakeSubscriber subscriber = connect();

        assertThat(subscriber.events()).containsExactly("backlog", "backlogDelivered");
        assertThat(subscriber.isFlushed()).isTrue();
    }

    @Test
    void saysThatNothingWaitedOnlyOnceTheLastAcknowledgementIsOnDisk() {
        send(1);
        acknowledge(connect(), 1);

        FakeSubscriber newer = connect();

        assertThat(newer.events()).containsExactly("backlog");
        rooms.commit();
        assertThat(newer.events()).containsExactly("backlog", "backlogDelivered");
    }

    @Test
    void letsNothingEphemeralPassTheBacklog() {
        send(1);
        rooms.checkpoint();
        FakeSubscriber subscriber = new FakeSubscriber();
        subscriber.setWritable(0);
        rooms.subscribe(bob, DEVICE, subscriber);

        rooms.submit(
                sender,
                Rooms.submission(bob, Rooms.envelopeId(1, 99), 5, 1, DEVICE).setEphemeral(true));
        subscriber.setWritable(9);
        rooms.submit(
                sender,
                Rooms.submission(bob, Rooms.envelopeId(1, 98), 5, 1, DEVICE).setEphemeral(true));
        rooms.pump(bob, DEVICE);

        assertThat(subscriber.events()).containsExactly("backlog", "deliver 1", "deliver 0", "deliver 0");
        assertThat(subscriber.received())
                .extracting(item -> item.header().id().low())
                .endsWith(99L, 98L);
    }

    private void sendEphemeral(long number) {
        rooms.submit(
                sender,
                Rooms.submission(bob, Rooms.envelopeId(1, number), 5, 1, DEVICE).setEphemeral(true));
    }

    @Test
    void dropsWhatIsEphemeralAndLateWhileTheSocketIsFull() {
        FakeSubscriber subscriber = connect();
        subscriber.setWritable(0);
        sendEphemeral(1);
        rooms.pass(9_000);
        sendEphemeral(2);

        rooms.pass(2_000);
        subscriber.setWritable(9);
        rooms.pump(bob, DEVICE);

        assertThat(subscriber.received())
                .extracting(item -> item.header().id().low())
                .containsExactly(2L);
        assertThat(rooms.counted("quintet.envelopes.dropped", "reason", "late")).isEqualTo(1);
    }

    @Test
    void keepsNoMoreThanAFewEphemeralEnvelopesForAFullSocket() {
        FakeSubscriber subscriber = connect();
        subscriber.setWritable(0);
        for (int number = 0; number < EphemeralQueues.ENVELOPES + 3; number++) {
            sendEphemeral(number);
        }

        subscriber.setWritable(100);
        rooms.pump(bob, DEVICE);

        assertThat(subscriber.received())
                .extracting(item -> item.header().id().low())
                .containsExactlyElementsOf(
                        LongStream.range(0, EphemeralQueues.ENVELOPES).boxed().toList());
        assertThat(rooms.counted("quintet.envelopes.dropped", "reason", "crowded"))
                .isEqualTo(3);
    }

    @Test
    void forgetsWhatIsEphemeralWithTheConnection() {
        FakeSubscriber subscriber = connect();
        subscriber.setWritable(0);
        sendEphemeral(1);

        assertThat(connect().received()).isEmpty();
    }

    // Acknowledging

    @Test
    void neverDeliversWhatWasAcknowledged() {
        send(3);
        acknowledge(connect(), 2);
        rooms.commit();

        assertThat(connect().sequences()).containsExactly(3L);
        rooms.restart();
        FakeSubscriber subscriber = connect();
        assertThat(subscriber.sequences()).containsExactly(3L);
        assertChain(subscriber, 2);
    }

    @Test
    void deliversAgainWhatWasAcknowledgedButNotOnDisk() {
        send(2);
        FakeSubscriber subscriber = connect();
        acknowledge(subscriber, 2);
        assertThat(subscriber.acknowledged()).isEmpty();

        rooms.restart();

        assertThat(connect().sequences()).containsExactly(1L, 2L);
    }

    @Test
    void refusesToTakeBackWhatItNeverGave() {
        send(2);
        FakeSubscriber subscriber = connect();

        for (long sequence : new long[] {3, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertThat(acknowledge(subscriber, sequence)).isEqualTo(Acknowledgement.NOT_DELIVERED);
        }
        acknowledge(subscriber, 2);
        int entries = rooms.journal().entryCount();
        assertThat(acknowledge(subscriber, 1)).isEqualTo(Acknowledgement.TAKEN);
        assertThat(acknowledge(subscriber, 0)).isEqualTo(Acknowledgement.TAKEN);
        rooms.commit();
        assertThat(subscriber.acknowledged()).containsExactly(2L, 1L, 0L);
        assertThat(rooms.journal().entryCount()).isEqualTo(entries);
    }

    @Test
    void takesNoAcknowledgementOfAConnectionThatWasDisplaced() {
        send(1);
        FakeSubscriber older = connect();
        FakeSubscriber newer = connect();

        assertThat(older.events()).endsWith("displaced");
        assertThat(acknowledge(older, 1)).isEqualTo(Acknowledgement.NOT_DELIVERED);
        rooms.disconnect(bob, DEVICE, older);
        send(1);
        assertThat(older.sequences()).containsExactly(1L);
        assertThat(newer.sequences()).containsExactly(1L, 2L);
    }

    @Test
    void changesNothingWhenTheJournalHasNoRoomForAnAcknowledgement() {
        send(1);
        FakeSubscriber subscriber = connect();
        rooms.journal().refuse(Journal.OVERLOADED);

        assertThat(acknowledge(subscriber, 1)).isEqualTo(Acknowledgement.OVERLOADED);

        rooms.journal().refuse(0);
        assertThat(connect().sequences()).containsExactly(1L);
    }

    @Test
    void writesNoRowForWhatWasAcknowledgedBetweenTwoCheckpoints() {
        FakeSubscriber first = rooms.connect(bob, 1);
        FakeSubscriber second = connect();
        for (int index = 1; index <= 50; index++) {
            send(1);
            rooms.acknowledge(bob, 1, first, index);
            acknowledge(second, index);
        }
        rooms.commit();

        rooms.checkpoint();

        assertThat(rooms.writtenCount("envelopes")).isZero();
        assertThat(rooms.hotBytes()).isZero();
        send(1);
        rooms.checkpoint();
        assertThat(rooms.writtenCount("envelopes")).as("what waits is written").isEqualTo(2);
    }

    @Test
    void takesTheRowsOfWhatIsAcknowledgedOffTheDisk() {
        send(4);
        rooms.checkpoint();
        assertThat(rooms.rowCount("envelopes")).isEqualTo(8);

        acknowledge(connect(), 3);
        rooms.commit();
        rooms.checkpoint();

        assertThat(rooms.rowCount("envelopes")).isEqualTo(5);
    }

    // Memory

    @Test
    void deliversFromTheJournalWhatMemoryHasLost() {
        start(new MailboxLimits(1000, 1 << 20, 256, 1 << 20, 1));
        send(200);

        FakeSubscriber subscriber = connect();

        assertThat(subscriber.sequences()).containsExactly(sequences(1, 200));
        assertThat(rooms.hotBytes()).isZero();
        assertChain(subscriber, 0);
    }

    @Test
    void deliversFromTheImagePageByPageAndThenWhatCameLater() {
        start(new MailboxLimits(1000, 1 << 20, 1000, 1 << 20, 1 << 20));
        send(200);
        rooms.checkpoint();
        assertThat(rooms.hotBytes()).as("the tail is trimmed").isZero();
        send(5);

        FakeSubscriber subscriber = connect();

        assertThat(subscriber.sequences()).containsExactly(sequences(1, 205));
        assertChain(subscriber, 0);
    }

    @Test
    void dropsAPageThatComesAfterItsConnectionHasGone() {
        send(3);
        rooms.checkpoint();
        FakeSubscriber older = new FakeSubscriber();
        rooms.subscribe(bob, DEVICE, older);
        FakeSubscriber newer = new FakeSubscriber();
        rooms.subscribe(bob, DEVICE, newer);
        rooms.run();

        assertThat(older.received()).isEmpty();
        assertThat(newer.sequences()).containsExactly(1L, 2L, 3L);
    }

    // Gaps

    @Test
    void putsOneGapForAllThatAFullMailboxRefused() {
        start(new MailboxLimits(3, 1 << 20, 256, 1 << 20, 1 << 20));
        send(3);
        for (int index = 0; index < 4; index++) {
            assertThat(send(10, 0).getAccepted().getFullDevicesList()).containsExactly(1, DEVICE);
        }
        rooms.restart();

        FakeSubscriber subscriber = connect();

        assertThat(subscriber.sequences()).containsExactly(1L, 2L, 3L, 4L);
        FakeSubscriber.Received gap = subscriber.received().get(3);
        assertThat(gap.reason()).isEqualTo(GapReason.MAILBOX_FULL);
        assertThat(gap.gapCount()).isEqualTo(4);
        acknowledge(subscriber, 4);
        assertThat(send(10, 0).getAccepted().getFullDevicesList()).containsExactly(1);
        assertThat(subscriber.sequences()).endsWith(5L);
    }

    @Test
    void isFullByBytesTooAndHasRoomForSmallerOnes() {
        start(new MailboxLimits(100, 1000, 256, 1 << 20, 1 << 20));
        send(9);

        assertThat(send(101, 0).getAccepted().getFullDevicesList()).containsExactly(1, DEVICE);
        assertThat(send(100, 0).getAccepted().getFullDevicesList()).isEmpty();
        assertThat(send(1, 0).getAccepted().getFullDevicesList()).containsExactly(1, DEVICE);
    }

    @Test
    void announcesWhatIsNowhereOnTheDiskAsDamaged() {
        start(new MailboxLimits(100, 1 << 20, 256, 1 << 20, 1));
        send(2);
        rooms.journal().damageNewest();
        send(1);

        FakeSubscriber subscriber = connect();

        assertThat(subscriber.events()).containsSubsequence("deliver 1", "gap 2", "deliver 3");
        assertThat(subscriber.received().get(1).reason()).isEqualTo(GapReason.DAMAGED);
        assertChain(subscriber, 0);
    }

    @Test
    void announcesRowsThatAreMissingAsOneGap() {
        send(1);
        send(1);
        rooms.journal().damageNewest();
        send(1);
        rooms.journal().damageNewest();
        send(1);
        rooms.restart();

        FakeSubscriber subscriber = connect();

        assertThat(subscriber.sequences()).containsExactly(1L, 3L, 4L);
        assertThat(subscriber.received().get(1).gapCount()).isEqualTo(2);
        assertThat(subscriber.received().get(1).reason()).isEqualTo(GapReason.DAMAGED);
        assertChain(subscriber, 0);
        acknowledge(subscriber, 4);
        rooms.commit();
        assertThat(connect().backlog()).isEqualTo(new SaidBacklog(0, 0, 0));
    }

    // Expiry

    @Test
    void announcesWhatHasExpiredWhereverItIs() {
        send(100, 1);
        send(100, 0);
        rooms.checkpoint();
        send(100, 1);
        send(100, 0);
        rooms.pass(2_000);

        FakeSubscriber subscriber = connect();

        assertThat(subscriber.events()).startsWith("backlog", "gap 1", "deliver 2", "gap 3", "deliver 4");
        assertThat(subscriber.received().get(0).reason()).isEqualTo(GapReason.EXPIRED);
        assertThat(subscriber.received().get(2).gapCount()).isEqualTo(1);
        assertChain(subscriber, 0);
    }

    @Test
    void countsTheBytesOfWhatExpiredUntilItIsAcknowledgedAndOnlyOnce() {
        send(100, 1);
        send(100, 0);
        rooms.pass(2_000);
        connect();
        assertThat(connect().backlog().bytes()).isEqualTo(200);
        rooms.checkpoint();
        rooms.restart();
        FakeSubscriber subscriber = connect();
        assertThat(subscriber.backlog().bytes()).isEqualTo(200);

        acknowledge(subscriber, 1);
        rooms.commit();

        assertThat(connect().backlog())
                .extracting(SaidBacklog::count, SaidBacklog::bytes)
                .containsExactly(1L, 100L);
        rooms.restart();
        assertThat(connect().backlog())
                .extracting(SaidBacklog::count, SaidBacklog::bytes)
                .containsExactly(1L, 100L);
    }

    @Test
    void sweepsWhatHasExpiredOffTheDiskOnce() {
        send(100, 1);
        send(100, 0);
        send(100, 10);
        rooms.checkpoint();
        rooms.pass(2_000);
        int entries = rooms.journal().entryCount();

        rooms.sweep();
        rooms.commit();
        rooms.sweep();
        rooms.checkpoint();
        assertThat(rooms.rowBytes("envelopes")).as("bytes of two devices").isLessThan(4 * 300);
        int swept = rooms.journal().entryCount();
        assertThat(swept).isGreaterThan(entries);
        rooms.sweep();
        assertThat(rooms.journal().entryCount()).as("nothing to do").isEqualTo(swept);

        rooms.pass(20_000);
        rooms.sweep();
        assertThat(rooms.journal().entryCount())
                .as("the next one's time has come")
                .isEqualTo(swept + 2);
        FakeSubscriber subscriber = connect();
        rooms.commit();
        assertThat(subscriber.events()).startsWith("backlog", "gap 1", "deliver 2", "gap 3");
        assertChain(subscriber, 0);
        acknowledge(subscriber, 1);
        rooms.commit();
        assertThat(connect().backlog().bytes()).isEqualTo(200);
    }

    @Test
    void sweepsALargeMailboxInSeveralEntriesAndManyMailboxesInSeveralSteps() {
        start(new MailboxLimits(10_000, 64 << 20, 256, 1 << 20, 1 << 20));
        for (int index = 0; index < ExpiryEntry.MAX_SEQUENCES + 10; index++) {
            rooms.submit(
                    sender,
                    Rooms.submission(bob, Rooms.envelopeId(1, next++), 10, 1, DEVICE)
                            .setTimeToLiveSeconds(1));
        }
        rooms.commit();
        for (int number = 10; number < 10 + 2 * ExpirySweep.FOUND; number++) {
            TestAccount other = rooms.account(number, 1);
            rooms.submit(
                    sender,
                    Rooms.submission(other, Rooms.envelopeId(1, next++), 10, 1).setTimeToLiveSeconds(1));
        }
        rooms.commit();
        rooms.checkpoint();
        rooms.pass(2_000);

        rooms.sweep();
        rooms.commit();
        rooms.checkpoint();

        assertThat(rooms.counted("quintet.envelopes.expired"))
                .isEqualTo(2 * (ExpiryEntry.MAX_SEQUENCES + 10) + 2 * ExpirySweep.FOUND);
    }

    @Test
    void sweepsALaterArrivalInItsOwnTime() {
        send(100, 1);
        rooms.checkpoint();
        rooms.pass(2_000);
        send(100, 1);
        rooms.sweep();
        rooms.commit();
        rooms.checkpoint();
        rooms.pass(2_000);

        rooms.sweep();
        rooms.commit();
        rooms.checkpoint();

        assertThat(rooms.counted("quintet.envelopes.expired")).isEqualTo(4);
        assertThat(connect().events()).startsWith("backlog", "gap 1", "gap 2");
    }

    @Test
    void sweepsNothingOfADeviceThatIsOut() {
        send(100, 1);
        rooms.checkpoint();
        rooms.pass(2_000);
        rooms.put(bob, 1, bob.list(3, 1), answer -> {});
        rooms.commit();

        rooms.sweep();
        rooms.commit();
        rooms.checkpoint();

        assertThat(rooms.rowCount("mailboxes")).isEqualTo(1);
        assertThat(rooms.rowCount("envelopes")).isEqualTo(1);
    }

    // Leaving

    @Test
    void letsASubscriberLeaveInTheMiddleOfADelivery() {
        send(3);
        for (boolean isInImage : List.of(false, true)) {
            FakeSubscriber leaving = new FakeSubscriber() {
                @Override
                public void deliver(long sequence, long previous, EnvelopeHeader header, ByteBuffer ciphertext) {
                    super.deliver(sequence, previous, header, ciphertext);
                    rooms.leave(bob, DEVICE, this);
                }
            };
            rooms.subscribe(bob, DEVICE, leaving);
            rooms.run();
            assertThat(leaving.events()).containsExactly("backlog", "deliver 1");
            assertThat(connect().sequences()).containsExactly(1L, 2L, 3L);
            rooms.checkpoint();
        }
    }
}
