package dev.quintet.relay.mailbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.EnvelopeHeader;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.relay.journal.DeviceListEntry;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.journal.MemoryJournal;
import dev.quintet.relay.store.Image;
import dev.quintet.relay.store.MemoryRows;
import dev.quintet.relay.store.RowChange;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MailboxChapterTest {
    private static final AccountId ACCOUNT = new AccountId(1, 2);
    private static final int ENTRIES = 9;

    private record Written(EntryType type, ByteBuf body) {}

    /** Something that can have happened to two mailboxes of one account. */
    private static final class History {
        private final SplittableRandom random;
        private final List<Written> entries = new ArrayList<>();
        private final long[] ends = {1, 1};
        private final long[] acknowledged = {0, 0};
        private final boolean[] isNewestFull = new boolean[2];
        private int devices = 2;

        History(long seed) {
            random = new SplittableRandom(seed);
            while (entries.size() < ENTRIES) {
                int device = random.nextInt(devices);
                switch (random.nextInt(8)) {
                    case 0, 1, 2, 3 -> submit();
                    case 4, 5 -> acknowledge(device);
                    case 6 -> expire(device);
                    default -> removeSeldom();
                }
            }
        }

        private void submit() {
            ByteBuf body = add(EntryType.SUBMISSION);
            EnvelopeHeader header = new EnvelopeHeader(ACCOUNT, 9, new EnvelopeId(3, entries.size()), 1000, 0, false);
            SubmissionEntry.writeHead(body, ACCOUNT, header, 0, devices);
            SubmissionEntry.setTerms(body, random.nextLong(2000, 3000), 7);
            int offset = SubmissionEntry.HEAD_BYTES + devices * SubmissionEntry.DEVICE_BYTES;
            for (int device = 0; device < devices; device++) {
                boolean isFull = random.nextInt(4) == 0;
                long sequence = isFull && isNewestFull[device] ? ends[device] - 1 : ends[device];
                SubmissionEntry.writeDevice(body, device + 1, sequence, offset, isFull ? 0 : 5);
                ends[device] = sequence + 1;
                isNewestFull[device] = isFull;
            }
            body.writeBytes(new byte[5]);
        }

        private void acknowledge(int device) {
            if (acknowledged[device] + 1 < ends[device]) {
                acknowledged[device] = random.nextLong(acknowledged[device] + 1, ends[device]);
                isNewestFull[device] &= acknowledged[device] + 1 < ends[device];
                AcknowledgementEntry.write(
                        add(EntryType.ACKNOWLEDGEMENT), ACCOUNT, device + 1, acknowledged[device], random.nextInt(9));
            }
        }

        private void expire(int device) {
            if (acknowledged[device] + 1 < ends[device]) {
                long[] sequences = {random.nextLong(acknowledged[device] + 1, ends[device])};
                ExpiryEntry.write(add(EntryType.EXPIRY), ACCOUNT, device + 1, 2500, sequences);
            }
        }

        private void removeSeldom() {
            if (devices == 2 && random.nextBoolean()) {
                devices = 1;
                DeviceListEntry.write(add(EntryType.DEVICE_LIST), ACCOUNT, 1, List.of(2), new byte[0], new byte[0]);
            }
        }

        private ByteBuf add(EntryType type) {
            Written entry = new Written(type, Unpooled.buffer());
            entries.add(entry);
            return entry.body();
        }

        /** The rows after a checkpoint behind each entry whose bit is set, and behind the last. */
        List<String> fold(int cuts) {
            MemoryJournal journal = MemoryJournal.durableAtOnce();
            MemoryRows rows = new MemoryRows();
            Image image = new Image(journal, rows, List.of(new MailboxChapter()), failure -> {});
            for (int index = 0; index < entries.size(); index++) {
                journal.append(0, entries.get(index).type(), entries.get(index).body());
                if ((cuts >> index & 1) != 0 || index == entries.size() - 1) {
                    assertThat(image.checkpoint()).isTrue();
                }
            }
            return rows.dump();
        }
    }

    @Test
    void foldsToTheSameRowsHoweverTheJournalIsCut() {
        for (long seed = 0; seed < 60; seed++) {
            History history = new History(seed);
            List<String> atOnce = history.fold(0);
            for (int cuts = 1; cuts < 1 << ENTRIES - 1; cuts++) {
                assertThat(history.fold(cuts))
                        .as("seed %d, cuts %s", seed, Integer.toBinaryString(cuts))
                        .isEqualTo(atOnce);
            }
        }
    }

    @Test
    void loadsTheMailboxesOfOneAccountOnly() {
        MemoryRows rows = new MemoryRows();
        List<RowChange> changes = new ArrayList<>();
        for (AccountId account : List.of(new AccountId(1, 1), ACCOUNT, new AccountId(1, 3))) {
            for (int device : new int[] {1, Integer.MAX_VALUE}) {
                MailboxRow row = new MailboxRow(account.low(), 10, 5, 0);
                changes.add(new RowChange(MailboxRow.TABLE, MailboxRow.key(account, device), row.toBytes()));
            }
        }
        rows.write(changes);

        AccountMailboxes loaded = new MailboxChapter().load(ACCOUNT, rows);

        assertThat(loaded.find(1).acknowledged()).isEqualTo(2);
        assertThat(loaded.find(Integer.MAX_VALUE).acknowledged()).isEqualTo(2);
        assertThat(new MailboxChapter().load(new AccountId(1, 4), rows)).isNull();
    }
}
