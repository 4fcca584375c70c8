package dev.quintet.relay.net;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.FrameChecker;
import dev.quintet.protocol.FrameDecoder;
import dev.quintet.protocol.FrameReader;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.Statement;
import dev.quintet.protocol.wire.Authenticate;
import dev.quintet.protocol.wire.Challenge;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.OpenLinkOffer;
import dev.quintet.protocol.wire.Register;
import dev.quintet.protocol.wire.Registered;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.link.LinkRefusal;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.util.random.RandomGenerator;

/**
 * A socket until its device is known.
 *
 * <pre>
 *   OPENING ──TLS done, challenge sent──▶ CHALLENGED ──first frame──▶ CHECKING ──signature good──▶ ENTERING ──▶ Connection
 *                                             └──────open_link_offer──────▶ LINKING
 * </pre>
 *
 * <p>A device that has no account yet may open a link offer instead; {@link LinkingDevice} then does the rest.
 *
 * <p>{@link Admission} decides who is let in. Meanwhile a few frames that came early are held; they are the
 * connection's first.
 *
 * <p><b>Thread:</b> the loop that accepted the socket. <b>Limits:</b> {@link ConnectionLimits}: time, frame size, held
 * frames, failed logins of an address. <b>Failure:</b> one error frame and the end; without a word if the peer does not
 * speak TLS.
 */
public final class Handshake extends ChannelInboundHandlerAdapter implements Watched {
    private static final int VERSION = 1;
    private static final int BLOCKED_MILLIS = 60_000;

    private enum State {
        OPENING,
        CHALLENGED,
        CHECKING,
        ENTERING,
        LINKING
    }

    private final Reception reception;
    private final FrameDecoder decoder;
    private final HeldFrames held;
    private State state = State.OPENING;
    private ChannelHandlerContext context;
    private FrameWriter writer;
    private Watch watch;
    private int startTick;
    private long startNanos;
    private Admission admission;
    private LinkingDevice linking;

    /** A socket that was just accepted; {@code decoder} stands before this handler. */
    public Handshake(Reception reception, FrameDecoder decoder) {
        this.reception = reception;
        this.decoder = decoder;
        held = new HeldFrames(reception.terms().connection());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        watch = reception.ways().watches().apply(added.channel());
        writer = new FrameWriter(added.channel(), watch.departures());
        startTick = watch.now();
        startNanos = reception.ways().nanoTime().read();
        tidyWhenClosed(added.channel());
        watch.add(this);
        if (added.channel().isActive() && isPlain()) {
            sendChallenge();
        }
    }

    /** A channel that is closed between two loops tells nobody but its future. */
    private void tidyWhenClosed(Channel channel) {
        meters().socketOpened();
        HeldFrames unread = held;
        FrameWriter unsent = writer;
        NetMeters meters = meters();
        channel.closeFuture().addListener(closed -> {
            unread.release();
            unsent.release();
            meters.socketClosed();
        });
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        if (isPlain() && state == State.OPENING) {
            sendChallenge();
        }
        active.fireChannelActive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext triggered, Object event) {
        if (event instanceof SslHandshakeCompletionEvent completion && state == State.OPENING) {
            if (completion.isSuccess()) {
                meters().tlsDone(reception.ways().nanoTime().read() - startNanos);
                sendChallenge();
            } else {
                meters().tlsFailed();
                triggered.close();
            }
        }
        triggered.fireUserEventTriggered(event);
    }

    private boolean isPlain() {
        return context.pipeline().get(SslHandler.class) == null;
    }

    private void sendChallenge() {
        RandomGenerator random = reception.ways().random();
        byte[] challenge = new byte[Statement.CHALLENGE_BYTES];
        random.nextBytes(challenge);
        AccountId newAccount = new AccountId(random.nextLong(), random.nextLong());
        admission = new Admission(reception, this::onLoop, challenge, newAccount);
        startNanos = reception.ways().nanoTime().read();
        state = State.CHALLENGED;
        writer.send(ServerFrame.newBuilder()
                .setChallenge(Challenge.newBuilder()
                        .setChallenge(ByteString.copyFrom(challenge))
                        .setServerTimeMillis(reception.ways().clock().millis())
                        .setMinVersion(VERSION)
                        .setMaxVersion(VERSION)
                        .setNewAccount(newAccount.toByteString())
                        .setLimits(reception.terms().announced())));
    }

    // Reading

    @Override
    public void channelRead(ChannelHandlerContext reading, Object message) {
        ByteBuf frame = (ByteBuf) message;
        if (writer.isEnding()) {
            frame.release();
        } else if (state == State.CHALLENGED) {
            readFirst(frame);
        } else if (state == State.LINKING) {
            readLinking(frame);
        } else {
            hold(frame);
        }
    }

    /** Once the device is known, it is its connection that answers what came too early. */
    private void hold(ByteBuf frame) {
        held.add(frame);
        if (held.breach() != null && state != State.ENTERING) {
            fail(held.breach());
        }
    }

    private void readFirst(ByteBuf frame) {
        try {
            int body = FrameChecker.CLIENT.check(frame);
            long requestId = FrameReader.requestId(frame);
            switch (body) {
                case ClientFrame.AUTHENTICATE_FIELD_NUMBER ->
                    authenticate(requestId, FrameReader.clientFrame(frame).getAuthenticate());
                case ClientFrame.REGISTER_FIELD_NUMBER ->
                    register(requestId, FrameReader.clientFrame(frame).getRegister());
                case ClientFrame.OPEN_LINK_OFFER_FIELD_NUMBER ->
                    link(requestId, FrameReader.clientFrame(frame).getOpenLinkOffer());
                case 0 -> fail(requestId, ErrorCode.UNKNOWN_FRAME, "this relay does not know the frame", 0);
                default -> fail(requestId, ErrorCode.WRONG_STATE, "log in first", 0);
            }
        } catch (ProtocolException breach) {
            fail(breach);
        } finally {
            frame.release();
        }
    }

