package dev.quintet.load.floor;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.quintet.load.floor.FloorDevices.FloorDevice;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.EnvelopeHeader;
import dev.quintet.protocol.FrameEncoder;
import dev.quintet.protocol.FrameReader;
import dev.quintet.protocol.HotFrames;
import dev.quintet.protocol.Statement;
import dev.quintet.protocol.Submission;
import dev.quintet.protocol.Varint;
import dev.quintet.protocol.wire.Accepted;
import dev.quintet.protocol.wire.Backlog;
import dev.quintet.protocol.wire.BacklogDelivered;
import dev.quintet.protocol.wire.Challenge;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.DeviceListContent;
import dev.quintet.protocol.wire.DeviceListStored;
import dev.quintet.protocol.wire.Limits;
import dev.quintet.protocol.wire.Registered;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.Welcome;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A device at a floor: logs in without proof, submits, and acknowledges.
 *
 * <p>Nothing is checked and nothing kept: an envelope for a device that is not connected is gone.
 *
 * <p><b>Thread:</b> the event loop.
 */
final class FloorConnection extends ChannelInboundHandlerAdapter {
    private static final int DISTANT_MILLIS = 1 << 30;

    private final FloorLevel level;
    private final FloorDevices devices;
    private final FloorLog log;
    private ChannelHandlerContext context;
    private AccountId account;
    private int number;
    private FloorDevice device;

    /** @param log null if the level needs none */
    FloorConnection(FloorLevel level, FloorDevices devices, FloorLog log) {
        this.level = level;
        this.devices = devices;
        this.log = log;
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        context = active;
        ThreadLocalRandom random = ThreadLocalRandom.current();
        account = new AccountId(random.nextLong(), random.nextLong());
        send(ServerFrame.newBuilder()
                .setChallenge(Challenge.newBuilder()
                        .setChallenge(ByteString.copyFrom(new byte[Statement.CHALLENGE_BYTES]))
                        .setMinVersion(1)
                        .setMaxVersion(1)
                        .setNewAccount(account.toByteString())
                        .setLimits(Limits.getDefaultInstance())));
    }

    @Override
    public void channelRead(ChannelHandlerContext reading, Object message) throws InvalidProtocolBufferException {
        ByteBuf frame = (ByteBuf) message;
        int body = device == null ? 0 : bodyOf(frame);
        if (body == ClientFrame.SUBMIT_FIELD_NUMBER) {
            submit(Submission.read(frame));
            return;
        }
        try {
            if (body == ClientFrame.ACKNOWLEDGE_FIELD_NUMBER) {
                acknowledge(frame);
            } else {
                handle(FrameReader.clientFrame(frame));
            }
        } finally {
            frame.release();
        }
    }

    private static int bodyOf(ByteBuf frame) {
        int at = frame.readerIndex();
        int end = frame.writerIndex();
        long tag = Varint.read32(frame, at, end);
        if (WireFormat.getTagFieldNumber(Varint.value(tag)) == ClientFrame.REQUEST_ID_FIELD_NUMBER) {
            long span = Varint.span(frame, WireFormat.WIRETYPE_VARINT, at + Varint.length(tag), end);
            tag = Varint.read32(frame, Varint.to(span), end);
        }
        return WireFormat.getTagFieldNumber(Varint.value(tag));
    }

    // Submissions

    private void submit(Submission submission) {
        if (log == null) {
            handOn(submission);
        } else {
            log.append(submission.frame(), () -> handOn(submission));
        }
    }

    private void handOn(Submission submission) {
        long nowMillis = System.currentTimeMillis();
        EnvelopeHeader header = new EnvelopeHeader(
                account, number, submission.envelopeId(), nowMillis, submission.envelopeClass(), submission.isUrgent());
        ByteBuffer bytes = submission.view();
        for (int recipient = 0; recipient < submission.recipientCount(); recipient++) {
            FloorDevice[] to = devices.of(submission.account(recipient));
            for (int envelope = submission.firstEnvelope(recipient);
                    to != null && envelope < submission.endEnvelope(recipient);
                    envelope++) {
                deliver(to[submission.device(envelope)], header, submission, envelope, bytes);
            }
        }
        if (device.isConnected()) {
            devices.write(device, answer(submission, nowMillis));
        }
        submission.release();
    }

