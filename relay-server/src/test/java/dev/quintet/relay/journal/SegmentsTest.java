package dev.quintet.relay.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.relay.journal.JournalFixture.Read;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Segments come, are released, are used again; and the disk is full in between. */
final class SegmentsTest {
    private static final int SEGMENT_BYTES = JournalFixture.SMALL.segmentBytes();
    private static final int FILE_BYTES = SEGMENT_BYTES + SegmentHeader.BYTES;

    private final ForgetfulDisk disk = new ForgetfulDisk();

    private JournalFixture open() throws Exception {
        return new JournalFixture(disk, JournalFixture.SMALL, new SplittableRandom(1));
    }

    private static long appendCommitted(JournalFixture fixture, int count) {
        long last = -1;
        for (int number = 0; number < count; number++) {
            last = fixture.append(number, 500);
            assertThat(last).isNotNegative();
            fixture.commitAll();
        }
        return last;
    }

    @Test
    void makesOneSegmentAhead() throws Exception {
        JournalFixture fixture = open();
        assertThat(disk.names()).containsExactlyInAnyOrder(Segment.name(0), Segment.name(SEGMENT_BYTES));

        appendCommitted(fixture, 20);

        assertThat(disk.names()).hasSize(3);
    }

    @Test
    void makesTheNextSegmentBeforeTheOpenOneIsFull() throws Exception {
        JournalFixture fixture = open();
        while (fixture.journal.durablePosition() < SEGMENT_BYTES / 4) {
            appendCommitted(fixture, 1);
        }
        assertThat(disk.names()).hasSize(2);

        while (fixture.journal.durablePosition() <= SEGMENT_BYTES / 2) {
            appendCommitted(fixture, 1);
        }
        fixture.commitAll();
        appendCommitted(fixture, 1);

        assertThat(fixture.journal.durablePosition()).isLessThan(SEGMENT_BYTES);
        assertThat(disk.names()).hasSize(3);
    }

    @Test
    void recyclesReleasedSegmentsAndDeletesThoseThatAreTooMany() throws Exception {
        JournalFixture fixture = open();
        appendCommitted(fixture, 100);
        int before = disk.names().size();
        assertThat(before).isGreaterThan(6);

        fixture.journal.release(fixture.journal.durablePosition());

        assertThat(disk.names()).hasSize(4).doesNotContain(Segment.name(0));
    }

    @Test
    void answersNullForWhatWasReleased() throws Exception {
        JournalFixture fixture = open();
        appendCommitted(fixture, 50);
        fixture.journal.release(fixture.journal.durablePosition());

        assertThat(fixture.journal.read(0, 0, 4)).isNull();
    }

    @Test
    void neverRevivesTheOldEntriesOfARecycledSegment() throws Exception {
        JournalFixture fixture = open();
        for (int round = 0; round < 30; round++) {
            long last = appendCommitted(fixture, 25);
            fixture.journal.release(last);
            List<Read> known = fixture.replay();
            disk.restart(new SplittableRandom(round));
            fixture = open();
            assertThat(fixture.replay()).isEqualTo(known);
            assertThat(fixture.damaged()).isZero();
        }
    }

    @Test
    void takesNoEntryForOneThatStandsInAnotherPlace() throws Exception {
        appendCommitted(open(), 30);
        disk.put(Segment.name(2 * SEGMENT_BYTES), disk.bytes(Segment.name(0)));
        disk.delete(Segment.name(SEGMENT_BYTES));

        assertThat(open().replay()).allMatch(read -> read.position() < SEGMENT_BYTES);
    }

    @Test
    void refusesGrowthOnAFullDiskAndStillTakesAcknowledgements() throws Exception {
        JournalFixture fixture = open();
        disk.limitTo(2 * FILE_BYTES);
        long answer = appendUntilRefused(fixture);

        assertThat(answer).isEqualTo(Journal.NO_SPACE);
        for (int number = 0; number < 20; number++) {
            assertThat(fixture.append(EntryType.ACKNOWLEDGEMENT, number, 30)).isNotNegative();
            fixture.commitAll();
        }
        assertThat(fixture.failures).isEmpty();
    }

    private static long appendUntilRefused(JournalFixture fixture) {
        long answer = 0;
        for (int number = 0; answer >= 0; number++) {
            answer = fixture.append(number, 500);
            fixture.commitAll();
        }
        return answer;
    }

