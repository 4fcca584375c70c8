package dev.quintet.relay.journal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class JournalFailureTest {
    private final ForgetfulDisk disk = new ForgetfulDisk();

    @Test
    void stopsForGoodWhenASyncFailsAndNeverTriesAgain() throws Exception {
        JournalFixture fixture = new JournalFixture(disk);
        fixture.append(1, 100);
        fixture.commitAll();
        long durable = fixture.journal.durablePosition();
        disk.failForces(true);
        fixture.append(2, 100);

        fixture.commitAll();

        disk.failForces(false);
        fixture.commitAll();
        fixture.pass(5);
        fixture.commitAll();
        assertThat(fixture.failures).hasSize(1);
        assertThat(disk.failedForceCount()).isEqualTo(1);
        assertThat(fixture.append(3, 100)).isEqualTo(Journal.OVERLOADED);
        assertThat(fixture.journal.durablePosition()).isEqualTo(durable);
        int forces = disk.forceCount();
        fixture.journal.close();
        assertThat(disk.forceCount()).isEqualTo(forces);
    }

    @Test
    void stopsForGoodWhenAWriteFails() throws Exception {
        JournalFixture fixture = new JournalFixture(disk);
        disk.failWrites(true);
        long position = fixture.append(1, 100);

        fixture.commitAll();

        disk.failWrites(false);
        fixture.commitAll();
        assertThat(fixture.failures).hasSize(1);
        assertThat(fixture.journal.durablePosition()).isLessThanOrEqualTo(position);
    }

    @Test
    void tellsNobodyThatABatchIsDurableWhoseSyncFailed() throws Exception {
        JournalFixture fixture = new JournalFixture(disk);
        fixture.journal.onDurable(position -> {
            throw new AssertionError("told of " + position);
        });
        disk.failForces(true);
        fixture.append(1, 100);

        fixture.commitAll();

        assertThat(fixture.failures).hasSize(1);
        assertThat(fixture.failures.get(0)).hasMessage("Input/output error");
    }

    @Test
    void keepsThePositionOfASilentJournalMarked() throws Exception {
        JournalFixture fixture = new JournalFixture(disk);
        long position = fixture.append(1, 100);
        fixture.append(2, 100);
        fixture.commitAll();
        fixture.pass(2);
        assertThat(fixture.journal.commit()).isTrue();
        fixture.pass(2);
        assertThat(fixture.journal.commit()).isFalse();
        byte[] bytes = disk.bytes(Segment.name(0));
        bytes[(int) (SegmentHeader.BYTES + position + 20)] ^= 1;
        disk.put(Segment.name(0), bytes);

        JournalFixture again = new JournalFixture(disk);

        assertThat(again.damaged()).isEqualTo(1);
        assertThat(again.numbers()).containsExactly(2);
    }
}
