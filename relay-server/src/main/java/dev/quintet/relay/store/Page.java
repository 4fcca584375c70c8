package dev.quintet.relay.store;

/**
 * The rows as they stand in the middle of a fold: the image, with the changes of the entries folded so far on top.
 *
 * <p><b>Thread:</b> the fold thread, all methods.
 */
public interface Page {
    /** What a row takes beside its key and value, roughly. */
    int ROW_BYTES = 96;

    /** The value at {@code key}, changes included, or null. Not to be modified. */
    byte[] get(Table table, byte[] key);

    /** Writes a row. The page keeps both arrays. */
    void put(Table table, byte[] key, byte[] value);

    /** Deletes a row, if it is there. */
    void delete(Table table, byte[] key);

    /** Deletes all rows whose key starts with {@code prefix}. */
    void deleteAll(Table table, byte[] prefix);

    /** So many bytes more, or fewer if negative, are gathered elsewhere and will be put before the page is written. */
    void expect(long bytes);
}
