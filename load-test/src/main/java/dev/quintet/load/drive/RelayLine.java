package dev.quintet.load.drive;

import com.google.protobuf.MessageLite;
import dev.quintet.load.drive.LineListener.AccountAnswer;
import dev.quintet.load.drive.LineListener.Arrival;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.FrameEncoder;
import dev.quintet.protocol.FrameReader;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.wire.Challenge;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.Gap;
import dev.quintet.protocol.wire.Pong;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.protocol.wire.ServerFrame;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * A device's connection to a relay: registers its account if it has none, logs in, submits, and acknowledges once what one
 * read has brought.
 *
 * <p><b>Thread:</b> the driver's event loop.
 * <b>Failure:</b> whatever the relay says that it should not ends the connection, with a line that says so.
 */
final class RelayLine extends ChannelInboundHandlerAdapter implements DriveLine {
    private static final long LOGIN_SECONDS = 20;

    private final DriveDevice device;
    private final CertificateHash certificate;
    private final LineListener listener;
    private final DeliveryFrame frame = new DeliveryFrame();
    private ChannelHandlerContext context;
    private TurnWriter writer;
    private boolean isRegistering;
    private boolean isOpen;
    private long arrivedSequence;
    private long acknowledgedSequence;
    private String reason;

    RelayLine(DriveDevice device, CertificateHash certificate, LineListener listener) {
        this.device = device;
        this.certificate = certificate;
        this.listener = listener;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        writer = new TurnWriter(added);
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        active.executor().schedule(this::checkLoggedIn, LOGIN_SECONDS, TimeUnit.SECONDS);
        active.fireChannelActive();
    }

    private void checkLoggedIn() {
        if (!isOpen) {
            end("the server does not finish the login");
        }
    }

    // What comes

    @Override
    public void channelRead(ChannelHandlerContext reading, Object message) {
        ByteBuf buffer = (ByteBuf) message;
        try {
            frame.read(buffer);
            handle(buffer);
        } finally {
            buffer.release();
        }
    }

    private void handle(ByteBuf buffer) {
        if (!isOpen) {
            handleOther(FrameReader.serverFrame(buffer));
            return;
        }
        switch (frame.body()) {
            case ServerFrame.DELIVER_FIELD_NUMBER -> deliver(buffer);
            case ServerFrame.ACKNOWLEDGED_FIELD_NUMBER -> device.confirmedSequence(frame.sequence());
            case ServerFrame.SUBMIT_ANSWER_FIELD_NUMBER -> answer(buffer);
            default -> handleOther(FrameReader.serverFrame(buffer));
        }
    }

    private void deliver(ByteBuf buffer) {
        Arrival arrival = arrival();
        arrived(frame.sequence());
        listener.delivered(
                device, buffer, frame.ciphertextOffset(), frame.ciphertextLength(), frame.envelopeClass(), arrival);
    }

    private void arrived(long sequence) {
        arrivedSequence = Math.max(arrivedSequence, sequence);
        device.newestSequence(Math.max(device.newestSequence(), sequence));
    }

    private Arrival arrival() {
        if (frame.sequence() == 0) {
            return Arrival.EPHEMERAL;
        }
        if (frame.sequence() <= device.newestSequence()) {
            return frame.sequence() <= device.confirmedSequence() ? Arrival.AFTER_ACKNOWLEDGEMENT : Arrival.AGAIN;
        }
        return frame.previous() > device.newestSequence() ? Arrival.AFTER_A_HOLE : Arrival.FIRST;
    }

    private void answer(ByteBuf buffer) {
        if (frame.plainlyAccepted() > 0) {
            listener.accepted(device, frame.requestId(), frame.plainlyAccepted());
        } else {
            listener.answered(
                    device,
                    frame.requestId(),
                    FrameReader.serverFrame(buffer).getSubmitAnswer().getAnswersList().stream()
                            .map(RelayLine::accountAnswer)
                            .toList());
        }
    }

    private static AccountAnswer accountAnswer(RecipientAnswer answer) {
        if (answer.hasAccepted()) {
            long full = answer.getAccepted().getFullDevicesList().stream()
                    .mapToLong(device -> 1L << device - 1)
                    .sum();
            return new AccountAnswer(full, Optional.empty());
        }
        ErrorCode code = answer.getError().getCode();
        return AccountAnswer.refused(answer.hasMismatch() ? "the devices are others" : code.name());
    }

    private void handleOther(ServerFrame other) {
        switch (other.getBodyCase()) {
            case CHALLENGE -> logIn(other.getChallenge());
            case REGISTERED -> isRegistering = true;
            case WELCOME -> welcome();
            case DEVICE_LIST_STORED -> open();
            case PING ->
                write(ClientFrame.newBuilder()
                        .setPong(Pong.newBuilder().setToken(other.getPing().getToken()))
                        .build());
            case GAP -> gap(other.getGap());
            case ERROR -> error(other);
            case BODY_NOT_SET -> end("the server does not speak the relay's protocol");
            default -> {}
        }
    }

    private void error(ServerFrame other) {
        String words = other.getError().getCode() + ": " + other.getError().getMessage();
        if (other.getError().getClosing() || !isOpen) {
            end("the server said " + words);
        } else if (other.getRequestId() != 0) {
            listener.refused(device, other.getRequestId(), words);
        }
    }

    private void gap(Gap gap) {
        if (gap.getSequence() > device.newestSequence()) {
            listener.gap(device, gap.getCount());
        }
        arrived(gap.getSequence());
    }

    // Logging in

    private void logIn(Challenge challenge) {
        if (!isTrusted()) {
            end("the server has another certificate than the fingerprint says");
        } else if (device.keys() == null) {
            write(RelayLogin.register(device.account(), challenge, certificate));
        } else {
            write(RelayLogin.authenticate(device, challenge, certificate));
        }
    }

    private boolean isTrusted() {
        SslHandler tls = context.pipeline().get(SslHandler.class);
        try {
            return tls == null
                    || CertificateHash.of(tls.engine().getSession().getPeerCertificates()[0])
                            .equals(certificate);
        } catch (SSLPeerUnverifiedException anonymous) {
            return false;
        }
    }

    private void welcome() {
        boolean isAlone = device.account().devices().size() == 1;
        if (isRegistering && !isAlone) {
            write(RelayLogin.putList(device.account()));
        } else {
            open();
        }
    }

    private void open() {
        if (!isOpen) {
            isOpen = true;
            listener.opened(device, this);
        }
    }

    // What goes

    @Override
    public void submit(Parting parting) {
        writer.write(SubmitWriter.submit(context.alloc(), device, parting));
    }

    private void write(MessageLite message) {
        writer.write(FrameEncoder.encode(context.alloc()::ioBuffer, message));
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext complete) {
        if (isOpen && arrivedSequence > acknowledgedSequence) {
            acknowledgedSequence = arrivedSequence;
            context.writeAndFlush(
                    SubmitWriter.acknowledge(context.alloc(), acknowledgedSequence), context.voidPromise());
        }
        complete.fireChannelReadComplete();
    }

    // The end

    @Override
    public void close() {
        end("closed");
    }

    private void end(String why) {
        reason = reason == null ? why : reason;
        context.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext caught, Throwable cause) {
        boolean isNonsense = cause instanceof ProtocolException || cause instanceof DecoderException;
        end((isNonsense ? "the server does not speak the relay's protocol: " : "the connection broke: ")
                + (cause.getMessage() == null ? cause : cause.getMessage()));
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) {
        String when = isOpen ? "" : " before the login was done";
        listener.closed(device, reason == null ? "the server closed the connection" + when : reason);
        inactive.fireChannelInactive();
    }
}