    private ByteBuf answer(Submission submission, long nowMillis) {
        if (submission.recipientCount() == 1) {
            return HotFrames.accepted(
                    context.alloc()::ioBuffer, submission.requestId(), submission.account(0), nowMillis);
        }
        ServerFrame.Builder frame = ServerFrame.newBuilder().setRequestId(submission.requestId());
        for (int recipient = 0; recipient < submission.recipientCount(); recipient++) {
            frame.getSubmitAnswerBuilder()
                    .addAnswersBuilder()
                    .setAccount(submission.account(recipient).toByteString())
                    .setAccepted(Accepted.newBuilder().setAcceptedAtMillis(nowMillis));
        }
        return FrameEncoder.encode(context.alloc()::ioBuffer, frame.build());
    }

    private void deliver(FloorDevice to, EnvelopeHeader header, Submission submission, int envelope, ByteBuffer bytes) {
        if (to == null || !to.isConnected()) {
            return;
        }
        boolean isShared = submission.sharedLength() > 0;
        int index = isShared ? submission.sharedOffset() : submission.ciphertextOffset(envelope);
        int length = isShared ? submission.sharedLength() : submission.ciphertextLength(envelope);
        long sequence = submission.isEphemeral() ? 0 : to.nextSequence();
        long previous = Math.max(0, sequence - 1);
        ByteBuffer ciphertext = bytes.limit(index + length).position(index);
        devices.write(to, HotFrames.deliver(context.alloc()::ioBuffer, header, sequence, previous, ciphertext));
    }

    // Acknowledgements

    private void acknowledge(ByteBuf frame) {
        if (level != FloorLevel.ACKNOWLEDGE) {
            return;
        }
        long sequence = FrameReader.acknowledgedSequence(frame);
        long requestId = FrameReader.requestId(frame);
        log.append(frame, () -> {
            if (device.isConnected()) {
                devices.write(device, HotFrames.acknowledged(context.alloc()::ioBuffer, requestId, sequence));
            }
        });
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext complete) {
        devices.flush();
    }

    // Logging in

    private void handle(ClientFrame frame) throws InvalidProtocolBufferException {
        switch (frame.getBodyCase()) {
            case REGISTER -> {
                logIn(account, 1);
                send(ServerFrame.newBuilder()
                        .setRegistered(Registered.newBuilder()
                                .setAccount(account.toByteString())
                                .setDevice(number)));
                welcome();
            }
            case AUTHENTICATE -> {
                logIn(
                        AccountId.of(frame.getAuthenticate().getAccount()),
                        frame.getAuthenticate().getDevice());
                welcome();
            }
            case PUT_DEVICE_LIST ->
                send(ServerFrame.newBuilder()
                        .setRequestId(frame.getRequestId())
                        .setDeviceListStored(DeviceListStored.newBuilder()
                                .setVersion(DeviceListContent.parseFrom(frame.getPutDeviceList()
                                                .getDeviceList()
                                                .getContent())
                                        .getVersion())));
            default -> {}
        }
    }

    private void logIn(AccountId named, int deviceNumber) {
        account = named;
        number = deviceNumber;
        device = devices.connected(named, deviceNumber, context);
    }

    private void welcome() {
        send(ServerFrame.newBuilder()
                .setWelcome(Welcome.newBuilder()
                        .setAccount(account.toByteString())
                        .setDevice(number)
                        .setListVersion(1)
                        .setPingIntervalMillis(DISTANT_MILLIS)));
        send(ServerFrame.newBuilder().setBacklog(Backlog.getDefaultInstance()));
        send(ServerFrame.newBuilder().setBacklogDelivered(BacklogDelivered.getDefaultInstance()));
    }

    private void send(ServerFrame.Builder frame) {
        context.writeAndFlush(FrameEncoder.encode(context.alloc()::ioBuffer, frame.build()), context.voidPromise());
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) {
        if (device != null) {
            devices.disconnected(device, context);
        }
        inactive.fireChannelInactive();
    }

    /** A device that talks nonsense is cut off. */
    @Override
    public void exceptionCaught(ChannelHandlerContext caught, Throwable cause) {
        caught.close();
    }
}
