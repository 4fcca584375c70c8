package dev.quintet.relay.store;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The changes of a fold that are not written yet, on top of the rows.
 *
 * <p><b>Thread:</b> the fold thread, all methods. <b>Memory:</b> the owner looks at {@link #isFull} after each entry and
 * takes the changes out.
 */
final class FoldPage implements Page {
    /** Stands for a row that is to be deleted; told from an empty value by identity. */
    private static final byte[] DELETED = new byte[0];

    private final Rows rows;
    private final Map<Table, NavigableMap<byte[], byte[]>> changes = new HashMap<>();
    private final long fullBytes;
    private long bytes;
    private Consumer<RowChange> batch;

    /** An empty page over these rows, full after so many bytes of heap. */
    FoldPage(Rows rows, long fullBytes) {
        this.rows = rows;
        this.fullBytes = fullBytes;
    }

    @Override
    public byte[] get(Table table, byte[] key) {
        byte[] changed = changesOf(table).get(key);
        if (changed == null) {
            return rows.get(table, key);
        }
        return changed == DELETED ? null : changed;
    }

    @Override
    public void put(Table table, byte[] key, byte[] value) {
        if (batch == null) {
            set(changesOf(table), key, value);
        } else {
            batch.accept(new RowChange(table, key, value));
        }
    }

    @Override
    public void delete(Table table, byte[] key) {
        NavigableMap<byte[], byte[]> changed = changesOf(table);
        if (rows.mayContain(table, key)) {
            set(changed, key, DELETED);
        } else {
            unset(changed, key);
        }
    }

    @Override
    public void deleteAll(Table table, byte[] prefix) {
        NavigableMap<byte[], byte[]> changed = changesOf(table);
        byte[] after = Rows.after(prefix);
        var covered = after == null ? changed.tailMap(prefix, true) : changed.subMap(prefix, true, after, false);
        for (byte[] key : List.copyOf(covered.keySet())) {
            unset(changed, key);
        }
        rows.scanAll(table, prefix, (key, value) -> {
            set(changed, key, DELETED);
            return true;
        });
    }

    @Override
    public void expect(long expected) {
        bytes += expected;
    }

    /** Whether the changes should be written before the next entry is folded. */
    boolean isFull() {
        return bytes >= fullBytes;
    }

    /** What the changes take, those included that are expected. */
    long bytes() {
        return bytes;
    }

    /** Hands over the changes since the last {@link #clear}; rows that are put from now on go the same way at once. */
    void open(Consumer<RowChange> to) {
        changes.forEach((table, changed) ->
                changed.forEach((key, value) -> to.accept(new RowChange(table, key, value == DELETED ? null : value))));
        batch = to;
    }

    /** Forgets the changes: they are written. */
    void clear() {
        changes.clear();
        bytes = 0;
        batch = null;
    }

    private NavigableMap<byte[], byte[]> changesOf(Table table) {
        return changes.computeIfAbsent(table, unused -> new TreeMap<>(Arrays::compareUnsigned));
    }

    private void set(NavigableMap<byte[], byte[]> changed, byte[] key, byte[] value) {
        byte[] before = changed.put(key, value);
        bytes += before == null ? sizeOf(key, value) : value.length - before.length;
    }

    private void unset(NavigableMap<byte[], byte[]> changed, byte[] key) {
        byte[] before = changed.remove(key);
        if (before != null) {
            bytes -= sizeOf(key, before);
        }
    }

    private static long sizeOf(byte[] key, byte[] value) {
        return ROW_BYTES + key.length + value.length;
    }
}
