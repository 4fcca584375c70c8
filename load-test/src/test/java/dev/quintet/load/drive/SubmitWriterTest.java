package dev.quintet.load.drive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.client.DeviceKeys;
import dev.quintet.protocol.Ed25519Secret;
import dev.quintet.protocol.FrameChecker;
import dev.quintet.protocol.FrameReader;
import dev.quintet.protocol.Varint;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.DeviceEnvelope;
import dev.quintet.protocol.wire.EnvelopeClass;
import dev.quintet.protocol.wire.Recipient;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written in place is what the generated classes read. */
class SubmitWriterTest {
    private final DriveAccount account = new DriveAccount(3, 10, 5);
    private final DriveAccount small = new DriveAccount(4, 15, 1);
    private final DriveDevice stranger = new DriveAccount(5, 16, 1).device(1);

    @ParameterizedTest
    @ValueSource(ints = {40, 100, 1_024, 65_536})
    void writesASubmissionThatTheGeneratedClassesRead(int bytes) {
        Random random = new Random(bytes);
        account.devices().forEach(device -> device.keys(keys(device, random)));
        Parting parting = new Parting(
                300,
                random.nextLong(),
                77,
                account.audience(),
                1,
                Letter.ephemeral(bytes, EnvelopeClass.RECEIPT_VALUE));

        ClientFrame frame = read(SubmitWriter.submit(ByteBufAllocator.DEFAULT, stranger, parting));

        assertThat(frame.getRequestId()).isEqualTo(300);
        assertThat(frame.getSubmit().getClass_()).isEqualTo(EnvelopeClass.RECEIPT);
        assertThat(frame.getSubmit().getEphemeral()).isTrue();
        assertThat(frame.getSubmit().getRecipientsList()).singleElement().satisfies(this::isForAllDevices);
        for (DeviceEnvelope envelope : frame.getSubmit().getRecipients(0).getDevicesList()) {
            ByteBuf payload = Unpooled.wrappedBuffer(envelope.getCiphertext().asReadOnlyByteBuffer());
            assertThat(payload.readableBytes()).isEqualTo(bytes);
            assertThat(Payload.isMarked(payload, 0, bytes, envelope.getDevice()))
                    .isTrue();
            assertThat(Payload.isMarked(payload, 0, bytes, envelope.getDevice() + 1))
                    .isFalse();
            assertThat(Payload.isWhole(payload, 0, bytes)).isTrue();
        }
    }

    @Test
    void writesOneCiphertextForAllAccountsOfAGroup() {
        Random random = new Random(1);
        List.of(account, small).forEach(one -> one.devices().forEach(device -> device.keys(keys(device, random))));
        Audience group = Audience.group(0, List.of(account, small));
        Parting parting = new Parting(300, random.nextLong(), 77, group, 1, Letter.shared(1_024));

        ClientFrame frame = read(SubmitWriter.submit(ByteBufAllocator.DEFAULT, stranger, parting));

        assertThat(frame.getSubmit().getRecipientsList())
                .extracting(Recipient::getAccount)
                .containsExactly(account.id().toByteString(), small.id().toByteString());
        assertThat(frame.getSubmit().getRecipientsList())
                .flatExtracting(Recipient::getDevicesList)
                .hasSize(6)
                .allMatch(envelope -> envelope.getCiphertext().isEmpty());
        isForAllDevices(frame.getSubmit().getRecipients(0));
        ByteBuf payload =
                Unpooled.wrappedBuffer(frame.getSubmit().getSharedCiphertext().asReadOnlyByteBuffer());
        assertThat(Payload.isMarked(payload, 0, payload.readableBytes(), 3)).isTrue();
        assertThat(Payload.isWhole(payload, 0, 1_024)).isTrue();
    }

    @Test
    void leavesTheSenderOutOfItsOwnAccount() {
        Random random = new Random(1);
        account.devices().forEach(device -> device.keys(keys(device, random)));
        Parting parting = new Parting(300, 1, 77, account.audience(), 1, Letter.kept(100, EnvelopeClass.SYNC_VALUE));

        ClientFrame frame = read(SubmitWriter.submit(ByteBufAllocator.DEFAULT, account.device(2), parting));

        assertThat(frame.getSubmit().getClass_()).isEqualTo(EnvelopeClass.SYNC);
        assertThat(frame.getSubmit().getRecipients(0).getDevicesList())
                .extracting(DeviceEnvelope::getDevice)
                .containsExactly(1, 3, 4, 5);
    }

    private void isForAllDevices(Recipient recipient) {
        assertThat(recipient.getAccount()).isEqualTo(account.id().toByteString());
        assertThat(recipient.getDevicesList())
                .extracting(DeviceEnvelope::getRegistrationId)
                .containsExactlyElementsOf(account.devices().stream()
                        .map(device -> device.keys().registrationId())
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 127, 128, 1L << 40})
    void writesAnAcknowledgement(long sequence) {
        ClientFrame frame = read(SubmitWriter.acknowledge(ByteBufAllocator.DEFAULT, sequence));

        assertThat(frame.getAcknowledge().getSequence()).isEqualTo(sequence);
    }

    private static DeviceKeys keys(DriveDevice device, Random random) {
        byte[] seed = new byte[Ed25519Secret.SEED_BYTES];
        random.nextBytes(seed);
        int registrationId = random.nextInt(1, Integer.MAX_VALUE);
        return new DeviceKeys(
                device.account().id(), device.number(), registrationId, Ed25519Secret.of(seed), Optional.empty());
    }

    private static ClientFrame read(ByteBuf written) {
        try {
            long length = Varint.read32(written, 0, written.writerIndex());
            ByteBuf frame = written.skipBytes(Varint.length(length));
            assertThat(frame.readableBytes()).isEqualTo(Varint.value(length));
            FrameChecker.CLIENT.check(frame);
            return FrameReader.clientFrame(frame);
        } finally {
            written.release();
        }
    }
}
