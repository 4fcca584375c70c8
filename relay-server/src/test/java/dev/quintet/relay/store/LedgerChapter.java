package dev.quintet.relay.store;

import dev.quintet.protocol.AccountId;
import dev.quintet.relay.journal.Entry;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.journal.Journal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A chapter for tests, a mailbox in small: lines with rising numbers are added to an account, and struck off up to a
 * number. Like a mailbox it need not write a line that the same page strikes off.
 */
final class LedgerChapter implements Chapter<List<Long>> {
    static final Table LINES = new Table("lines");
    static final Table STRUCK = new Table("struck");

    private final boolean isGathering;
    private final Map<AccountId, Long> first = new HashMap<>();
    private long from = Long.MAX_VALUE;

    /** With {@code isGathering} it takes the lines when the page ends, else at once. */
    LedgerChapter(boolean isGathering) {
        this.isGathering = isGathering;
    }

    static long add(Journal journal, AccountId account, long number, int bytes) {
        byte[] line = new byte[bytes];
        Arrays.fill(line, (byte) number);
        return append(journal, EntryType.SUBMISSION, account, number, line);
    }

    static long strike(Journal journal, AccountId account, long number) {
        return append(journal, EntryType.ACKNOWLEDGEMENT, account, number, new byte[0]);
    }

    private static long append(Journal journal, EntryType type, AccountId account, long number, byte[] rest) {
        ByteBuf body = Unpooled.buffer();
        account.writeTo(body);
        return journal.append(0, type, body.writeLong(number).writeBytes(rest));
    }

    @Override
    public List<Table> tables() {
        return List.of(LINES, STRUCK);
    }

    @Override
    public void fold(Entry entry, Page page) {
        AccountId account = accountOf(entry);
        long number = numberOf(entry);
        if (entry.type() == EntryType.ACKNOWLEDGEMENT) {
            strike(account, number, page);
        } else if (isGathering) {
            first.putIfAbsent(account, number);
            from = Math.min(from, entry.position());
            page.expect(lineOf(entry).length);
        } else {
            page.put(LINES, key(account, number), lineOf(entry));
        }
    }

    private void strike(AccountId account, long number, Page page) {
        long before = struck(account, page);
        for (long i = before + 1; i <= number && i < first.getOrDefault(account, Long.MAX_VALUE); i++) {
            page.delete(LINES, key(account, i));
        }
        byte[] after = ByteBuffer.allocate(Long.BYTES)
                .putLong(Math.max(before, number))
                .array();
        page.put(STRUCK, account.toBytes(), after);
    }

    private static long struck(AccountId account, Page page) {
        byte[] struck = page.get(STRUCK, account.toBytes());
        return struck == null ? 0 : ByteBuffer.wrap(struck).getLong();
    }

    @Override
    public long settle(Page page) {
        return from;
    }

    @Override
    public void collect(Entry entry, Page page) {
        AccountId account = accountOf(entry);
        if (entry.type() == EntryType.SUBMISSION && numberOf(entry) > struck(account, page)) {
            page.put(LINES, key(account, numberOf(entry)), lineOf(entry));
        }
    }

    @Override
    public void turn(boolean isWritten) {
        first.clear();
        from = Long.MAX_VALUE;
    }

    /** The numbers of the lines that are not struck off. */
    @Override
    public List<Long> load(AccountId account, Rows rows) {
        var numbers = new ArrayList<Long>();
        rows.scanAll(
                LINES,
                account.toBytes(),
                (key, value) -> numbers.add(ByteBuffer.wrap(key).getLong(16)));
        return numbers.isEmpty() ? null : numbers;
    }

    private static AccountId accountOf(Entry entry) {
        return AccountId.at(entry.body(), 0);
    }

    private static long numberOf(Entry entry) {
        return entry.body().getLong(AccountId.BYTES);
    }

    private static byte[] lineOf(Entry entry) {
        byte[] line = new byte[entry.body().readableBytes() - 24];
        entry.body().getBytes(24, line);
        return line;
    }

    private static byte[] key(AccountId account, long number) {
        return ByteBuffer.allocate(24)
                .putLong(account.high())
                .putLong(account.low())
                .putLong(number)
                .array();
    }
}
