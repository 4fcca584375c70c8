package dev.quintet.relay.store;

/**
 * One row to write, or to delete if {@code value} is null.
 *
 * @param table where
 * @param key compared as unsigned bytes
 * @param value the new bytes, or null
 */
public record RowChange(Table table, byte[] key, byte[] value) {
    int bytes() {
        return key.length + (value == null ? 0 : value.length);
    }
}
