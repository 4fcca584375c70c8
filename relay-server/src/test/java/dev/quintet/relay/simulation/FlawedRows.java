package dev.quintet.relay.simulation;

import dev.quintet.relay.store.RowChange;
import dev.quintet.relay.store.Rows;
import dev.quintet.relay.store.Table;
import java.util.Collection;
import java.util.List;
import java.util.function.BiPredicate;

/** Rows that forget one table. */
final class FlawedRows implements Rows {
    private final Rows rows;
    private final String forgotten;

    FlawedRows(Rows rows, String forgotten) {
        this.rows = rows;
        this.forgotten = forgotten;
    }

    @Override
    public byte[] get(Table table, byte[] key) {
        return rows.get(table, key);
    }

    @Override
    public void scan(Table table, byte[] from, byte[] to, BiPredicate<byte[], byte[]> visitor) {
        rows.scan(table, from, to, visitor);
    }

    @Override
    public boolean write(Collection<RowChange> changes) {
        List<RowChange> kept = changes.stream()
                .filter(change -> !change.table().name().equals(forgotten))
                .toList();
        return rows.write(kept);
    }

    @Override
    public boolean flush() {
        return rows.flush();
    }

    @Override
    public void close() {
        rows.close();
    }
}