    private void authenticate(long requestId, Authenticate request) {
        if (isWelcome(requestId, request.getVersion())) {
            state = State.CHECKING;
            admission.authenticate(request, new Answer(requestId));
        }
    }

    private void register(long requestId, Register request) {
        if (isWelcome(requestId, request.getVersion())) {
            state = State.CHECKING;
            admission.register(request, new Answer(requestId));
        }
    }

    private boolean isSpoken(long requestId, int version) {
        if (version != VERSION) {
            fail(requestId, ErrorCode.VERSION_UNSUPPORTED, "this relay speaks version " + VERSION, 0);
        }
        return version == VERSION;
    }

    private boolean isWelcome(long requestId, int version) {
        if (!isSpoken(requestId, version)) {
            return false;
        }
        if (reception.failedLogins().isBlocked(context.channel().remoteAddress())) {
            meters().rateLimited("failed_logins");
            fail(requestId, ErrorCode.RATE_LIMITED, "too many failed logins from this address", BLOCKED_MILLIS);
            return false;
        }
        return true;
    }

    /** What becomes of the first frame. */
    private final class Answer implements Admission.Verdict {
        private final long requestId;

        Answer(long requestId) {
            this.requestId = requestId;
        }

        @Override
        public void admitted(Admission.Claim device) {
            enter(requestId, device);
        }

        @Override
        public void registered(Admission.Claim device) {
            writer.write(ServerFrame.newBuilder()
                    .setRequestId(requestId)
                    .setRegistered(Registered.newBuilder()
                            .setAccount(device.account().toByteString())
                            .setDevice(device.device())));
            enter(requestId, device);
        }

        @Override
        public void refused(ErrorCode code, String message, int retryAfterMillis) {
            fail(requestId, code, message, retryAfterMillis);
        }
    }

    // Linking

    private void link(long requestId, OpenLinkOffer request) {
        if (!isSpoken(requestId, request.getVersion())) {
            return;
        }
        linking = new LinkingDevice(reception, writer, watch);
        LinkRefusal refusal = linking.open(requestId, request);
        if (refusal == null) {
            state = State.LINKING;
        } else {
            fail(requestId, refusal.code(), refusal.message(), refusal.retryAfterMillis());
        }
    }

    private void readLinking(ByteBuf frame) {
        try {
            linking.read(frame);
        } catch (ProtocolException breach) {
            fail(breach);
        } finally {
            frame.release();
        }
    }

    // Ending, one way or the other

    private void enter(long requestId, Admission.Claim device) {
        if (!context.channel().isActive() || writer.isEnding()) {
            return;
        }
        state = State.ENTERING;
        watch.remove(this);
        reception.ways().mover().move(context.channel(), device.rooms().home(), () -> {
            if (context.isRemoved()) {
                return;
            }
            meters().loggedIn(reception.ways().nanoTime().read() - startNanos);
            Connection connection = new Connection(reception, writer, decoder, device);
            context.pipeline().replace(this, "connection", connection);
            connection.open(requestId, held);
        });
    }

    private void fail(ProtocolException breach) {
        fail(0, breach.code(), breach.getMessage(), 0);
    }

    private void fail(long requestId, ErrorCode code, String message, int retryAfterMillis) {
        if (writer.isEnding()) {
            return;
        }
        if (code == ErrorCode.LOGIN_FAILED) {
            reception.failedLogins().add(context.channel().remoteAddress());
        }
        meters().loginFailed(code);
        held.release();
        writer.end(requestId, code, message, retryAfterMillis, watch.now());
        if (state == State.LINKING) {
            linking.left();
        }
    }

    @Override
    public void look(int tick) {
        writer.look(tick);
        if (state == State.LINKING) {
            linking.look();
        } else if (!writer.isEnding()
                && tick - startTick > reception.terms().connection().timeouts().loginSeconds()) {
            if (state == State.OPENING) {
                context.close();
            } else {
                fail(0, ErrorCode.LOGIN_TIMEOUT, "no login in time", 0);
            }
        }
    }

    @Override
    public void goAway() {
        if (state == State.OPENING) {
            context.close();
        } else {
            writer.endGoingAway(watch.now());
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext caught, Throwable cause) {
        if (cause instanceof ProtocolException breach && state == State.ENTERING) {
            held.add(breach);
        } else if (cause instanceof ProtocolException breach) {
            fail(breach);
        } else if (cause instanceof IOException || cause instanceof DecoderException) {
            caught.close();
        } else {
            reception.ways().failure().accept(cause);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) {
        if (!writer.isEnding() && (state == State.CHALLENGED || state == State.CHECKING)) {
            meters().abandoned();
        }
        inactive.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        if (state == State.LINKING) {
            linking.left();
        }
        if (state != State.ENTERING) {
            watch.remove(this);
        }
    }

    private void onLoop(Runnable action) {
        context.executor().execute(() -> {
            try {
                action.run();
            } catch (RuntimeException | Error bug) {
                exceptionCaught(context, bug);
            }
        });
    }

    private NetMeters meters() {
        return reception.terms().meters();
    }
}
