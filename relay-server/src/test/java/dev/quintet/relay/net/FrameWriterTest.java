package dev.quintet.relay.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.HotFrames;
import dev.quintet.protocol.wire.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameWriterTest {
    private static final int ACKNOWLEDGED_BYTES = 5;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final Queue<Runnable> turnEnd = new ArrayDeque<>();
    private final Queue<Runnable> later = new ArrayDeque<>();
    private final Departures departures = new Departures(turnEnd::add, later::add, ByteBufAllocator.DEFAULT);
    private final FrameWriter writer = new FrameWriter(channel, departures);

    private void write(long sequence) {
        HotFrames.acknowledged(writer, 0, sequence);
    }

    private static void run(Queue<Runnable> tasks) {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }

    /** How many bytes each write to the socket had since the last call. */
    private List<Integer> left() {
        List<Integer> sizes = new ArrayList<>();
        for (ByteBuf buffer = channel.readOutbound(); buffer != null; buffer = channel.readOutbound()) {
            sizes.add(buffer.readableBytes());
            buffer.release();
        }
        return sizes;
    }

    @AfterEach
    void leavesNothing() {
        writer.release();
        channel.finishAndReleaseAll();
    }

    @Test
    void sendsAllFramesOfATurnWithOneWrite() {
        write(1);
        writer.flushSoon();
        write(2);
        writer.flushSoon();
        assertThat(left()).isEmpty();

        run(turnEnd);
        assertThat(left()).containsExactly(2 * ACKNOWLEDGED_BYTES);
    }

    @Test
    void flushesEverySocketOfALoopByOneTask() {
        FrameWriter other = new FrameWriter(channel, departures);
        write(1);
        writer.flushSoon();
        HotFrames.acknowledged(other, 0, 1);
        other.flushSoon();

        assertThat(turnEnd).hasSize(1);
        run(turnEnd);
        assertThat(left()).containsExactly(ACKNOWLEDGED_BYTES, ACKNOWLEDGED_BYTES);
    }

    @Test
    void keepsTheOrderOfFramesThatNeedMoreThanOneBuffer() {
        List<Integer> sequences = new ArrayList<>();
        for (int sequence = 0; sequence < 100_000; sequence++) {
            writer.take(Integer.BYTES).writeInt(sequence);
        }
        writer.flushSoon();
        run(turnEnd);
        for (ByteBuf buffer = channel.readOutbound(); buffer != null; buffer = channel.readOutbound()) {
            while (buffer.isReadable()) {
                sequences.add(buffer.readInt());
            }
            buffer.release();
        }
        assertThat(sequences).hasSize(100_000).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void letsAFrameWaitForCompany() {
        write(1);
        writer.flushLater();
        run(turnEnd);
        assertThat(left()).isEmpty();

        write(2);
        writer.flushSoon();
        run(turnEnd);
        assertThat(left()).containsExactly(2 * ACKNOWLEDGED_BYTES);
        run(later);
        assertThat(left()).isEmpty();
    }

    @Test
    void sendsAFrameAloneThatHasWaitedInVain() {
        write(1);
        writer.flushLater();
        write(2);
        writer.flushLater();
        assertThat(later).hasSize(1);
        run(later);
        assertThat(left()).containsExactly(2 * ACKNOWLEDGED_BYTES);
    }

    @Test
    void ofTwoSocketsThatWaitTheOneWithCompanyLeavesEarlier() {
        write(1);
        writer.flushLater();
        FrameWriter other = new FrameWriter(channel, departures);
        HotFrames.acknowledged(other, 0, 1);
        other.flushLater();
        write(2);
        writer.flushSoon();
        run(turnEnd);
        assertThat(left()).containsExactly(2 * ACKNOWLEDGED_BYTES);
        run(later);
        assertThat(left()).containsExactly(ACKNOWLEDGED_BYTES);
    }

    @Test
    void sendsWhatWasWrittenBeforeTheLastFrameWithIt() {
        write(1);
        writer.end(0, ErrorCode.TOO_SLOW, "too slow", 0, 0);
        List<Integer> left = left();
        assertThat(left).hasSize(1);
        assertThat(left.get(0)).isGreaterThan(ACKNOWLEDGED_BYTES);
    }

    /** Or a peer that asks much and reads nothing would hold far more memory than the limit on unsent bytes says. */
    @Test
    void givesASocketThatIsBehindNoMoreRoomThanItsFramesTake() {
        assertThat(writer.take(10).capacity()).isGreaterThan(1_000);
        writer.depart();
        left();

        channel.write(Unpooled.buffer().writeZero(1_000));
        assertThat(writer.take(10).capacity()).isEqualTo(10);
    }

    @Test
    void keepsNothingForASocketThatIsClosed() {
        channel.close();
        writer.send(Notices.ping(1));
        run(turnEnd);
        assertThat(left()).isEmpty();
    }
}
