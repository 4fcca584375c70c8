package dev.quintet.client;

import dev.quintet.client.Disconnection.Kind;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.FrameChecker;
import dev.quintet.protocol.FrameEncoder;
import dev.quintet.protocol.FrameReader;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.wire.Challenge;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.Ping;
import dev.quintet.protocol.wire.Pong;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.Welcome;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * One connection to a relay: the login, pings both ways, and frames for its owner.
 *
 * <p>Life: connect, TLS, challenge, login, welcome, frames, end. However it ends, the owner hears of it exactly once.
 *
 * <p><b>Thread:</b> its channel's event loop.
 * <b>Memory:</b> each frame's buffer is copied into a message and released.
 * <b>Limits:</b> the login as a whole has a deadline; a relay that is silent for three ping intervals is left.
 * <b>Failure:</b> whatever is no frame, or not allowed at its place, ends the connection as {@code NOT_UNDERSTOOD}.
 */
final class RelayConnection extends ChannelInboundHandlerAdapter {
    private static final int SILENT_INTERVALS = 3;
    private static final long LINKING_PING_MILLIS = 10_000;

    private final ConnectionOwner owner;
    private final RelayAddress relay;
    private final Login login;
    private final DeviceOptions options;
    private volatile ChannelHandlerContext context;
    private Challenge challenge;
    private Phase phase = Phase.CONNECTING;
    private Disconnection reason;
    private Future<?> timer;
    private long lastReadNanos;
    private Disconnection goingAway;
    private boolean isFlushScheduled;

    private enum Phase {
        CONNECTING,
        AWAITING_CHALLENGE,
        AWAITING_WELCOME,
        LOGGED_IN,
        ENDED
    }

    RelayConnection(ConnectionOwner owner, RelayAddress relay, Login login, DeviceOptions options) {
        this.owner = owner;
        this.relay = relay;
        this.login = login;
        this.options = options;
    }

    /** Whether frames may be written now: logged in, room in the socket's buffer, and the relay is to stay. */
    boolean isWritable() {
        return phase == Phase.LOGGED_IN
                && goingAway == null
                && context.channel().isWritable();
    }

    /** Writes a frame; it leaves at the end of this turn of the event loop. */
    void write(ClientFrame frame) {
        context.write(FrameEncoder.encode(context.alloc()::ioBuffer, frame), context.voidPromise());
        if (!isFlushScheduled) {
            isFlushScheduled = true;
            context.executor().execute(this::flush);
        }
    }

    private void flush() {
        isFlushScheduled = false;
        context.flush();
    }

    /** Ends the connection after what was written; the owner will hear this reason. */
    void close(Disconnection why) {
        if (context == null) {
            end(why);
        } else {
            reason = reason == null ? why : reason;
            context.flush();
            context.close();
        }
    }

    /** Runs something on the connection's event loop, if there was a connection. */
    void run(Runnable action) {
        if (context != null) {
            context.executor().execute(action);
        }
    }

    /** As {@link #close}, from any thread, because the app asked for it. */
    void closeSoon() {
        if (context != null) {
            context.executor().execute(() -> close(Disconnection.of(Kind.REQUESTED, "given up")));
        }
    }

    /** There was no connection. */
    void failed(Throwable cause) {
        end(
                reason != null
                        ? reason
                        : Disconnection.of(Kind.UNREACHABLE, "cannot reach " + relay + ": " + firstLine(cause)));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        if (phase == Phase.ENDED) {
            active.close();
            return;
        }
        phase = Phase.AWAITING_CHALLENGE;
        timer = active.executor().schedule(this::loginTookTooLong, options.loginTimeoutMillis(), TimeUnit.MILLISECONDS);
        active.fireChannelActive();
    }

    private void loginTookTooLong() {
        close(Disconnection.of(Kind.SILENT, relay + " accepts connections but does not finish the login"));
    }

    @Override
    public void channelRead(ChannelHandlerContext reading, Object message) {
        ByteBuf buffer = (ByteBuf) message;
        ServerFrame frame;
        try {
            FrameChecker.SERVER.check(buffer);
            frame = FrameReader.serverFrame(buffer);
        } finally {
            buffer.release();
        }
        lastReadNanos = System.nanoTime();
        if (phase != Phase.ENDED && reason == null) {
            handle(frame);
        }
    }

    private void handle(ServerFrame frame) {
        switch (frame.getBodyCase()) {
            case PING -> answerPing(frame.getPing());
            case PONG -> {}
            case GOING_AWAY -> goAway(frame);
            case CHALLENGE -> answerChallenge(frame.getChallenge());
            case REGISTERED -> require(Phase.AWAITING_WELCOME, "registered");
            case WELCOME -> welcome(frame.getWelcome());
            case LINK_OFFER -> linkOffer(frame);
            case ERROR -> handleError(frame);
            default -> {
                require(Phase.LOGGED_IN, "a frame");
                owner.arrived(this, frame);
            }
        }
    }

