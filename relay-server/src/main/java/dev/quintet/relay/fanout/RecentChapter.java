package dev.quintet.relay.fanout;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.relay.journal.Entry;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.mailbox.SubmissionEntry;
import dev.quintet.relay.store.Chapter;
import dev.quintet.relay.store.Page;
import dev.quintet.relay.store.Rows;
import dev.quintet.relay.store.Table;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The recent submissions' part of the image.
 *
 * <pre>
 * key    recipient account 16, sender account 16, sender device 4, slot 1
 * value  envelope id 16, digest 8, position 8, accepted at 8, full devices 1
 * </pre>
 *
 * <p>A slot that is used again overwrites its row, so the rows of a sending device never become more than its slots.
 *
 * <p><b>Thread:</b> fold thread; {@link #load} on read threads.
 */
public final class RecentChapter implements Chapter<RecentSubmissions> {
    private static final Table TABLE = new Table("recent_submissions");
    private static final long IN_IMAGE = -1;
    private static final int KEY_BYTES = SubmissionEntry.PARTIES_BYTES + 1;
    private static final int VALUE_BYTES = EnvelopeId.BYTES + 3 * Long.BYTES + 1;

    @Override
    public List<Table> tables() {
        return List.of(TABLE);
    }

    @Override
    public void fold(Entry entry, Page page) {
        if (entry.type() != EntryType.SUBMISSION) {
            return;
        }
        ByteBuf body = entry.body();
        byte[] key = new byte[KEY_BYTES];
        SubmissionEntry.copyParties(body, key);
        key[KEY_BYTES - 1] = (byte) SubmissionEntry.slot(body);
        page.put(TABLE, key, value(body, entry.position()));
    }

    private static byte[] value(ByteBuf body, long position) {
        EnvelopeId id = SubmissionEntry.id(body);
        return ByteBuffer.allocate(VALUE_BYTES)
                .putLong(id.high())
                .putLong(id.low())
                .putLong(SubmissionEntry.digest(body))
                .putLong(position)
                .putLong(SubmissionEntry.acceptedAtMillis(body))
                .put((byte) fullDevices(body))
                .array();
    }

    private static int fullDevices(ByteBuf body) {
        int bits = 0;
        for (int index = 0; index < SubmissionEntry.deviceCount(body); index++) {
            bits |= SubmissionEntry.length(body, index) == 0 ? 1 << index : 0;
        }
        return bits;
    }

    /** One row, on its way into memory. */
    private record Row(
            AccountId sender, int device, int slot, long position, EnvelopeId id, SenderHistory.Remembered remembered) {
        static Row of(byte[] keyBytes, byte[] valueBytes) {
            ByteBuffer key = ByteBuffer.wrap(keyBytes).position(AccountId.BYTES);
            ByteBuffer value = ByteBuffer.wrap(valueBytes);
            AccountId sender = new AccountId(key.getLong(), key.getLong());
            int device = key.getInt();
            int slot = Byte.toUnsignedInt(key.get());
            EnvelopeId id = new EnvelopeId(value.getLong(), value.getLong());
            long digest = value.getLong();
            long position = value.getLong();
            var remembered = new SenderHistory.Remembered(digest, IN_IMAGE, value.getLong(), value.get());
            return new Row(sender, device, slot, position, id, remembered);
        }
    }

    @Override
    public RecentSubmissions load(AccountId account, Rows rows) {
        List<Row> found = new ArrayList<>();
        rows.scanAll(TABLE, account.toBytes(), (key, value) -> found.add(Row.of(key, value)));
        found.sort(Comparator.comparingLong(Row::position));
        RecentSubmissions recent = new RecentSubmissions();
        for (Row row : found) {
            recent.of(row.sender(), row.device()).put(row.slot(), row.id(), row.remembered());
        }
        return recent.isEmpty() ? null : recent;
    }

    @Override
    public int weigh(RecentSubmissions recent) {
        return recent.weight();
    }
}
