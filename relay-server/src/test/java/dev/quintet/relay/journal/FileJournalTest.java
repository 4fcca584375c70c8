package dev.quintet.relay.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileJournalTest {
    private final ForgetfulDisk disk = new ForgetfulDisk();

    @Test
    void replaysWhatWasCommitted() throws Exception {
        JournalFixture fixture = new JournalFixture(disk);
        for (int number = 0; number < 100; number++) {
            assertThat(fixture.append(number, number * 17 % 900)).isNotNegative();
            fixture.commitAll();
        }

        assertThat(fixture.numbers()).isEqualTo(IntStream.range(0, 100).boxed().toList());
    }

    @Test
    void reportsNothingDurableBeforeCommit() throws Exception {
        JournalFixture fixture = new JournalFixture(disk);
        List<Long> told = new ArrayList<>();
        fixture.journal.onDurable(told::add);

        long position = fixture.append(1, 100);

        assertThat(fixture.journal.durablePosition()).isLessThanOrEqualTo(position);
        assertThat(told).isEmpty();
        fixture.commitAll();
        assertThat(fixture.journal.durablePosition()).isGreaterThan(position);
        assertThat(told).containsExactly(fixture.journal.durablePosition());
    }

    @Test
    void readsPartOfABody() throws Exception {
        JournalFixture fixture = new JournalFixture(disk);
        fixture.append(1, 300);
        long position = fixture.append(2, 1_000);
        fixture.commitAll();

        assertThat(fixture.journal.read(position, 700, 300))
                .isEqualTo(Arrays.copyOfRange(JournalFixture.body(2, 1_000), 700, 1_000));
        assertThat(fixture.journal.read(position, 0, 5)).isEqualTo(Arrays.copyOf(JournalFixture.body(2, 1_000), 5));
    }

    @Test
    void refusesToReadWhatIsNotDurable() throws Exception {
        JournalFixture fixture = new JournalFixture(disk);
        long position = fixture.append(1, 100);

        assertThatThrownBy(() -> fixture.journal.read(position, 0, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void goesOnWhereItStoppedAtEverySecondStart(@TempDir Path directory) throws Exception {
        long position = -1;
        for (int start = 0; start < 5; start++) {
            JournalFixture fixture =
                    new JournalFixture(new FileDisk(directory), JournalFixture.SMALL, new SplittableRandom(start));
            assertThat(fixture.numbers())
                    .isEqualTo(IntStream.range(0, start).boxed().toList());
            long next = fixture.append(start, 1_500);
            assertThat(next).isGreaterThan(position);
            position = next;
            fixture.journal.close();
        }
    }

    @Test
    void answersOverloadedWhenTheRingIsFullAndRecovers() throws Exception {
        JournalFixture fixture = new JournalFixture(disk);
        int taken = 0;
        while (fixture.append(taken, 500) >= 0) {
            taken++;
        }
        assertThat(taken).isBetween(6, 8);
        assertThat(fixture.append(taken, 500)).isEqualTo(Journal.OVERLOADED);

        fixture.commitAll();

        assertThat(fixture.append(taken, 500)).isNotNegative();
        fixture.commitAll();
        assertThat(fixture.numbers())
                .isEqualTo(IntStream.rangeClosed(0, taken).boxed().toList());
    }

    @Test
    void takesTheLargestBodyAndNoLarger() throws Exception {
        JournalFixture fixture = new JournalFixture(disk);
        int largest = JournalFixture.SMALL.largestBodyBytes();
        for (int number = 0; number < 20; number++) {
            assertThat(fixture.append(number, largest)).isNotNegative();
            fixture.commitAll();
        }

        assertThat(fixture.numbers()).hasSize(20);
        assertThatThrownBy(() -> fixture.append(1, largest + 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void takesAnEmptyBody() throws Exception {
        JournalFixture fixture = new JournalFixture(disk);
        List<Entry> found = new ArrayList<>();
        fixture.journal.append(65_535, EntryType.ACKNOWLEDGEMENT, Unpooled.EMPTY_BUFFER);
        fixture.commitAll();

        fixture.journal.replay(0, fixture.journal.durablePosition(), found::add);

        assertThat(found).hasSize(1);
        assertThat(found.get(0).partition()).isEqualTo(65_535);
        assertThat(found.get(0).body().readableBytes()).isZero();
    }

    @Test
    void keepsAnEntryOutOfTheLogWhenItsBodyCannotBeCopied() throws Exception {
        JournalFixture fixture = new JournalFixture(disk);
        var released = Unpooled.buffer(100).writeZero(100);
        released.release();

        assertThatThrownBy(() -> fixture.journal.append(0, EntryType.SUBMISSION, released))
                .isInstanceOf(RuntimeException.class);
        fixture.append(1, 100);
        fixture.commitAll();

        assertThat(fixture.numbers()).containsExactly(1);
    }
}
