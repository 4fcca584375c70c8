package dev.quintet.benchmarks;

import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.EnvelopeHeader;
import dev.quintet.protocol.HotFrames;
import dev.quintet.protocol.wire.CallClaimed;
import dev.quintet.protocol.wire.GapReason;
import dev.quintet.relay.journal.LogOutReason;
import dev.quintet.relay.mailbox.Mailbox;
import dev.quintet.relay.mailbox.Mailboxes;
import dev.quintet.relay.mailbox.Subscriber;
import dev.quintet.relay.store.Resident;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;

/**
 * A device that receives: each delivery is written as a frame into a channel, as a connection does it.
 *
 * <p><b>Thread:</b> the benchmark's.
 */
final class BenchmarkDevice implements Subscriber {
    private final int number;
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private Mailboxes mailboxes;
    private Resident resident;
    private Mailbox mailbox;
    private long newest;
    private long delivered;

    BenchmarkDevice(int number) {
        this.number = number;
    }

    /** One for each device of an account. */
    static BenchmarkDevice[] all() {
        BenchmarkDevice[] devices = new BenchmarkDevice[BenchmarkRooms.DEVICES];
        for (int index = 0; index < devices.length; index++) {
            devices[index] = new BenchmarkDevice(index + 1);
        }
        return devices;
    }

    int number() {
        return number;
    }

    /** Subscribes to its mailbox. */
    void opens(Mailboxes opened, Resident its, Mailbox itsMailbox) {
        mailboxes = opened;
        resident = its;
        mailbox = itsMailbox;
        mailboxes.subscribe(resident, mailbox, this);
    }

    /** Takes over what has come; it leaves the mailbox with the next commit. */
    void acknowledge() {
        mailboxes.acknowledge(resident, mailbox, this, newest, 1);
    }

    /** Envelopes so far. */
    long delivered() {
        return delivered;
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public void deliver(long sequence, long previous, EnvelopeHeader header, ByteBuf bytes, int index, int length) {
        newest = sequence;
        delivered++;
        channel.write(HotFrames.deliver(
                PooledByteBufAllocator.DEFAULT::ioBuffer, header, sequence, previous, bytes, index, length));
    }

    @Override
    public void flush() {
        channel.flush();
        for (ByteBuf frame = channel.readOutbound(); frame != null; frame = channel.readOutbound()) {
            frame.release();
        }
    }

    @Override
    public void acknowledged(long sequence, long requestId) {
        channel.write(HotFrames.acknowledged(PooledByteBufAllocator.DEFAULT::ioBuffer, requestId, sequence));
    }

    @Override
    public void gap(long sequence, long previous, long count, GapReason reason) {
        throw new IllegalStateException("a gap");
    }

    @Override
    public void backlog(long count, long bytes, long oldestAtMillis) {}

    @Override
    public void backlogDelivered() {}

    @Override
    public void deviceListChanged(DeviceList list) {}

    @Override
    public void deviceListPut(DeviceList list) {}

    @Override
    public void othersLoggedOut(DeviceList list) {}

    @Override
    public void keysExhausted() {}

    @Override
    public void callClaimed(CallClaimed claimed) {}

    @Override
    public void linkRequested() {}

    @Override
    public void displaced() {}

    @Override
    public void removed() {}

    @Override
    public void loggedOut(LogOutReason reason) {}
}
