package dev.quintet.relay.journal;

import io.netty.buffer.ByteBuf;

/**
 * One journal entry as it is read back.
 *
 * @param position where it stands in the journal; rises from entry to entry
 * @param partition the partition it was appended to
 * @param type what it is
 * @param body its bytes, owned by the reader that hands it out and valid only during the call
 */
public record Entry(long position, int partition, EntryType type, ByteBuf body) {}
