package dev.quintet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.UnknownFieldSet;
import dev.quintet.protocol.wire.Accepted;
import dev.quintet.protocol.wire.Acknowledge;
import dev.quintet.protocol.wire.Acknowledged;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.Deliver;
import dev.quintet.protocol.wire.DeviceEnvelope;
import dev.quintet.protocol.wire.EnvelopeClass;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.Recipient;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.Submit;
import dev.quintet.protocol.wire.SubmitAnswer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Collections;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What holds for every frame, tried on thousands of random ones; a failure names the seed. */
class FramePropertiesTest {
    private static final Set<EnvelopeClass> NEVER_STORED =
            EnumSet.of(EnvelopeClass.CALL, EnvelopeClass.TYPING, EnvelopeClass.PRESENCE);
    private static final UnpooledByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;
    private static final int FRAMES = 1500;

    @Test
    void acceptsWhateverTheGeneratedClassesWriteWithinTheLimits() {
        for (int seed = 0; seed < FRAMES; seed++) {
            RandomFrames frames = new RandomFrames(seed);
            ClientFrame client = frames.client();
            assertThat(FrameChecker.CLIENT.check(wrap(client)))
                    .as("client frame of seed %d", seed)
                    .isEqualTo(client.getBodyCase().getNumber());
            ServerFrame server = frames.server();
            assertThat(FrameChecker.SERVER.check(wrap(server)))
                    .as("server frame of seed %d", seed)
                    .isEqualTo(server.getBodyCase().getNumber());
        }
    }

    @Test
    void parsesEveryFrameToWhatWasWritten() {
        for (int seed = 0; seed < FRAMES; seed++) {
            RandomFrames frames = new RandomFrames(seed);
            ClientFrame client = frames.client();
            assertThat(FrameReader.clientFrame(wrap(client))).isEqualTo(client);
            assertThat(FrameReader.requestId(wrap(client))).isEqualTo(client.getRequestId());
            ServerFrame server = frames.server();
            assertThat(FrameReader.serverFrame(wrap(server))).isEqualTo(server);
        }
    }

    @Test
    void readsSubmissionsInPlaceAsTheGeneratedParserDoes() {
        for (int seed = 0; seed < FRAMES; seed++) {
            ClientFrame frame = new RandomFrames(seed).submit();
            Submission submission = Submission.read(wrap(frame));
            assertSame(seed, submission, frame);
            submission.release();
        }
    }

    @Test
    void usesAReleasedSubmissionAgainWithNothingOfTheFrameBefore() {
        Set<Submission> objects = Collections.newSetFromMap(new IdentityHashMap<>());
        ClientFrame bare = ClientFrame.newBuilder()
                .setSubmit(Submit.newBuilder()
                        .setEnvelopeId(ByteString.copyFrom(new byte[EnvelopeId.BYTES]))
                        .addRecipients(Recipient.newBuilder()
                                .setAccount(ByteString.copyFrom(new byte[AccountId.BYTES]))
                                .addDevices(DeviceEnvelope.getDefaultInstance())))
                .build();
        for (int seed = 0; seed < 100; seed++) {
            Submission full = Submission.read(wrap(new RandomFrames(seed).submit()));
            full.retain().release();
            objects.add(full);
            full.release();
            Submission again = Submission.read(wrap(bare));
            assertSame(seed, again, bare);
            objects.add(again);
            again.release();
        }
        assertThat(objects).hasSizeLessThan(50);
    }

    @Test
    void readsASubmissionToAThousandRecipientsInPlace() {
        RandomFrames frames = new RandomFrames(1);
        Submit.Builder submit = frames.submit().getSubmit().toBuilder();
        while (submit.getRecipientsCount() < 1024) {
            submit.addRecipients((Recipient) frames.fill(Recipient.newBuilder()));
        }
        ClientFrame frame = ClientFrame.newBuilder().setSubmit(submit).build();
        FrameChecker.CLIENT.check(wrap(frame));
        assertSame(1, Submission.read(wrap(frame)), frame);
    }

