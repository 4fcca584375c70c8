package dev.quintet.load.floor;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A log that nobody reads: what is appended while one fdatasync runs goes to the disk with the next.
 *
 * <p>The file is made in full before it is used and begun anew when it is full, so that an fdatasync writes data alone, as
 * in the relay.
 *
 * <p><b>Thread:</b> the event loop appends, one thread of its own writes. <b>Limits:</b> 16 MiB wait at most; then the
 * loop waits. <b>Failure:</b> of the disk: the process ends.
 */
final class FloorLog {
    private static final int FILE_BYTES = 64 << 20;
    private static final int BATCH_BYTES = 16 << 20;
    private static final int DISK_FAILED = 74;

    private final FileChannel file;
    private final EventLoop loop;
    private final Runnable afterBatch;
    private ByteBuffer filling = ByteBuffer.allocateDirect(BATCH_BYTES);
    private ByteBuffer writing = ByteBuffer.allocateDirect(BATCH_BYTES);
    private List<Runnable> waiting = new ArrayList<>();

    private FloorLog(FileChannel file, EventLoop loop, Runnable afterBatch) {
        this.file = file;
        this.loop = loop;
        this.afterBatch = afterBatch;
    }

    /** A new log; what waits for it runs on the loop, and {@code afterBatch} after all that waited for one fdatasync. */
    static FloorLog open(Path path, EventLoop loop, Runnable afterBatch) throws IOException {
        FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
        while (file.position() < FILE_BYTES) {
            file.write(zeros.clear());
        }
        file.force(true);
        FloorLog log = new FloorLog(file, loop, afterBatch);
        Thread writer = new Thread(log::write, "quintet-floor-log");
        writer.setDaemon(true);
        writer.start();
        return log;
    }

    /** Appends the readable bytes, which stay the caller's; {@code then} runs on the loop once they are on the disk. */
    synchronized void append(ByteBuf bytes, Runnable then) {
        int length = bytes.readableBytes();
        while (filling.remaining() < length) {
            waitForRoom();
        }
        filling.limit(filling.position() + length);
        bytes.getBytes(bytes.readerIndex(), filling);
        filling.limit(filling.capacity());
        waiting.add(then);
        notifyAll();
    }

    private void waitForRoom() {
        try {
            wait();
        } catch (InterruptedException exception) {
            Runtime.getRuntime().halt(DISK_FAILED);
        }
    }

    private void write() {
        try {
            while (true) {
                List<Runnable> done = takeBatch();
                if (file.position() + writing.remaining() > FILE_BYTES) {
                    file.position(0);
                }
                while (writing.hasRemaining()) {
                    file.write(writing);
                }
                file.force(false);
                loop.execute(() -> {
                    done.forEach(Runnable::run);
                    afterBatch.run();
                });
            }
        } catch (IOException | InterruptedException failure) {
            System.err.println("floor: " + failure);
            Runtime.getRuntime().halt(DISK_FAILED);
        }
    }

    private synchronized List<Runnable> takeBatch() throws InterruptedException {
        while (waiting.isEmpty()) {
            wait();
        }
        ByteBuffer full = filling;
        filling = writing.clear();
        writing = full.flip();
        List<Runnable> taken = waiting;
        waiting = new ArrayList<>(taken.size());
        notifyAll();
        return taken;
    }
}
