package dev.quintet.relay.account;

import dev.quintet.protocol.AccountId;
import dev.quintet.relay.store.Table;
import java.nio.ByteBuffer;

/**
 * Layout of the row that each one-time prekey has until it is handed out.
 *
 * <pre>
 * key    account 16, device 4, index 8
 * value  a serialized OneTimePrekey
 * </pre>
 */
final class PrekeyRow {
    static final Table TABLE = new Table("prekeys");

    private PrekeyRow() {}

    static byte[] key(AccountId account, int device, long index) {
        return ByteBuffer.allocate(AccountId.BYTES + Integer.BYTES + Long.BYTES)
                .put(PrekeyQueue.key(account, device))
                .putLong(index)
                .array();
    }
}