    private static void assertSame(long seed, Submission submission, ClientFrame frame) {
        Submit submit = frame.getSubmit();
        assertThat(submission.requestId()).as("seed %d", seed).isEqualTo(frame.getRequestId());
        assertThat(submission.envelopeId()).isEqualTo(EnvelopeId.of(submit.getEnvelopeId()));
        assertThat(submission.envelopeClass()).isEqualTo(submit.getClass_Value());
        assertThat(submission.isEphemeral())
                .isEqualTo(submit.getEphemeral() || NEVER_STORED.contains(submit.getClass_()));
        assertThat(submission.isCallOffer()).isEqualTo(submit.getCallOffer());
        assertThat(submission.isUrgent()).isEqualTo(submit.getUrgent());
        assertThat(submission.wantsKeys()).isEqualTo(submit.getWantKeys());
        assertThat(submission.timeToLiveSeconds()).isEqualTo(Integer.toUnsignedLong(submit.getTimeToLiveSeconds()));
        assertThat(bytes(submission, submission.sharedOffset(), submission.sharedLength()))
                .isEqualTo(submit.getSharedCiphertext());
        assertThat(submission.recipientCount()).isEqualTo(submit.getRecipientsCount());
        int envelope = 0;
        for (int recipient = 0; recipient < submission.recipientCount(); recipient++) {
            assertThat(submission.account(recipient))
                    .isEqualTo(AccountId.of(submit.getRecipients(recipient).getAccount()));
            assertThat(submission.firstEnvelope(recipient)).isEqualTo(envelope);
            for (DeviceEnvelope expected : submit.getRecipients(recipient).getDevicesList()) {
                assertSame(submission, envelope++, expected);
            }
            assertThat(submission.endEnvelope(recipient)).isEqualTo(envelope);
        }
        assertThat(submission.envelopeCount()).isEqualTo(envelope);
    }

    private static void assertSame(Submission submission, int envelope, DeviceEnvelope expected) {
        assertThat(submission.device(envelope)).isEqualTo(expected.getDevice());
        assertThat(submission.registrationId(envelope)).isEqualTo(expected.getRegistrationId());
        assertThat(bytes(submission, submission.ciphertextOffset(envelope), submission.ciphertextLength(envelope)))
                .isEqualTo(expected.getCiphertext());
    }

    private static ByteString bytes(Submission submission, int offset, int length) {
        return ByteString.copyFrom(ByteBufUtil.getBytes(submission.frame(), offset, length));
    }

    @Test
    void writesDeliveriesAsTheGeneratedClassesDo() {
        for (int seed = 0; seed < FRAMES; seed++) {
            Deliver deliver = (Deliver) new RandomFrames(seed)
                    .fill(Deliver.newBuilder()).toBuilder()
                            .setUnknownFields(UnknownFieldSet.getDefaultInstance())
                            .build();
            byte[] expected =
                    prefixed(ServerFrame.newBuilder().setDeliver(deliver).build());
            ByteBuf ciphertext = Unpooled.wrappedBuffer(deliver.getCiphertext().asReadOnlyByteBuffer());
            long sequence = deliver.getSequence();
            long previous = deliver.getPrevious();

            ByteBuf whole =
                    HotFrames.deliver(ALLOCATOR::buffer, header(deliver), sequence, previous, ciphertext.nioBuffer());
            ByteBuf head = HotFrames.deliverHead(
                    ALLOCATOR::buffer, header(deliver), sequence, previous, ciphertext.readableBytes());

            assertThat(ByteBufUtil.getBytes(whole)).as("seed %d", seed).isEqualTo(expected);
            assertThat(whole.writableBytes()).isZero();
            assertThat(head.writableBytes()).isZero();
            assertThat(ByteBufUtil.getBytes(Unpooled.wrappedBuffer(head, ciphertext)))
                    .isEqualTo(expected);
            whole.release();
            head.release();
        }
    }

    private static EnvelopeHeader header(Deliver deliver) {
        return new EnvelopeHeader(
                AccountId.of(deliver.getFromAccount()),
                deliver.getFromDevice(),
                EnvelopeId.of(deliver.getEnvelopeId()),
                deliver.getAcceptedAtMillis(),
                deliver.getClass_Value(),
                deliver.getUrgent());
    }

    @Test
    void writesSmallAnswersAsTheGeneratedClassesDo() {
        Random random = new Random(3);
        for (int count = 0; count < FRAMES; count++) {
            long requestId = random.nextLong() >>> random.nextInt(Long.SIZE);
            long number = random.nextLong() >>> random.nextInt(Long.SIZE);
            AccountId account = new AccountId(random.nextLong(), random.nextLong());
            ServerFrame acknowledged = ServerFrame.newBuilder()
                    .setRequestId(requestId)
                    .setAcknowledged(Acknowledged.newBuilder().setSequence(number))
                    .build();
            ServerFrame accepted = ServerFrame.newBuilder()
                    .setRequestId(requestId)
                    .setSubmitAnswer(SubmitAnswer.newBuilder()
                            .addAnswers(RecipientAnswer.newBuilder()
                                    .setAccount(account.toByteString())
                                    .setAccepted(Accepted.newBuilder().setAcceptedAtMillis(number))))
                    .build();
            assertWritten(HotFrames.acknowledged(ALLOCATOR::buffer, requestId, number), acknowledged);
            assertWritten(HotFrames.accepted(ALLOCATOR::buffer, requestId, account, number), accepted);
            assertWritten(FrameEncoder.encode(ALLOCATOR::buffer, accepted), accepted);
        }
    }

