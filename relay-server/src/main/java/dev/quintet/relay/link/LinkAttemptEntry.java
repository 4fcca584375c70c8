package dev.quintet.relay.link;

import dev.quintet.protocol.AccountId;
import io.netty.buffer.ByteBuf;

/**
 * Layout of a {@code LINK_ATTEMPT} entry: a device asks to join the account that has its handle.
 *
 * <pre>
 *   0  account      16
 *  16  at, millis    8
 * </pre>
 */
final class LinkAttemptEntry {
    private LinkAttemptEntry() {}

    static void write(ByteBuf entry, AccountId account, long atMillis) {
        account.writeTo(entry);
        entry.writeLong(atMillis);
    }

    static AccountId account(ByteBuf entry) {
        return AccountId.at(entry, entry.readerIndex());
    }

    static long atMillis(ByteBuf entry) {
        return entry.getLong(entry.readerIndex() + AccountId.BYTES);
    }
}
