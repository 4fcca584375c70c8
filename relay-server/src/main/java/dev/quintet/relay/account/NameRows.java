package dev.quintet.relay.account;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.relay.store.Page;
import dev.quintet.relay.store.Rows;
import dev.quintet.relay.store.Table;
import io.netty.buffer.Unpooled;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Which account has a name, in the image: one row for each name. A name is any bytes that at most one account may have.
 *
 * <pre>
 * key    SHA-256 of the name 32
 * value  account 16
 * </pre>
 *
 * <p><b>Thread:</b> {@link #put} and {@link #remove} on the fold thread, {@link #owner} on read threads.
 *
 * @param table of these names alone
 */
public record NameRows(Table table) {
    /** The account has the name from here on. */
    public void put(Page page, byte[] name, AccountId account) {
        page.put(table, key(name).toByteArray(), account.toBytes());
    }

    /** The account no longer has the name; nothing happens if it belongs to another one meanwhile. */
    public void remove(Page page, byte[] name, AccountId account) {
        byte[] key = key(name).toByteArray();
        byte[] owner = page.get(table, key);
        if (owner != null && account(owner).equals(account)) {
            page.delete(table, key);
        }
    }

    /** Who has the name under {@code key}, or null. */
    AccountId owner(Rows rows, ByteString key) {
        byte[] owner = rows.get(table, key.toByteArray());
        return owner == null ? null : account(owner);
    }

    static ByteString key(byte[] name) {
        try {
            return ByteString.copyFrom(MessageDigest.getInstance("SHA-256").digest(name));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java has SHA-256", impossible);
        }
    }

    private static AccountId account(byte[] value) {
        return AccountId.at(Unpooled.wrappedBuffer(value), 0);
    }
}
