package dev.quintet.relay.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.FrameDecoder;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
    private static final int FRAME = 3;
    private static final int PING = 10;
    private static final int STALL = 5;
    private static final int WINDOW = 7;

    private final FrameDecoder decoder = new FrameDecoder(100);
    private final StuckChannel channel = new StuckChannel(decoder);
    private final FrameWriter writer =
            new FrameWriter(channel, new Departures(channel.eventLoop(), channel.eventLoop(), channel.alloc()));
    private final Deadlines deadlines =
            new Deadlines(new ConnectionLimits.Timeouts(1, 1, FRAME, PING, STALL, WINDOW), decoder, writer, 0);

    /** A channel whose peer reads only when it is told to. */
    private static final class StuckChannel extends EmbeddedChannel {
        private boolean isStuck;

        StuckChannel(FrameDecoder decoder) {
            super(decoder);
            config().setWriteBufferWaterMark(new WriteBufferWaterMark(10_000, 20_000));
        }

        @Override
        protected void doWrite(ChannelOutboundBuffer unsent) throws Exception {
            if (!isStuck) {
                super.doWrite(unsent);
            }
        }

        void letThrough(int messages) throws Exception {
            for (int message = 0; message < messages; message++) {
                unsafe().outboundBuffer().remove();
            }
        }
    }

    @AfterEach
    void close() {
        channel.isStuck = false;
        channel.flush();
        channel.finishAndReleaseAll();
    }

    @Test
    void pingsASilentDeviceAndGivesItUpAfterThree() {
        assertThat(deadlines.isPingDue(PING - 1)).isFalse();
        assertThat(deadlines.isPingDue(PING)).isTrue();
        assertThat(deadlines.isPingDue(2 * PING)).isTrue();
        assertThat(deadlines.look(3 * PING)).isNull();
        assertThat(deadlines.look(3 * PING + 1)).isEqualTo(CloseReason.SILENT);
    }

    @Test
    void startsAgainWithEachFrame() {
        deadlines.heard(8);
        assertThat(deadlines.isPingDue(PING)).isFalse();
        assertThat(deadlines.look(3 * PING + 8)).isNull();
    }

    @Test
    void givesUpOnAFrameThatDoesNotEnd() {
        channel.writeInbound(Unpooled.buffer().writeByte(50).writeByte(1));
        assertThat(deadlines.look(1)).isNull();
        channel.writeInbound(Unpooled.buffer().writeByte(2));
        assertThat(deadlines.look(FRAME)).isNull();
        assertThat(deadlines.look(FRAME + 2)).isEqualTo(CloseReason.UNFINISHED_FRAME);
    }

    @Test
    void doesNotMindAFrameThatNobodyReads() {
        channel.writeInbound(Unpooled.buffer().writeByte(50).writeByte(1));
        deadlines.look(1);
        channel.config().setAutoRead(false);
        assertThat(deadlines.look(20)).isNull();
        assertThat(deadlines.look(40)).isNull();
    }

    @Test
    void givesUpOnADeviceThatDoesNotRead() throws Exception {
        writeUnsent(30);
        deadlines.look(0);
        assertThat(deadlines.look(STALL)).isNull();
        assertThat(deadlines.look(STALL + 1)).isEqualTo(CloseReason.TOO_SLOW);
    }

    @Test
    void takesFourKibibytesForProgressAndAByteForNone() throws Exception {
        writeUnsent(30);
        deadlines.look(0);
        channel.letThrough(5);
        assertThat(deadlines.look(STALL)).isNull();
        assertThat(deadlines.look(STALL + 2)).isNull();
        channel.letThrough(1);
        assertThat(deadlines.look(2 * STALL + 1)).isEqualTo(CloseReason.TOO_SLOW);
    }

    private void writeUnsent(int kilobytes) {
        channel.isStuck = true;
        for (int count = 0; count < kilobytes; count++) {
            writer.take(1000).writeZero(1000);
            writer.depart();
        }
        assertThat(channel.isWritable()).isFalse();
    }

    @Test
    void givesUpOnADeviceThatAcknowledgesNothing() {
        deadlines.handedOut(2);
        deadlines.handedOut(8);
        assertThat(deadlines.look(WINDOW + 2)).isNull();
        assertThat(deadlines.look(WINDOW + 3)).isEqualTo(CloseReason.TOO_SLOW);
    }

    @Test
    void waitsAgainAfterEachAcknowledgement() {
        deadlines.handedOut(0);
        deadlines.acknowledged(5);
        assertThat(deadlines.look(WINDOW + 5)).isNull();
        deadlines.awaits(false);
        assertThat(deadlines.look(2 * WINDOW + 5)).isNull();
    }
}
