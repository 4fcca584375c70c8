package dev.quintet.relay.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quintet.relay.journal.JournalFixture.Read;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RecoveryTest {
    private static final JournalConfig TINY = new JournalConfig(4 << 10, 4 << 10);
    private static final int MARKED_COUNT = 18;
    private static final int COUNT = 26;
    private static final int NEW = 1_000;

    /** Files of a journal that spans two segments and has a prepared one, as a killed process leaves them. */
    private final Map<String, byte[]> files = new HashMap<>();
    /** What was appended, and where; the first {@link #MARKED_COUNT} are covered by a marker. */
    private List<Read> appended;

    @BeforeEach
    void fillJournal() throws Exception {
        ForgetfulDisk disk = new ForgetfulDisk();
        JournalFixture fixture = open(disk);
        for (int number = 0; number < COUNT; number++) {
            fixture.append(number, 40 + number * 37 % 300);
            if (number % 3 == 2) {
                fixture.commitAll();
            }
            if (number == MARKED_COUNT - 1) {
                fixture.pass(2);
                fixture.commitAll();
            }
        }
        fixture.commitAll();
        appended = fixture.replay();
        for (String name : disk.names()) {
            files.put(name, disk.bytes(name));
        }
        assertThat(files).hasSize(3);
        assertThat(appended).hasSize(COUNT);
    }

    private static JournalFixture open(Disk disk) throws IOException {
        return new JournalFixture(disk, TINY, new SplittableRandom(1));
    }

    private ForgetfulDisk diskWith(String name, byte[] bytes) {
        ForgetfulDisk disk = new ForgetfulDisk();
        files.forEach(disk::put);
        disk.put(name, bytes);
        return disk;
    }

    private long firstPositionOfSecondSegment() {
        return TINY.segmentBytes();
    }

    @Test
    void keepsAllBelowTheCutWhereverTheLastSegmentIsCut() throws Exception {
        String name = Segment.name(firstPositionOfSecondSegment());
        byte[] whole = files.get(name);
        for (int bytes : cuts(whole)) {
            JournalFixture fixture = open(diskWith(name, Arrays.copyOf(whole, bytes)));
            long end = firstPositionOfSecondSegment() + bytes - SegmentHeader.BYTES;
            List<Read> found = fixture.replay();
            assertTrue(appended.subList(0, found.size()).equals(found), "cut at " + bytes);
            assertTrue(found.size() >= countThatEndBelow(end), "cut at " + bytes);
            assertGoesOn(fixture);
        }
    }

    /** Every length, but only each 64th where all around is zero: what is missing reads as zeros anyway. */
    private static int[] cuts(byte[] whole) {
        return IntStream.range(1, whole.length)
                .filter(bytes -> whole[bytes - 1] != 0 || whole[bytes] != 0 || bytes % 64 == 0)
                .toArray();
    }

    private int countThatEndBelow(long end) {
        int count = 0;
        while (count + 1 < COUNT && appended.get(count + 1).position() <= end) {
            count++;
        }
        return count;
    }

    private static void assertGoesOn(JournalFixture fixture) throws IOException {
        List<Integer> expected = new ArrayList<>(fixture.numbers());
        expected.add(NEW);
        fixture.append(NEW, 100);
        fixture.commitAll();
        ForgetfulDisk disk = (ForgetfulDisk) fixture.disk;
        disk.restart(new SplittableRandom(NEW));
        assertThat(open(disk).numbers()).isEqualTo(expected);
    }

    @Test
    void keepsTheLaterSegmentWhereverTheEarlierOneIsCut() throws Exception {
        String name = Segment.name(0);
        byte[] whole = files.get(name);
        for (int bytes : cuts(whole)) {
            JournalFixture fixture = open(diskWith(name, Arrays.copyOf(whole, bytes)));
            List<Read> found = fixture.replay();
            List<Read> later = appended.subList(COUNT - countInSecondSegment(), COUNT);
            List<Read> earlier = found.subList(0, found.size() - later.size());
            assertTrue(found.subList(earlier.size(), found.size()).equals(later), "cut at " + bytes);
            assertTrue(appended.subList(0, earlier.size()).equals(earlier), "cut at " + bytes);
            assertTrue(found.size() == COUNT || fixture.damaged() == 1, "cut at " + bytes);
        }
    }

    private int countInSecondSegment() {
        return (int) appended.stream()
                .filter(read -> read.position() >= firstPositionOfSecondSegment())
                .count();
    }

    @Test
    void losesOnlyTheEntryThatAFlippedBitIsIn() throws Exception {
        String name = Segment.name(0);
        byte[] whole = files.get(name);
        for (int at = SegmentHeader.BYTES; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= (byte) (1 << at % 8);
            JournalFixture fixture = open(diskWith(name, flipped));
            List<Read> expected = new ArrayList<>(appended);
            expected.remove(entryAt(at - SegmentHeader.BYTES));
            List<Read> found = fixture.replay();
            boolean isHarmless = found.equals(appended);
            assertTrue(isHarmless || found.equals(expected) && fixture.damaged() == 1, "flipped a bit of " + at);
        }
    }

    @Test
    void deliversNothingWrongWhicheverBitAfterTheLastMarkerIsFlipped() throws Exception {
        String name = Segment.name(firstPositionOfSecondSegment());
        byte[] whole = files.get(name);
        long start = firstPositionOfSecondSegment() - SegmentHeader.BYTES;
        long end = appended.get(COUNT - 1).position() + 400 - start;
        for (int at = SegmentHeader.BYTES; at < end; at++) {
            boolean isHeader = start + at - entryAt(start + at).position() < EntryLayout.ALIGNMENT;
            for (int bit = isHeader ? 0 : 7; bit < 8; bit++) {
                byte[] flipped = whole.clone();
                flipped[at] ^= (byte) (1 << bit);
                List<Read> found = open(diskWith(name, flipped)).replay();
                List<Read> expected = new ArrayList<>(appended);
                expected.retainAll(found);
                assertTrue(found.equals(expected), "flipped bit " + bit + " of " + at);
                int below = appended.indexOf(entryAt(start + at));
                assertTrue(found.size() >= below, "flipped bit " + bit + " of " + at);
                assertTrue(
                        found.subList(0, below).equals(appended.subList(0, below)), "flipped bit " + bit + " of " + at);
            }
        }
    }

    private Read entryAt(long position) {
        return appended.stream()
                .filter(read -> read.position() <= position)
                .reduce((earlier, later) -> later)
                .orElse(appended.get(0));
    }

    @Test
    void readsTheSecondCopyOfAHeaderWhicheverBitOfTheFirstIsFlipped() throws Exception {
        for (int at = 0; at < 48; at++) {
            for (int copy = 0; copy < SegmentHeader.BYTES; copy += SegmentHeader.BYTES / 2) {
                for (int bit = 0; bit < 8; bit++) {
                    byte[] flipped = files.get(Segment.name(0)).clone();
                    flipped[copy + at] ^= (byte) (1 << bit);
                    ForgetfulDisk disk = new ForgetfulDisk();
                    disk.put(Segment.name(0), flipped);
                    assertThat(open(disk).numbers()).isNotEmpty();
                }
            }
        }
    }

    @Test
    void readsASegmentWithoutAHeader() throws Exception {
        byte[] headless = files.get(Segment.name(0)).clone();
        Arrays.fill(headless, 0, SegmentHeader.BYTES, (byte) 0x55);

        assertThat(open(diskWith(Segment.name(0), headless)).replay()).isEqualTo(appended);
    }

    @Test
    void refusesAJournalWithoutAnyHeaderAndChangesNothing() throws Exception {
        byte[] headless = files.get(Segment.name(0)).clone();
        Arrays.fill(headless, 0, SegmentHeader.BYTES, (byte) 0x55);
        ForgetfulDisk disk = new ForgetfulDisk();
        disk.put(Segment.name(0), headless);

        assertThatThrownBy(() -> open(disk)).isInstanceOf(IOException.class).hasMessageContaining("header");
        assertThat(disk.bytes(Segment.name(0))).isEqualTo(headless);
    }

    @Test
    void startsAnewOverSegmentsThatWereNeverWritten() throws Exception {
        ForgetfulDisk disk = new ForgetfulDisk();
        disk.put(Segment.name(0), new byte[100]);

        assertThat(open(disk).numbers()).isEmpty();
    }

    @Test
    void namesAMissingSegmentAndKeepsTheOthers() throws Exception {
        ForgetfulDisk disk = new ForgetfulDisk();
        JournalFixture fixture = open(disk);
        for (int number = 0; number < 40; number++) {
            fixture.append(number, 400);
            fixture.commitAll();
        }
        long segmentBytes = TINY.segmentBytes();
        List<Read> kept = fixture.replay().stream()
                .filter(read -> read.position() / segmentBytes != 1)
                .toList();
        fixture.journal.close();
        disk.delete(Segment.name(segmentBytes));

        JournalFixture again = open(disk);

        assertThat(again.damaged()).isEqualTo(1);
        assertThat(again.replay()).isEqualTo(kept);
    }

    @Test
    void answersNullForADamagedEntryAndReadsTheOneBehindIt() throws Exception {
        byte[] damaged = files.get(Segment.name(0)).clone();
        damaged[(int) (SegmentHeader.BYTES + appended.get(5).position() + 30)] ^= 1;
        JournalFixture fixture = open(diskWith(Segment.name(0), damaged));

        assertThat(fixture.journal.read(appended.get(5).position(), 0, 4)).isNull();
        assertThat(fixture.journal.read(appended.get(6).position(), 0, 4))
                .isEqualTo(Arrays.copyOf(JournalFixture.body(6, 4), 4));
        assertThat(fixture.damaged()).isEqualTo(1);
    }

    @Test
    void namesDamageAgainAtEachStartHoweverOftenRecoveryIsCutShort() throws Exception {
        byte[] damaged = files.get(Segment.name(0)).clone();
        damaged[(int) (SegmentHeader.BYTES + appended.get(5).position() + 30)] ^= 1;
        byte[] torn = files.get(Segment.name(firstPositionOfSecondSegment())).clone();
        Read lost = appended.get(MARKED_COUNT + 1);
        torn[(int) (SegmentHeader.BYTES + lost.position() - firstPositionOfSecondSegment() + 20)] ^= 1;
        ForgetfulDisk calm = diskWith(Segment.name(0), damaged);
        calm.put(Segment.name(firstPositionOfSecondSegment()), torn);
        List<Read> expected = open(calm).replay();
        assertThat(expected).doesNotContain(appended.get(5), lost).contains(appended.get(6));

        for (int operations = 0; operations < 40; operations++) {
            ForgetfulDisk disk = diskWith(Segment.name(0), damaged);
            disk.put(Segment.name(firstPositionOfSecondSegment()), torn);
            disk.cutPowerAfter(operations);
            assertThat(openOrFail(disk)).isNotNull();
            disk.restart(new SplittableRandom(operations));
            assertThat(open(disk).replay()).isEqualTo(expected);
        }
    }

    private static String openOrFail(Disk disk) {
        try {
            open(disk);
            return "opened";
        } catch (IOException powerCut) {
            return powerCut.getMessage();
        }
    }

    @Test
    void keepsWhatIsBehindDamageThoughTheMarkerThatTellsItFromATornTailIsCutOff() throws Exception {
        ForgetfulDisk disk = new ForgetfulDisk();
        JournalFixture fixture = open(disk);
        long damaged = fixture.append(0, 100);
        fixture.append(1, 100);
        fixture.commitAll();
        long torn = fixture.append(2, 100);
        fixture.append(3, 100);
        fixture.commitAll();
        flip(disk, damaged + 20);
        flip(disk, torn + 20);

        for (int start = 0; start < 3; start++) {
            JournalFixture again = open(disk);
            assertThat(again.numbers()).containsExactly(1);
            assertThat(again.damaged()).isEqualTo(1);
        }
    }

    @Test
    void neverRevivesWhatWasCutOffWhenANewEntryEndsWhereItStarts() throws Exception {
        ForgetfulDisk disk = new ForgetfulDisk();
        JournalFixture fixture = open(disk);
        long torn = fixture.append(0, 100);
        fixture.append(1, 100);
        fixture.commitAll();
        flip(disk, torn + 20);
        JournalFixture again = open(disk);

        // With the marker behind it just as long as the torn one was.
        assertThat(again.append(NEW, 100 - EntryLayout.ALIGNMENT)).isEqualTo(torn);
        again.commitAll();

        assertThat(open(disk).numbers()).containsExactly(NEW);
    }

    private static void flip(ForgetfulDisk disk, long position) {
        byte[] bytes = disk.bytes(Segment.name(0));
        bytes[(int) (SegmentHeader.BYTES + position)] ^= 1;
        disk.put(Segment.name(0), bytes);
    }

    @Test
    void refusesANewerFormat() throws Exception {
        ForgetfulDisk disk = new ForgetfulDisk();
        open(disk).journal.close();
        byte[] newer = withVersion(disk.bytes(Segment.name(0)), SegmentHeader.VERSION + 1);
        disk.put(Segment.name(0), newer);

        assertThatThrownBy(() -> open(disk)).isInstanceOf(IOException.class).hasMessageContaining("format 2");
        assertThat(disk.bytes(Segment.name(0))).isEqualTo(newer);
    }

    @Test
    void refusesAnEntryOfATypeItDoesNotKnowAndChangesNothing() throws Exception {
        ForgetfulDisk disk = new ForgetfulDisk();
        JournalFixture fixture = open(disk);
        long position = fixture.append(EntryType.EXPIRY, 1, 100);
        fixture.append(2, 100);
        fixture.commitAll();
        byte[] newer = disk.bytes(Segment.name(0));
        ByteBuffer entry = ByteBuffer.wrap(newer, (int) (SegmentHeader.BYTES + position), 112)
                .slice();
        entry.put(EntryLayout.TYPE, (byte) 99);
        long key = position ^ SegmentHeader.read(disk.open(Segment.name(0))).salt();
        entry.putInt(
                EntryLayout.CHECKSUM,
                EntryLayout.checksum(new CRC32C(), key, 112, entry.duplicate().position(EntryLayout.TYPE)));
        disk.put(Segment.name(0), newer);

        assertThatThrownBy(() -> open(disk)).isInstanceOf(IOException.class).hasMessageContaining("newer");
        assertThat(disk.bytes(Segment.name(0))).isEqualTo(newer);
    }

    private static byte[] withVersion(byte[] file, int version) {
        byte[] changed = file.clone();
        for (int copy = 0; copy < SegmentHeader.BYTES; copy += SegmentHeader.BYTES / 2) {
            ByteBuffer.wrap(changed).putInt(copy + 8, version);
            CRC32C crc = new CRC32C();
            crc.update(changed, copy, 40);
            ByteBuffer.wrap(changed).putInt(copy + 40, (int) crc.getValue());
        }
        return changed;
    }
}
