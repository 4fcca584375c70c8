package dev.quintet.relay.mailbox;

import dev.quintet.protocol.AccountId;
import dev.quintet.relay.store.Table;
import java.nio.ByteBuffer;

/**
 * Layout of the row that each mailbox has.
 *
 * <pre>
 * key    account 16, device 4
 * value  acknowledged 8, end 8, bytes 8, earliest expiry 8
 * </pre>
 *
 * @param acknowledged the highest sequence that the device has acknowledged
 * @param end the sequence that the next item gets
 * @param bytes ciphertext of all that is not acknowledged, expired or not
 * @param earliestExpiryMillis nothing that waits expires before, in milliseconds since 1970
 */
record MailboxRow(long acknowledged, long end, long bytes, long earliestExpiryMillis) {
    static final Table TABLE = new Table("mailboxes");

    /** Key and value. */
    static final int BYTES = AccountId.BYTES + Integer.BYTES + 4 * Long.BYTES;

    /** A mailbox that never held anything. */
    static final MailboxRow EMPTY = new MailboxRow(0, 1, 0, Long.MAX_VALUE);

    static byte[] key(AccountId account, int device) {
        return ByteBuffer.allocate(AccountId.BYTES + Integer.BYTES)
                .putLong(account.high())
                .putLong(account.low())
                .putInt(device)
                .array();
    }

    static int device(byte[] key) {
        return ByteBuffer.wrap(key).getInt(AccountId.BYTES);
    }

    static MailboxRow of(byte[] value) {
        if (value == null) {
            return EMPTY;
        }
        ByteBuffer buffer = ByteBuffer.wrap(value);
        return new MailboxRow(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
    }

    byte[] toBytes() {
        return ByteBuffer.allocate(4 * Long.BYTES)
                .putLong(acknowledged)
                .putLong(end)
                .putLong(bytes)
                .putLong(earliestExpiryMillis)
                .array();
    }
}
