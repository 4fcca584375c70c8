package dev.quintet.benchmarks;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.EnvelopeHeader;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.FrameChecker;
import dev.quintet.protocol.FrameEncoder;
import dev.quintet.protocol.HotFrames;
import dev.quintet.protocol.Submission;
import dev.quintet.protocol.wire.Accepted;
import dev.quintet.protocol.wire.Acknowledged;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.Deliver;
import dev.quintet.protocol.wire.DeviceEnvelope;
import dev.quintet.protocol.wire.EnvelopeClass;
import dev.quintet.protocol.wire.Recipient;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.Submit;
import dev.quintet.protocol.wire.SubmitAnswer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Does it pay to read submissions and to write frequent frames in place, instead of through generated classes?
 *
 * <p>Yes, by what it does not allocate more than by time: a submission of five times 1 KiB is checked and read 1.6 times
 * as fast as the generated classes parse it without checking anything, with 217 bytes instead of 12 KB; frames are
 * written 1.3 to 2.2 times as fast, with 116 bytes (Netty's buffer object; 12 on an event loop) instead of 540 to 860. The two
 * passes over a submission cost about the same, so joining them would save half of 1 microsecond for five deliveries:
 * not worth a second way to read.
 *
 * <p>Run: {@code java -jar benchmarks/target/benchmarks.jar FrameCodec}. Last: 2026-11-22, JDK 17.0.15, two cores of a
 * Xeon at 2.8 GHz shared with other work, fastest of 100 iterations; {@code benchmarks/README.md} has the table.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 2,
        jvmArgsPrepend = {LoopThreads.OPTION, LoopThreads.CLASS_OPTION})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FrameCodecBenchmark {
    private static final int DEVICES = 5;
    private static final int CIPHERTEXT_BYTES = 1024;
    private static final long NOW_MILLIS = 1_800_000_000_000L;

    private final ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
    private ByteBuf submit;
    private ByteBuffer ciphertext;
    private ByteString ciphertextBytes;
    private AccountId account;
    private EnvelopeHeader header;
    private long sequence;

    /** Builds the frame that is read, and what the written frames say. */
    @Setup
    public void prepare() {
        Random random = new Random(1);
        byte[] bytes = new byte[CIPHERTEXT_BYTES];
        random.nextBytes(bytes);
        ciphertextBytes = ByteString.copyFrom(bytes);
        ciphertext = ByteBuffer.allocateDirect(bytes.length).put(bytes);
        account = new AccountId(random.nextLong(), random.nextLong());
        EnvelopeId id = new EnvelopeId(random.nextLong(), random.nextLong());
        header = new EnvelopeHeader(account, 3, id, NOW_MILLIS, EnvelopeClass.SYNC_VALUE, true);
        submit = allocator.directBuffer().writeBytes(submit(id, random).toByteArray());
        sequence = 100_000;
    }

    private ClientFrame submit(EnvelopeId id, Random random) {
        Recipient.Builder recipient = Recipient.newBuilder().setAccount(account.toByteString());
        for (int device = 1; device <= DEVICES; device++) {
            recipient.addDevices(DeviceEnvelope.newBuilder()
                    .setDevice(device)
                    .setRegistrationId(random.nextInt(Integer.MAX_VALUE))
                    .setCiphertext(ciphertextBytes));
        }
        return ClientFrame.newBuilder()
                .setRequestId(77)
                .setSubmit(Submit.newBuilder().setEnvelopeId(id.toByteString()).addRecipients(recipient))
                .build();
    }

    /** Gives the buffers back. */
    @TearDown
    public void release() {
        submit.release();
    }

    /** What the relay does with a submission. */
    @Benchmark
    public int checkAndReadSubmitInPlace() {
        FrameChecker.CLIENT.check(submit);
        Submission submission = Submission.read(submit.retain());
        int bytes = submission.ciphertextLength(DEVICES - 1);
        submission.release();
        return bytes;
    }

    /** The strict check alone, which generated parsing would need as well. */
    @Benchmark
    public int checkSubmitInPlace() {
        return FrameChecker.CLIENT.check(submit);
    }

    /** Without any limit checked. */
    @Benchmark
    public ClientFrame parseSubmitByGeneratedClasses() throws IOException {
        return ClientFrame.parseFrom(CodedInputStream.newInstance(submit.nioBuffer()));
    }

    /** What the relay does with an envelope. */
    @Benchmark
    public int writeDeliverInPlace() {
        return written(HotFrames.deliver(allocator::ioBuffer, header, ++sequence, sequence - 1, ciphertext.rewind()));
    }

    /** What the relay does with a submission's five envelopes. */
    @Benchmark
    public int writeFiveDeliversInPlace() {
        int bytes = 0;
        for (int device = 0; device < DEVICES; device++) {
            bytes += written(
                    HotFrames.deliver(allocator::ioBuffer, header, ++sequence, sequence - 1, ciphertext.rewind()));
        }
        return bytes;
    }

    /** The relay's other way: the ciphertext follows by a gathering write. */
    @Benchmark
    public int writeDeliverHeadInPlace() {
        return written(HotFrames.deliverHead(allocator::ioBuffer, header, ++sequence, sequence - 1, CIPHERTEXT_BYTES));
    }

    /** From a ciphertext that is a ByteString already. */
    @Benchmark
    public int writeDeliverByGeneratedClasses() {
        Deliver deliver = Deliver.newBuilder()
                .setSequence(++sequence)
                .setPrevious(sequence - 1)
                .setFromAccount(header.fromAccount().toByteString())
                .setFromDevice(header.fromDevice())
                .setEnvelopeId(header.id().toByteString())
                .setAcceptedAtMillis(header.acceptedAtMillis())
                .setClass_Value(header.envelopeClass())
                .setUrgent(header.isUrgent())
                .setCiphertext(ciphertextBytes)
                .build();
        return written(FrameEncoder.encode(
                allocator::ioBuffer,
                ServerFrame.newBuilder().setDeliver(deliver).build()));
    }

    /** The answer to an acknowledgement. */
    @Benchmark
    public int writeAcknowledgedInPlace() {
        return written(HotFrames.acknowledged(allocator::ioBuffer, 77, ++sequence));
    }

    /** The same. */
    @Benchmark
    public int writeAcknowledgedByGeneratedClasses() {
        return written(FrameEncoder.encode(
                allocator::ioBuffer,
                ServerFrame.newBuilder()
                        .setRequestId(77)
                        .setAcknowledged(Acknowledged.newBuilder().setSequence(++sequence))
                        .build()));
    }

    /** The answer to a submission. */
    @Benchmark
    public int writeAcceptedInPlace() {
        return written(HotFrames.accepted(allocator::ioBuffer, 77, account, NOW_MILLIS + ++sequence));
    }

    /** The same. */
    @Benchmark
    public int writeAcceptedByGeneratedClasses() {
        RecipientAnswer answer = RecipientAnswer.newBuilder()
                .setAccount(account.toByteString())
                .setAccepted(Accepted.newBuilder().setAcceptedAtMillis(NOW_MILLIS + ++sequence))
                .build();
        return written(FrameEncoder.encode(
                allocator::ioBuffer,
                ServerFrame.newBuilder()
                        .setRequestId(77)
                        .setSubmitAnswer(SubmitAnswer.newBuilder().addAnswers(answer))
                        .build()));
    }

    private static int written(ByteBuf frame) {
        int bytes = frame.readableBytes();
        frame.release();
        return bytes;
    }
}
