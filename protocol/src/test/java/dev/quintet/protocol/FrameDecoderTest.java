package dev.quintet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.quintet.protocol.wire.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameDecoderTest {
    private static final int LIMIT_BYTES = 1000;

    private final FrameDecoder decoder = new FrameDecoder(LIMIT_BYTES);
    private final EmbeddedChannel channel = new EmbeddedChannel(decoder, new KeptFrames());

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void passesOnAThousandFramesOfOneSegmentInOrder() {
        ByteBuf segment = channel.alloc().buffer();
        for (int frame = 0; frame < 1000; frame++) {
            segment.writeByte(2).writeShort(frame);
        }
        channel.writeInbound(segment);
        for (int frame = 0; frame < 1000; frame++) {
            ByteBuf body = channel.readInbound();
            assertThat(body.readUnsignedShort()).isEqualTo(frame);
            body.release();
        }
        assertThat(decoder.frames()).isEqualTo(1000);
    }

    /** What {@link KeptFrames} is there for: the same frames, kept as they come, all end where the segment ends. */
    @Test
    void lendsTheIndexesOfASegmentOnlyUntilTheHandlerReturns() {
        EmbeddedChannel lent = new EmbeddedChannel(new FrameDecoder(LIMIT_BYTES));
        ByteBuf segment =
                lent.alloc().buffer().writeByte(1).writeByte(7).writeByte(2).writeShort(8);
        lent.writeInbound(segment);

        ByteBuf first = lent.readInbound();
        ByteBuf second = lent.readInbound();
        assertThat(first).isSameAs(segment).isSameAs(second);
        assertThat(segment.readableBytes()).isZero();
        assertThat(segment.refCnt()).as("one for each frame").isEqualTo(2);
        segment.release(2);
    }

    @Test
    void leavesAKeptFrameAsItWasWhateverComesAfterIt() {
        ByteBuf segment =
                channel.alloc().buffer().writeByte(1).writeByte(7).writeByte(2).writeShort(8);
        channel.writeInbound(segment);

        ByteBuf first = channel.readInbound();
        ByteBuf second = channel.readInbound();
        assertThat(first.readableBytes()).isEqualTo(1);
        assertThat(first.readByte()).isEqualTo((byte) 7);
        assertThat(second.readableBytes()).isEqualTo(2);
        assertThat(second.readShort()).isEqualTo((short) 8);
        first.release();
        second.release();
        assertThat(segment.refCnt()).isZero();
    }

    @Test
    void seesTheSameFramesWhereverTheStreamIsCut() {
        byte[] stream = ByteBufUtil.getBytes(Unpooled.buffer()
                .writeBytes(frame(1))
                .writeBytes(frame(127))
                .writeBytes(frame(128))
                .writeBytes(frame(200)));
        for (int cut = 0; cut <= stream.length; cut++) {
            write(stream, 0, cut);
            write(stream, cut, stream.length);
            assertThat(sizes()).as("cut at %d", cut).containsExactly(1, 127, 128, 200);
        }
    }

    @Test
    void putsFramesTogetherFromPiecesOfAnySize() {
        Random random = new Random(1);
        for (int round = 0; round < 100; round++) {
            List<Integer> expected = new ArrayList<>();
            ByteBuf stream = Unpooled.buffer();
            for (int count = 0; count < 5; count++) {
                int bytes = 1 + random.nextInt(LIMIT_BYTES);
                expected.add(bytes);
                stream.writeBytes(frame(bytes));
            }
            while (stream.isReadable()) {
                int piece = 1 + random.nextInt(Math.min(stream.readableBytes(), 1 + random.nextInt(600)));
                channel.writeInbound(channel.alloc().buffer().writeBytes(stream, piece));
            }
            assertThat(sizes()).as("round %d", round).isEqualTo(expected);
        }
    }

    @Test
    void putsALargeFrameTogetherFromPiecesThatGrow() {
        decoder.limit(100_000);
        byte[] stream = frame(100_000);
        for (int from = 0, size = 1; from < stream.length; from += size, size *= 3) {
            write(stream, from, Math.min(stream.length, from + size));
        }
        assertThat(sizes()).containsExactly(100_000);
    }

    @ParameterizedTest
    @CsvSource({
        "00, MALFORMED",
        "8000, MALFORMED",
        "8080808080, MALFORMED",
        "ffffffffff, MALFORMED",
        "e907, FRAME_TOO_LARGE",
        "ffffffff07, FRAME_TOO_LARGE",
        "ffffffff0f, FRAME_TOO_LARGE",
        "8080808010, FRAME_TOO_LARGE"
    })
    void refusesALengthBeforeTheBodyArrives(String prefix, ErrorCode expected) {
        assertThatThrownBy(() -> channel.writeInbound(
                        Unpooled.wrappedBuffer(HexFormat.of().parseHex(prefix))))
                .isInstanceOfSatisfying(
                        ProtocolException.class,
                        breach -> assertThat(breach.code()).isEqualTo(expected));
    }

    @Test
    void dropsEverythingAfterABreach() {
        assertThatThrownBy(() -> channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {1, 7, 0, 1, 7})))
                .isInstanceOf(ProtocolException.class);
        ByteBuf after = Unpooled.wrappedBuffer(new byte[] {1, 7});
        channel.writeInbound(after);
        assertThat(sizes()).containsExactly(1);
        assertThat(after.refCnt()).isZero();
        assertThat(decoder.isMidFrame()).isFalse();
    }

    @Test
    void takesLargerFramesOnceTheLimitIsRaised() {
        decoder.limit(2000);
        channel.writeInbound(Unpooled.wrappedBuffer(frame(2000)));
        assertThat(sizes()).containsExactly(2000);
    }

    @Test
    void knowsWhetherAFrameIsIncomplete() {
        byte[] stream = frame(200);
        assertThat(decoder.isMidFrame()).isFalse();
        for (int index = 0; index < stream.length; index++) {
            write(stream, index, index + 1);
            assertThat(decoder.isMidFrame()).isEqualTo(index < stream.length - 1);
        }
        assertThat(sizes()).containsExactly(200);
    }

    @Test
    void givesAFrameThatArrivedInPiecesABufferOfItsOwn() {
        byte[] stream = frame(600);
        ByteBuf first = channel.alloc().buffer().writeBytes(stream, 0, 300);
        ByteBuf second = channel.alloc().buffer().writeBytes(stream, 300, stream.length - 300);
        channel.writeInbound(first, second);
        assertThat(first.refCnt()).isZero();
        assertThat(second.refCnt()).isZero();
        assertThat(sizes()).containsExactly(600);
    }

    @Test
    void growsTheBufferOfAFrameWhosePiecesBecomeLarger() {
        decoder.limit(1 << 20);
        byte[] stream = frame(100_000);
        write(stream, 0, 16_000);
        write(stream, 16_000, 80_000);
        write(stream, 80_000, stream.length);
        assertThat(sizes()).containsExactly(100_000);
    }

    @Test
    void allocatesForWhatArrivedAndNotForWhatIsAnnounced() {
        UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
        channel.config().setAllocator(allocator);
        decoder.limit(1 << 20);
        channel.writeInbound(Unpooled.wrappedBuffer(frame(1 << 20), 0, 20));
        assertThat(allocator.metric().usedHeapMemory()).isEqualTo(1024);
    }

    @Test
    void releasesAnIncompleteFrameWhenTheConnectionEnds() {
        write(frame(500), 0, 100);
        channel.close();
        assertThat(sizes()).isEmpty();
    }

    private static byte[] frame(int bytes) {
        ByteBuf buffer = Unpooled.buffer();
        Varint.write(buffer, bytes);
        return ByteBufUtil.getBytes(buffer.writeZero(bytes));
    }

    private void write(byte[] stream, int from, int to) {
        channel.writeInbound(channel.alloc().buffer().writeBytes(stream, from, to - from));
    }

    private List<Integer> sizes() {
        List<Integer> sizes = new ArrayList<>();
        for (ByteBuf frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            sizes.add(frame.readableBytes());
            frame.release();
        }
        return sizes;
    }
}
