package dev.quintet.relay.net;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.FrameChecker;
import dev.quintet.protocol.FrameDecoder;
import dev.quintet.protocol.FrameReader;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.Statement;
import dev.quintet.protocol.wire.Authenticate;
import dev.quintet.protocol.wire.Challenge;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.Register;
import dev.quintet.protocol.wire.Registered;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.account.Account;
import dev.quintet.relay.link.ListAnswer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.util.HexFormat;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGenerator;

/**
 * A socket until its device is known.
 *
 * <pre>
 *   OPENING ──TLS done, challenge sent──▶ CHALLENGED ──first frame──▶ CHECKING ──signature good──▶ ENTERING ──▶ Connection
 * </pre>
 *
 * <p>Signatures are verified on the crypto threads. Meanwhile a few frames that came early are held; they are the
 * connection's first.
 *
 * <p><b>Thread:</b> the loop that accepted the socket. <b>Limits:</b> {@link ConnectionLimits}: time, frame size, held
 * frames, failed logins of an address. <b>Failure:</b> one error frame and the end; without a word if the peer does not
 * speak TLS.
 */
public final class Handshake extends ChannelInboundHandlerAdapter implements Watched {
    private static final int VERSION = 1;

    /** Stands in for the key of a device that is not there, so that its login takes as long as any other. */
    private static final Ed25519Key NOBODY =
            Ed25519Key.of(HexFormat.of().parseHex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));

    private enum State {
        OPENING,
        CHALLENGED,
        CHECKING,
        ENTERING
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
    private byte[] challenge;
    private AccountId newAccount;

    /** A socket that was just accepted; {@code decoder} stands before this handler. */
    public Handshake(Reception reception, FrameDecoder decoder) {
        this.reception = reception;
        this.decoder = decoder;
        held = new HeldFrames(reception.terms().connection());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        writer = new FrameWriter(added.channel());
        watch = reception.ways().watches().apply(added.channel());
        startTick = watch.now();
        startNanos = reception.ways().nanoTime().read();
        countUntilClosed(added.channel(), held, meters());
        watch.add(this);
        if (added.channel().isActive() && isPlain()) {
            sendChallenge();
        }
    }

    /** A channel that is closed between two loops tells nobody but its future. */
    private static void countUntilClosed(Channel channel, HeldFrames held, NetMeters meters) {
        meters.socketOpened();
        channel.closeFuture().addListener(closed -> {
            held.release();
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
        challenge = new byte[Statement.CHALLENGE_BYTES];
        random.nextBytes(challenge);
        newAccount = new AccountId(random.nextLong(), random.nextLong());
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
                case 0 -> fail(requestId, ErrorCode.UNKNOWN_FRAME, "this relay does not know the frame", 0);
                default -> fail(requestId, ErrorCode.WRONG_STATE, "log in first", 0);
            }
        } catch (ProtocolException breach) {
            fail(breach);
        } finally {
            frame.release();
        }
    }

    // Authenticating

    private void authenticate(long requestId, Authenticate request) {
        if (!isWelcome(requestId, request.getVersion())) {
            return;
        }
        AccountId account = AccountId.of(request.getAccount());
        int device = request.getDevice();
        byte[] statement = Statement.authenticate(challenge, account, device, certificate());
        byte[] signature = request.getSignature().toByteArray();
        HomeRooms rooms = reception.homeOf(account);
        state = State.CHECKING;
        rooms.home().run(() -> {
            boolean isFound = rooms.deviceLists().find(account, found -> {
                Ed25519Key key = keyOf(found, device);
                boolean isMember = found != null && found.list().device(device) != null;
                verify(requestId, key, statement, signature, isGood -> {
                    if (!isGood || key == NOBODY) {
                        fail(requestId, ErrorCode.LOGIN_FAILED, "unknown account or device, or a wrong signature", 0);
                    } else if (!isMember) {
                        fail(requestId, ErrorCode.DEVICE_REMOVED, "this device was removed from its account", 0);
                    } else {
                        enter(requestId, rooms, account, device);
                    }
                });
            });
            if (!isFound) {
                onLoop(() -> overloaded(requestId));
            }
        });
    }

    private static Ed25519Key keyOf(Account account, int device) {
        Ed25519Key key = account == null ? null : account.identityKey(device);
        return key == null ? NOBODY : key;
    }

    private boolean isWelcome(long requestId, int version) {
        if (version != VERSION) {
            fail(requestId, ErrorCode.VERSION_UNSUPPORTED, "this relay speaks version " + VERSION, 0);
            return false;
        }
        if (reception.failedLogins().isBlocked(context.channel().remoteAddress())) {
            meters().rateLimited("failed_logins");
            fail(requestId, ErrorCode.RATE_LIMITED, "too many failed logins from this address", 60_000);
            return false;
        }
        return true;
    }

    /** Takes the result of a check, on this handshake's loop. */
    private interface Verdict {
        void is(boolean isGood);
    }

    private void verify(long requestId, Ed25519Key key, byte[] statement, byte[] signature, Verdict verdict) {
        onCrypto(requestId, () -> {
            boolean isGood = key.verify(statement, signature);
            onLoop(() -> verdict.is(isGood));
        });
    }

    private void onCrypto(long requestId, Runnable check) {
        try {
            reception.ways().crypto().execute(check);
        } catch (RejectedExecutionException full) {
            onLoop(() -> overloaded(requestId));
        }
    }

    // Registering

    private void register(long requestId, Register request) {
        if (!isWelcome(requestId, request.getVersion())) {
            return;
        }
        byte[] statement = Statement.register(challenge, newAccount, 1, certificate());
        state = State.CHECKING;
        onCrypto(requestId, () -> {
            try {
                DeviceList list = DeviceList.parse(request.getDeviceList());
                boolean isGood = list.account().equals(newAccount)
                        && list.isSignedBy(list.accountKey())
                        && list.primary()
                                .identityKey()
                                .verify(statement, request.getSignature().toByteArray());
                onLoop(() -> register(requestId, list, isGood));
            } catch (ProtocolException broken) {
                onLoop(() -> fail(requestId, broken.code(), broken.getMessage(), 0));
            }
        });
    }

    private void register(long requestId, DeviceList list, boolean isGood) {
        if (!isGood) {
            String message = "not this connection's new account, or a signature that does not verify";
            fail(requestId, ErrorCode.LOGIN_FAILED, message, 0);
            return;
        }
        HomeRooms rooms = reception.homeOf(list.account());
        rooms.home()
                .run(() -> rooms.deviceLists()
                        .register(
                                list,
                                answer -> onLoop(() -> {
                                    if (answer.isStored()) {
                                        registered(requestId, rooms, list);
                                    } else {
                                        refused(requestId, answer);
                                    }
                                })));
    }

    private void registered(long requestId, HomeRooms rooms, DeviceList list) {
        int device = list.primary().number();
        writer.write(ServerFrame.newBuilder()
                .setRequestId(requestId)
                .setRegistered(Registered.newBuilder()
                        .setAccount(list.account().toByteString())
                        .setDevice(device)));
        enter(requestId, rooms, list.account(), device);
    }

    private void refused(long requestId, ListAnswer answer) {
        fail(requestId, answer.code(), answer.message(), answer.retryAfterMillis());
    }

    // Ending, one way or the other

    private void enter(long requestId, HomeRooms rooms, AccountId account, int device) {
        if (!context.channel().isActive() || writer.isEnding()) {
            return;
        }
        state = State.ENTERING;
        watch.remove(this);
        reception.ways().mover().move(context.channel(), rooms.home(), () -> {
            if (context.isRemoved()) {
                return;
            }
            meters().loggedIn(reception.ways().nanoTime().read() - startNanos);
            Connection connection = new Connection(reception, rooms, writer, decoder, account, device);
            context.pipeline().replace(this, "connection", connection);
            connection.open(requestId, held);
        });
    }

    private void overloaded(long requestId) {
        fail(requestId, ErrorCode.OVERLOADED, "the relay is busy", 1_000);
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
    }

    @Override
    public void look(int tick) {
        writer.look(tick);
        if (!writer.isEnding()
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

    private CertificateHash certificate() {
        return reception.terms().certificate();
    }

    private NetMeters meters() {
        return reception.terms().meters();
    }
}