    private static void assertWritten(ByteBuf written, ServerFrame expected) {
        assertThat(ByteBufUtil.getBytes(written)).isEqualTo(prefixed(expected));
        assertThat(written.capacity()).isEqualTo(written.readableBytes());
        written.release();
    }

    @Test
    void readsAcknowledgementsInPlace() {
        Random random = new Random(4);
        for (int count = 0; count < FRAMES; count++) {
            long sequence = random.nextLong() >>> random.nextInt(Long.SIZE);
            ByteBuf frame = wrap(ClientFrame.newBuilder()
                    .setRequestId(count)
                    .setAcknowledge(Acknowledge.newBuilder().setSequence(sequence))
                    .build());
            assertThat(FrameReader.acknowledgedSequence(frame)).isEqualTo(sequence);
        }
    }

    /** A cut ends in the middle of a field, or between two fields of the frame: then a shorter frame is left. */
    @Test
    void refusesEveryTruncationOrSeesAFrameWithoutItsLastFields() {
        for (int seed = 0; seed < 100; seed++) {
            ByteBuf whole = wrap(new RandomFrames(seed).client());
            for (int length = 0; length < whole.readableBytes(); length++) {
                ByteBuf cut = whole.slice(0, length);
                Throwable thrown = catchThrowable(() -> FrameChecker.CLIENT.check(cut));
                if (thrown == null) {
                    assertThat(FrameReader.clientFrame(cut).getSerializedSize())
                            .as("seed %d cut to %d bytes", seed, length)
                            .isLessThan(whole.readableBytes());
                } else {
                    assertMalformed(thrown);
                }
            }
        }
    }

    @Test
    void answersRandomBytesWithAFrameOrMalformedAndNothingElse() {
        Random random = new Random(5);
        for (int count = 0; count < 10_000; count++) {
            byte[] bytes = new byte[random.nextInt(60)];
            random.nextBytes(bytes);
            tryBytes(bytes);
        }
    }

    @Test
    void answersFlippedBitsWithAFrameThatBothReadersSeeAlikeOrMalformed() {
        for (int seed = 0; seed < 200; seed++) {
            byte[] bytes = new RandomFrames(seed).submit().toByteArray();
            Random random = new Random(seed);
            for (int flip = 0; flip < 25; flip++) {
                byte[] damaged = bytes.clone();
                damaged[random.nextInt(Math.min(damaged.length, 100))] ^= (byte) (1 << random.nextInt(8));
                tryBytes(damaged);
            }
        }
    }

    private static void tryBytes(byte[] bytes) {
        ByteBuf frame = Unpooled.wrappedBuffer(bytes);
        int[] body = {0};
        Throwable thrown = catchThrowable(() -> body[0] = FrameChecker.CLIENT.check(frame));
        if (thrown != null) {
            assertMalformed(thrown);
            return;
        }
        ClientFrame parsed = FrameReader.clientFrame(frame);
        assertThat(parsed.getBodyCase().getNumber()).isEqualTo(body[0]);
        if (parsed.hasSubmit()) {
            assertSame(-1, Submission.read(frame), parsed);
        }
    }

    private static void assertMalformed(Throwable thrown) {
        assertThat(thrown).isInstanceOf(ProtocolException.class);
        assertThat(((ProtocolException) thrown).code()).isEqualTo(ErrorCode.MALFORMED);
        assertThat(thrown.getStackTrace()).isEmpty();
    }

    private static ByteBuf wrap(MessageLite frame) {
        return Unpooled.wrappedBuffer(frame.toByteArray());
    }

    private static byte[] prefixed(MessageLite frame) {
        ByteBuf buffer = Unpooled.buffer();
        Varint.write(buffer, frame.getSerializedSize());
        return ByteBufUtil.getBytes(buffer.writeBytes(frame.toByteArray()));
    }
}
