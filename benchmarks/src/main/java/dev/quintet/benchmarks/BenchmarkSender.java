package dev.quintet.benchmarks;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.FrameChecker;
import dev.quintet.protocol.FrameSpace;
import dev.quintet.protocol.HotFrames;
import dev.quintet.protocol.Submission;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.DeviceEnvelope;
import dev.quintet.protocol.wire.Recipient;
import dev.quintet.protocol.wire.Submit;
import dev.quintet.protocol.wire.SubmitAnswer;
import dev.quintet.relay.fanout.Sender;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.Random;

/**
 * A device that submits: the same frame again and again, each time with another envelope id.
 *
 * <p><b>Thread:</b> the benchmark's.
 */
final class BenchmarkSender implements Sender {
    private static final int CIPHERTEXT_BYTES = 1024;

    private static final FrameSpace SPACE = PooledByteBufAllocator.DEFAULT::ioBuffer;

    private final AccountId account = new AccountId(3, 4);
    private final ByteBuf frame;
    private final int idOffset;
    private long count;
    private long accepted;

    /** @param to whose five devices get 1 KiB each */
    BenchmarkSender(AccountId to) {
        byte[] ciphertext = new byte[CIPHERTEXT_BYTES];
        new Random(1).nextBytes(ciphertext);
        Recipient.Builder recipient = Recipient.newBuilder().setAccount(to.toByteString());
        for (int device = 1; device <= BenchmarkRooms.DEVICES; device++) {
            recipient.addDevices(DeviceEnvelope.newBuilder()
                    .setDevice(device)
                    .setRegistrationId(BenchmarkRooms.registrationId(device))
                    .setCiphertext(ByteString.copyFrom(ciphertext)));
        }
        EnvelopeId marker = new EnvelopeId(0x1122334455667788L, 0x99aabbccddeeff00L);
        byte[] bytes = ClientFrame.newBuilder()
                .setRequestId(77)
                .setSubmit(
                        Submit.newBuilder().setEnvelopeId(marker.toByteString()).addRecipients(recipient))
                .build()
                .toByteArray();
        frame = Unpooled.directBuffer(bytes.length).writeBytes(bytes);
        idOffset = offsetOf(marker);
    }

    private int offsetOf(EnvelopeId marker) {
        for (int offset = 0; offset < frame.writerIndex(); offset++) {
            if (frame.getLong(offset) == marker.high() && frame.getLong(offset + Long.BYTES) == marker.low()) {
                return offset;
            }
        }
        throw new IllegalStateException("the frame has no id");
    }

    /** The next submission, as the bytes of its frame were received: checked and read. */
    Submission next() {
        frame.setLong(idOffset, ++count);
        ByteBuf received = PooledByteBufAllocator.DEFAULT.directBuffer(frame.readableBytes());
        received.writeBytes(frame, 0, frame.writerIndex());
        FrameChecker.CLIENT.check(received);
        return Submission.read(received);
    }

    /** Answers so far. */
    long accepted() {
        return accepted;
    }

    @Override
    public AccountId account() {
        return account;
    }

    @Override
    public int device() {
        return 1;
    }

    @Override
    public boolean isMember() {
        return true;
    }

    @Override
    public void accepted(long requestId, AccountId recipient, long acceptedAtMillis) {
        accepted++;
        HotFrames.accepted(SPACE, requestId, recipient, acceptedAtMillis).release();
    }

    @Override
    public void answered(long requestId, SubmitAnswer answer) {
        throw new IllegalStateException("not accepted: " + answer);
    }
}
