package dev.quintet.relay.account;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.Handle;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Layout of a {@code HANDLE} entry: the handle that an account has from now on.
 *
 * <pre>
 *   0  account                    16
 *  16  the handle in UTF-8, empty if it has none
 * </pre>
 */
final class HandleEntry {
    private HandleEntry() {}

    /** Appends the entry; {@code handle} is null for none. */
    static void write(ByteBuf entry, AccountId account, Handle handle) {
        account.writeTo(entry);
        if (handle != null) {
            entry.writeBytes(handle.toBytes());
        }
    }

    static AccountId account(ByteBuf entry) {
        return AccountId.at(entry, entry.readerIndex());
    }

    /** The handle, or null for none. */
    static Handle handle(ByteBuf entry) {
        int start = entry.readerIndex() + AccountId.BYTES;
        String text = entry.toString(start, entry.readableBytes() - AccountId.BYTES, StandardCharsets.UTF_8);
        return text.isEmpty() ? null : Handle.of(text);
    }
}