    @Test
    void growsAgainWhenASegmentIsReleased() throws Exception {
        JournalFixture fixture = open();
        disk.limitTo(2 * FILE_BYTES);
        assertThat(appendUntilRefused(fixture)).isEqualTo(Journal.NO_SPACE);

        fixture.journal.release(fixture.journal.durablePosition());

        assertThat(fixture.append(1, 500)).isNotNegative();
    }

    @Test
    void growsAgainWhenThereIsSpaceAgain() throws Exception {
        JournalFixture fixture = open();
        disk.limitTo(2 * FILE_BYTES);
        assertThat(appendUntilRefused(fixture)).isEqualTo(Journal.NO_SPACE);

        disk.limitTo(Long.MAX_VALUE);
        fixture.pass(2);
        fixture.commitAll();

        assertThat(fixture.append(1, 500)).isNotNegative();
    }

    @Test
    void refusesGrowthWhileTooMuchIsKeptAndStillTakesAcknowledgements() throws Exception {
        long kept = 4L * SEGMENT_BYTES;
        var config = new JournalConfig(SEGMENT_BYTES, JournalFixture.SMALL.ringBytes(), kept);
        JournalFixture fixture = new JournalFixture(disk, config, new SplittableRandom(1));
        long answer = appendUntilRefused(fixture);

        assertThat(answer).isEqualTo(Journal.OVERLOADED);
        assertThat(fixture.journal.durablePosition()).isBetween(kept - 1_000, kept);
        for (int number = 0; number < 50; number++) {
            assertThat(fixture.append(EntryType.ACKNOWLEDGEMENT, number, 300)).isNotNegative();
            fixture.commitAll();
        }
        assertThat(fixture.journal.durablePosition()).isGreaterThan(kept);
        assertThat(fixture.append(1, 500)).isEqualTo(Journal.OVERLOADED);

        fixture.journal.release(fixture.journal.durablePosition());

        assertThat(fixture.append(1, 500)).isNotNegative();
    }

    @Test
    void opensWithMoreThanItKeeps() throws Exception {
        appendCommitted(open(), 100);
        var config = new JournalConfig(SEGMENT_BYTES, JournalFixture.SMALL.ringBytes(), 4L * SEGMENT_BYTES);
        JournalFixture fixture = new JournalFixture(disk, config, new SplittableRandom(1));
        assertThat(fixture.numbers()).hasSize(100);
        assertThat(fixture.append(1, 500)).isEqualTo(Journal.OVERLOADED);

        fixture.journal.release(fixture.journal.durablePosition());

        assertThat(fixture.append(1, 500)).isNotNegative();
    }

    @Test
    void answersOverloadedWhenEvenAcknowledgementsFindNoSpaceAndLosesNone() throws Exception {
        JournalFixture fixture = open();
        disk.limitTo(2 * FILE_BYTES);
        int taken = 0;
        while (fixture.append(EntryType.ACKNOWLEDGEMENT, taken, 500) >= 0) {
            taken++;
            fixture.commitAll();
        }

        assertThat(fixture.append(EntryType.ACKNOWLEDGEMENT, taken, 500)).isEqualTo(Journal.OVERLOADED);
        disk.restart(new SplittableRandom(1));
        assertThat(open().numbers()).hasSize(taken);
    }

    @Test
    void opensOnAFullDiskWithTheLogExactlyAtTheEndOfItsLastSegment() throws Exception {
        appendCommitted(open(), 30);
        byte[] first = disk.bytes(Segment.name(0));
        ForgetfulDisk full = new ForgetfulDisk();
        full.put(Segment.name(0), first);
        full.limitTo(0);
        JournalFixture fixture = new JournalFixture(full);
        assertThat(fixture.journal.durablePosition()).isEqualTo(SEGMENT_BYTES);
        assertThat(fixture.append(1, 10)).isEqualTo(Journal.NO_SPACE);

        full.limitTo(Long.MAX_VALUE);
        fixture.pass(2);
        fixture.commitAll();

        assertThat(fixture.append(1, 10)).isGreaterThanOrEqualTo(SEGMENT_BYTES);
        fixture.commitAll();
        assertThat(fixture.numbers()).endsWith(1);
    }
}
