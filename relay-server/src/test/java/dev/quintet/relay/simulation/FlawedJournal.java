package dev.quintet.relay.simulation;

import dev.quintet.relay.journal.DeviceListEntry;
import dev.quintet.relay.journal.Entry;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.journal.Journal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** A journal that does not write what it is given. */
final class FlawedJournal implements Journal {
    private final Journal journal;
    private final Append append;

    private FlawedJournal(Journal journal, Append append) {
        this.journal = journal;
        this.append = append;
    }

    /** What is appended instead of an entry. */
    private interface Append {
        long to(Journal journal, int partition, EntryType type, ByteBuf body);
    }

    /** Writes entries of one type as padding, which nobody reads. */
    static FlawedJournal forgetting(EntryType forgotten, Journal honest) {
        return new FlawedJournal(honest, (journal, partition, type, body) -> {
            boolean isForgotten = type == forgotten && !isFirstList(type, body);
            return journal.append(partition, isForgotten ? EntryType.PADDING : type, body);
        });
    }

    /** Without its first list there is no account. */
    private static boolean isFirstList(EntryType type, ByteBuf body) {
        return type == EntryType.DEVICE_LIST
                && LogAudit.list(DeviceListEntry.signedList(body)).version() == 1;
    }

    /** Writes device lists without the numbers of those that they remove. */
    static FlawedJournal forgettingRemovals(Journal honest) {
        return new FlawedJournal(
                honest,
                (journal, partition, type, body) ->
                        journal.append(partition, type, type == EntryType.DEVICE_LIST ? withoutRemovals(body) : body));
    }

    private static ByteBuf withoutRemovals(ByteBuf body) {
        ByteBuf changed = Unpooled.buffer(body.readableBytes());
        DeviceListEntry.write(
                changed,
                DeviceListEntry.account(body),
                DeviceListEntry.atMillis(body),
                List.of(),
                DeviceListEntry.alerts(body),
                DeviceListEntry.signedList(body));
        return changed;
    }

    @Override
    public long append(int partition, EntryType type, ByteBuf body) {
        return append.to(journal, partition, type, body);
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
