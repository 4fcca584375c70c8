package dev.quintet.relay.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.random.RandomGenerator;

/**
 * Rows in memory, for tests: a crash forgets what was not flushed, and the disk is full when the test says so.
 *
 * <p><b>Thread:</b> any.
 */
public final class MemoryRows implements Rows {
    private final Map<Table, NavigableMap<byte[], byte[]>> visible = new HashMap<>();
    private final Map<Table, NavigableMap<byte[], byte[]>> durable = new HashMap<>();
    private final List<List<RowChange>> unflushed = new ArrayList<>();
    private final Map<Table, Long> written = new HashMap<>();
    private boolean isFull;

    @Override
    public synchronized byte[] get(Table table, byte[] key) {
        byte[] value = rowsOf(visible, table).get(key);
        return value == null ? null : value.clone();
    }

    @Override
    public void scan(Table table, byte[] from, byte[] to, BiPredicate<byte[], byte[]> visitor) {
        for (var row : between(table, from, to).entrySet()) {
            if (!visitor.test(row.getKey().clone(), row.getValue().clone())) {
                return;
            }
        }
    }

    private synchronized Map<byte[], byte[]> between(Table table, byte[] from, byte[] to) {
        var all = rowsOf(visible, table);
        return new TreeMap<>(to == null ? all.tailMap(from, true) : all.subMap(from, true, to, false));
    }

    @Override
    public synchronized boolean write(long bytes, Changes changes) {
        List<RowChange> copies = new ArrayList<>();
        changes.handTo(change -> copies.add(copy(change)));
        apply(copies, visible);
        copies.stream()
                .filter(change -> change.value() != null)
                .forEach(change -> written.merge(change.table(), 1L, Long::sum));
        unflushed.add(copies);
        return true;
    }

    @Override
    public synchronized boolean flush() {
        if (isFull) {
            return false;
        }
        unflushed.forEach(changes -> apply(changes, durable));
        unflushed.clear();
        return true;
    }

    /** From now on the disk is full, or has room again. */
    public synchronized void setFull(boolean full) {
        isFull = full;
    }

    /** Power is cut: the rows are those of the last flush. */
    public synchronized void crash() {
        unflushed.clear();
        visible.clear();
        durable.forEach((table, rows) -> rowsOf(visible, table).putAll(rows));
    }

    /** Power is cut: some of the writes after the last flush, from the first on, happen to have reached the disk. */
    public synchronized void crash(RandomGenerator random) {
        int kept = random.nextInt(unflushed.size() + 1);
        unflushed.subList(0, kept).forEach(changes -> apply(changes, durable));
        crash();
    }

    /** Rows of this table that were written so far, deletions not counted. */
    public synchronized long writtenCount(Table table) {
        return written.getOrDefault(table, 0L);
    }

    /** All rows as text, for comparison: one line each, in order of table and key. */
    public synchronized List<String> dump() {
        var lines = new ArrayList<String>();
        visible.forEach((table, rows) ->
                rows.forEach((key, value) -> lines.add(table.name() + " " + hex(key) + " " + text(value))));
        lines.sort(null);
        return lines;
    }

    private static String text(byte[] value) {
        return value.length <= 64 ? hex(value) : value.length + " bytes, hash " + Arrays.hashCode(value);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public void close() {}

    private static void apply(List<RowChange> changes, Map<Table, NavigableMap<byte[], byte[]>> to) {
        for (RowChange change : changes) {
            if (change.value() == null) {
                rowsOf(to, change.table()).remove(change.key());
            } else {
                rowsOf(to, change.table()).put(change.key(), change.value());
            }
        }
    }

    private static RowChange copy(RowChange change) {
        byte[] value = change.value();
        return new RowChange(change.table(), change.key().clone(), value == null ? null : value.clone());
    }

    private static NavigableMap<byte[], byte[]> rowsOf(Map<Table, NavigableMap<byte[], byte[]>> all, Table table) {
        return all.computeIfAbsent(table, unused -> new TreeMap<>(Arrays::compareUnsigned));
    }
}
