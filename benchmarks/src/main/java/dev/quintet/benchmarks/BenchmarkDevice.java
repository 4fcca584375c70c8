package dev.quintet.benchmarks;

import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.EnvelopeHeader;
import dev.quintet.protocol.FrameSpace;
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
import java.nio.ByteBuffer;

/**
 * A device that receives: deliveries are written as frames into a buffer and with it into a channel, as a connection does it.
 *
 * <p><b>Thread:</b> the benchmark's.
 */
final class BenchmarkDevice implements Subscriber {
    private final int number;
    private static final int BUFFER_BYTES = 4 << 10;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final FrameSpace space = this::take;
    private ByteBuf gathered;
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
    public void deliver(long sequence, long previous, EnvelopeHeader header, ByteBuffer ciphertext) {
        newest = sequence;
        delivered++;
        HotFrames.deliver(space, header, sequence, previous, ciphertext);
    }

    /** Frames gather in one buffer until the next flush. */
    private ByteBuf take(int bytes) {
        if (gathered != null && gathered.writableBytes() < bytes) {
            handOver();
        }
        if (gathered == null) {
            gathered = PooledByteBufAllocator.DEFAULT.directBuffer(Math.max(bytes, BUFFER_BYTES));
        }
        return gathered;
    }

    private void handOver() {
        channel.write(gathered, channel.voidPromise());
        gathered = null;
    }

    @Override
    public void flush() {
        if (gathered != null) {
            handOver();
        }
        channel.flush();
        for (ByteBuf frame = channel.readOutbound(); frame != null; frame = channel.readOutbound()) {
            frame.release();
        }
    }

    @Override
    public void acknowledged(long sequence, long requestId) {
        HotFrames.acknowledged(space, requestId, sequence);
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
