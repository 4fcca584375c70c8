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
 * number. Like a mailbox it need not write a line that the same stretch strikes off.
 */
final class LedgerChapter implements Chapter<List<Long>> {
    static final Table LINES = new Table("lines");
    static final Table STRUCK = new Table("struck");

    private final boolean isForeseeing;
    private final Map<AccountId, Long> foreseen = new HashMap<>();

    LedgerChapter(boolean isForeseeing) {
        this.isForeseeing = isForeseeing;
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
    public void foresee(Entry entry) {
        if (isForeseeing && entry.type() == EntryType.ACKNOWLEDGEMENT) {
            foreseen.merge(accountOf(entry), numberOf(entry), Math::max);
        }
    }

    @Override
    public void fold(Entry entry, Page page) {
        AccountId account = accountOf(entry);
        long number = numberOf(entry);
        if (entry.type() == EntryType.SUBMISSION && number > foreseen.getOrDefault(account, 0L)) {
            byte[] value = new byte[entry.body().readableBytes() - 24];
            entry.body().getBytes(24, value);
            page.put(LINES, key(account, number), value);
        }
        if (entry.type() == EntryType.ACKNOWLEDGEMENT) {
            strike(account, number, page);
        }
    }

    private static void strike(AccountId account, long number, Page page) {
        byte[] struck = page.get(STRUCK, account.toBytes());
        long before = struck == null ? 0 : ByteBuffer.wrap(struck).getLong();
        for (long i = before + 1; i <= number; i++) {
            page.delete(LINES, key(account, i));
        }
        byte[] after = ByteBuffer.allocate(Long.BYTES)
                .putLong(Math.max(before, number))
                .array();
        page.put(STRUCK, account.toBytes(), after);
    }

    @Override
    public void folded() {
        foreseen.clear();
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

    private static byte[] key(AccountId account, long number) {
        return ByteBuffer.allocate(24)
                .putLong(account.high())
                .putLong(account.low())
                .putLong(number)
                .array();
    }
}
