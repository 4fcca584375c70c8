package dev.quintet.relay.simulation;

import dev.quintet.relay.store.Rows;
import dev.quintet.relay.store.Table;
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
    public boolean write(long bytes, Changes changes) {
        return rows.write(
                bytes,
                batch -> changes.handTo(change -> {
                    if (!change.table().name().equals(forgotten)) {
                        batch.accept(change);
                    }
                }));
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
