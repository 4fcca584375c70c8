package dev.quintet.relay.rooms;

import dev.quintet.relay.journal.Entry;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.journal.MemoryJournal;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * A journal in memory that is durable when the test says so, and counts; or one that lies: it calls durable what a crash
 * will forget, as a disk does whose fsync is switched off.
 */
public final class TestJournal implements Journal {
    private final MemoryJournal journal = MemoryJournal.held();
    private final List<LongConsumer> liedTo = new ArrayList<>();
    private final List<Long> positions = new ArrayList<>();
    private final List<EntryType> types = new ArrayList<>();
    private final boolean isLying;

    private TestJournal(boolean isLying) {
        this.isLying = isLying;
    }

    public static TestJournal honest() {
        return new TestJournal(false);
    }

    public static TestJournal lying() {
        return new TestJournal(true);
    }

    public boolean isHonest() {
        return !isLying;
    }

    @Override
    public long append(int partition, EntryType type, ByteBuf body) {
        long position = journal.append(partition, type, body);
        if (position >= 0) {
            positions.add(position);
            types.add(type);
            List.copyOf(liedTo).forEach(listener -> listener.accept(journal.nextPosition()));
        }
        return position;
    }

    /** Makes all that was appended durable and tells the listeners. */
    public void commit() {
        journal.commit();
    }

    /** Power is cut. */
    public void crash() {
        journal.crash();
        liedTo.clear();
    }

    /** From now on appends get this answer; zero: they work again. */
    public void refuse(long answer) {
        journal.refuse(answer);
    }

    /** The disk has lost the newest entry. */
    public void damageNewest() {
        journal.damage(positions.get(positions.size() - 1));
    }

    /** Entries of one type appended so far. */
    public long countOf(EntryType type) {
        return types.stream().filter(type::equals).count();
    }

    /** Entries appended so far. */
    public int entryCount() {
        return positions.size();
    }

    @Override
    public long durablePosition() {
        return isLying ? journal.nextPosition() : journal.durablePosition();
    }

    /** Where the next entry will stand: the size of all so far. */
    public long bytes() {
        return journal.nextPosition();
    }

    @Override
    public long firstPosition() {
        return journal.firstPosition();
    }

    @Override
    public void onDurable(LongConsumer listener) {
        if (isLying) {
            liedTo.add(listener);
        } else {
            journal.onDurable(listener);
        }
    }

    @Override
    public void replay(long from, long to, Consumer<Entry> visitor) {
        if (isLying) {
            journal.commit();
        }
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