    private void answerPing(Ping ping) {
        write(ClientFrame.newBuilder()
                .setPong(Pong.newBuilder().setToken(ping.getToken()))
                .build());
    }

    private void goAway(ServerFrame frame) {
        int pauseMillis = Math.max(0, frame.getGoingAway().getReconnectAfterMillis());
        goingAway = new Disconnection(
                Kind.GOING_AWAY, ErrorCode.ERROR_CODE_UNSPECIFIED, relay + " is going away", pauseMillis);
    }

    private void answerChallenge(Challenge received) {
        require(Phase.AWAITING_CHALLENGE, "a challenge");
        if (Login.VERSION < received.getMinVersion() || Login.VERSION > received.getMaxVersion()) {
            close(Disconnection.of(
                    Kind.VERSION_UNSUPPORTED,
                    "the relay speaks versions " + received.getMinVersion() + " to " + received.getMaxVersion()
                            + ", this client " + Login.VERSION));
            return;
        }
        challenge = received;
        phase = Phase.AWAITING_WELCOME;
        write(login.answer(received, certificate()));
    }

    private CertificateHash certificate() {
        if (!relay.trust().isBound()) {
            return CertificateHash.UNBOUND;
        }
        SslHandler tls = context.pipeline().get(SslHandler.class);
        try {
            return CertificateHash.of(tls.engine().getSession().getPeerCertificates()[0]);
        } catch (SSLPeerUnverifiedException exception) {
            throw new IllegalStateException("a finished handshake has a certificate", exception);
        }
    }

    private void welcome(Welcome welcome) {
        require(Phase.AWAITING_WELCOME, "a welcome");
        phase = Phase.LOGGED_IN;
        startKeepingAlive(Math.max(2, Integer.toUnsignedLong(welcome.getPingIntervalMillis())));
        owner.loggedIn(this, challenge, welcome);
    }

    /** The answer to a link offer takes the place of a welcome. */
    private void linkOffer(ServerFrame frame) {
        if (phase == Phase.AWAITING_WELCOME) {
            phase = Phase.LOGGED_IN;
            startKeepingAlive(LINKING_PING_MILLIS);
        }
        require(Phase.LOGGED_IN, "a link offer");
        owner.arrived(this, frame);
    }

    private void startKeepingAlive(long intervalMillis) {
        timer.cancel(false);
        timer = context.executor()
                .scheduleWithFixedDelay(
                        () -> keepAlive(intervalMillis), intervalMillis / 2, intervalMillis / 2, TimeUnit.MILLISECONDS);
    }

    private void keepAlive(long intervalMillis) {
        long silentMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastReadNanos);
        if (silentMillis > SILENT_INTERVALS * intervalMillis) {
            close(Disconnection.of(Kind.SILENT, "nothing came from " + relay + " for " + silentMillis + " ms"));
        } else if (silentMillis > intervalMillis) {
            write(ClientFrame.newBuilder().setPing(Ping.getDefaultInstance()).build());
        }
    }

    private void handleError(ServerFrame frame) {
        Error error = frame.getError();
        if (error.getClosing() || phase != Phase.LOGGED_IN) {
            close(Disconnection.refused(error));
        } else {
            owner.arrived(this, frame);
        }
    }

    private void require(Phase expected, String what) {
        if (phase != expected) {
            throw new ProtocolException(ErrorCode.MALFORMED, "the relay sent " + what + " at the wrong time");
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext changed) {
        if (isWritable()) {
            owner.writable(this);
        }
        changed.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext triggered, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && !handshake.isSuccess()) {
            close(Disconnection.beforeLogin(relay, handshake.cause()));
        }
        triggered.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext caught, Throwable cause) {
        if (cause instanceof ProtocolException breach) {
            close(Disconnection.of(
                    Kind.NOT_UNDERSTOOD, relay + " does not keep to the protocol: " + breach.getMessage()));
        } else if (goingAway != null) {
            close(goingAway);
        } else if (phase == Phase.LOGGED_IN) {
            close(Disconnection.of(Kind.CUT, "the connection to " + relay + " broke: " + firstLine(cause)));
        } else {
            close(Disconnection.beforeLogin(relay, cause));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) {
        String when = phase == Phase.LOGGED_IN ? "" : " before the login was done";
        Disconnection cut = Disconnection.of(Kind.CUT, relay + " closed the connection" + when);
        end(reason != null ? reason : goingAway != null ? goingAway : cut);
        inactive.fireChannelInactive();
    }

    private void end(Disconnection why) {
        if (phase != Phase.ENDED) {
            phase = Phase.ENDED;
            if (timer != null) {
                timer.cancel(false);
            }
            owner.disconnected(this, why);
        }
    }

    private static String firstLine(Throwable cause) {
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return message.lines().findFirst().orElse("");
    }
}
