package dev.quintet.relay.simulation;

import dev.quintet.relay.journal.Entry;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.journal.Journal;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** A journal that writes entries of one type as padding, which nobody reads. */
final class FlawedJournal implements Journal {
    private final Journal journal;
    private final EntryType forgotten;

    FlawedJournal(Journal journal, EntryType forgotten) {
        this.journal = journal;
        this.forgotten = forgotten;
    }

    @Override
    public long append(int partition, EntryType type, ByteBuf body) {
        return journal.append(partition, type == forgotten && !isFirstList(body) ? EntryType.PADDING : type, body);
    }

    /** Without its first list there is no account. */
    private boolean isFirstList(ByteBuf body) {
        return forgotten == EntryType.DEVICE_LIST && body.readableBytes() < 350;
    }

    @Override
    public long firstPosition() {
        return journal.firstPosition();
    }

    @Override
    public long durablePosition() {
        return journal.durablePosition();
    }

    @Override
    public void onDurable(LongConsumer listener) {
        journal.onDurable(listener);
    }

    @Override
    public void replay(long from, long to, Consumer<Entry> visitor) {
        journal.replay(from, to, visitor);
    }

    @Override
    public byte[] read(long position, int offset, int length) {
        return journal.read(position, offset, length);
    }

    @Override
    public void release(long position) {
        journal.release(position);
    }

    @Override
    public void close() {
        journal.close();
    }
}
