package dev.quintet.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Is a delivery's payload better copied behind its head, or handed to the kernel beside it?
 *
 * <p>Five deliveries go to one loopback socket, whose other end is read by a thread: copied into one buffer and written, or
 * written as ten pieces by one gathering write. Of what size on does gathering win?
 *
 * <p>Run: {@code ./quintet bench GatheringWrite}. {@code benchmarks/README.md} has the last answer.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 2,
        jvmArgsPrepend = {LoopThreads.OPTION, LoopThreads.CLASS_OPTION})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class GatheringWriteBenchmark {
    private static final int DELIVERIES = 5;
    private static final int HEAD_BYTES = 64;
    private static final int READ_BYTES = 1 << 18;

    /** Of one payload. */
    @Param({"256", "1024", "16384"})
    public int bytes;

    private final ByteBuffer[] pieces = new ByteBuffer[2 * DELIVERIES];
    private ByteBuffer joined;
    private SocketChannel out;
    private SocketChannel in;

    /** Connects, and starts to read. */
    @Setup
    public void connect() throws IOException {
        for (int delivery = 0; delivery < DELIVERIES; delivery++) {
            pieces[2 * delivery] = ByteBuffer.allocateDirect(HEAD_BYTES);
            pieces[2 * delivery + 1] = ByteBuffer.allocateDirect(bytes);
        }
        joined = ByteBuffer.allocateDirect(DELIVERIES * (HEAD_BYTES + bytes));
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            out = SocketChannel.open(listener.getLocalAddress());
            in = listener.accept();
        }
        Thread reader = new Thread(this::readAll, "quintet-benchmark-reader");
        reader.setDaemon(true);
        reader.start();
    }

    private void readAll() {
        ByteBuffer read = ByteBuffer.allocateDirect(READ_BYTES);
        try {
            while (in.read(read.clear()) >= 0) {
                // Away with it.
            }
        } catch (IOException closed) {
            // The benchmark is over.
        }
    }

    /** One copy of each piece, one write. */
    @Benchmark
    public ByteBuffer copy() throws IOException {
        joined.clear();
        for (ByteBuffer piece : pieces) {
            joined.put(piece.clear());
        }
        joined.flip();
        while (joined.hasRemaining()) {
            out.write(joined);
        }
        return joined;
    }

    /** No copy on our side, one gathering write. */
    @Benchmark
    public ByteBuffer gather() throws IOException {
        for (ByteBuffer piece : pieces) {
            piece.clear();
        }
        ByteBuffer last = pieces[pieces.length - 1];
        while (last.hasRemaining()) {
            out.write(pieces);
        }
        return last;
    }

    /** Ends the connection. */
    @TearDown
    public void disconnect() throws IOException {
        out.close();
        in.close();
    }
}
