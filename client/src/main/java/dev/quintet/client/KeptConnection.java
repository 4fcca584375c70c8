package dev.quintet.client;

import com.google.protobuf.ByteString;
import dev.quintet.client.Disconnection.Kind;
import dev.quintet.protocol.CertificateHash;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.Statement;
import dev.quintet.protocol.wire.Authenticate;
import dev.quintet.protocol.wire.Challenge;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.Submit;
import dev.quintet.protocol.wire.SubmitAnswer;
import dev.quintet.protocol.wire.Welcome;
import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * A device's connection to its relay, made again whenever it is lost, and the requests and submissions that wait for
 * answers across all of them.
 *
 * <p>Away until {@link #connect}; then wanted, with one {@link RelayConnection} after the other, until {@link #disconnect};
 * ended by {@link #close} or by a reason that is final.
 *
 * <p><b>Thread:</b> what answers a future, {@link #close} and {@link #writeNow} from any; all else, and the listener, on the
 * device's event loop.
 * <b>Limits:</b> {@link DeviceOptions#mostWaiting} requests, and as many submissions beyond the relay's limit.
 */
final class KeptConnection implements ConnectionOwner {
    private static final long GOOD_CONNECTION_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ClientTransport transport;
    private final EventLoop loop;
    private final Ends ends;
    private final DeviceOptions options;
    private final Listener listener;
    private final Backoff backoff;
    private final SubmissionWindow submissions;
    private final WaitingRequests requests;

    private State state = State.AWAY;
    private RelayConnection connection;
    private boolean isLoggedIn;
    private long loggedInNanos;
    private Disconnection end;
    private CompletableFuture<Welcome> login = new CompletableFuture<>();
    private CompletableFuture<Void> departure = CompletableFuture.completedFuture(null);
    private long lastRequestId;

    private enum State {
        AWAY,
        WANTED,
        ENDED
    }

    /** Who is connected with whom. */
    record Ends(RelayAddress relay, DeviceKeys keys) {}

    /** Who is told of what comes, on the event loop. */
    interface Listener {
        /** The relay has let the device in; nothing was sent yet. */
        void loggedIn(Welcome welcome);

        /** A frame that answers neither request nor submission. */
        void arrived(ServerFrame frame);

        /** There never was a connection, or it is gone. */
        void disconnected(Disconnection disconnection);
    }

    KeptConnection(ClientTransport transport, EventLoop loop, Ends ends, DeviceOptions options, Listener listener) {
        this.transport = transport;
        this.loop = loop;
        this.ends = ends;
        this.options = options;
        this.listener = listener;
        requests = new WaitingRequests(options.mostWaiting());
        backoff =
                new Backoff(options.smallestPauseMillis(), options.largestPauseMillis(), RandomGenerator.getDefault());
        submissions = new SubmissionWindow(options.mostWaiting());
    }

    // Coming and going

    /** See {@link Device#connect}. */
    CompletableFuture<Welcome> connect() {
        CompletableFuture<Welcome> result = new CompletableFuture<>();
        loop.execute(() -> {
            if (state == State.AWAY) {
                state = State.WANTED;
                if (connection == null) {
                    open();
                }
            }
            login.whenComplete((welcome, failure) -> complete(result, welcome, failure));
        });
        return result;
    }

    private static <T> void complete(CompletableFuture<T> future, T value, Throwable failure) {
        if (failure == null) {
            future.complete(value);
        } else {
            future.completeExceptionally(failure);
        }
    }

    /** See {@link Device#disconnect}. */
    CompletableFuture<Void> disconnect() {
        CompletableFuture<Void> result = new CompletableFuture<>();
        loop.execute(() -> {
            if (state == State.WANTED) {
                state = State.AWAY;
                if (connection != null) {
                    connection.close(Disconnection.of(Kind.REQUESTED, "disconnected"));
                }
            }
            departure.thenAccept(result::complete);
        });
        return result;
    }

    /** Ends it, and fails what is unanswered. */
    void close() {
        loop.execute(() -> end(Disconnection.of(Kind.REQUESTED, "the device was closed")));
    }

    private void open() {
        connection = new RelayConnection(this, ends.relay(), this::authenticate, options);
        departure = new CompletableFuture<>();
        transport.connect(loop, ends.relay(), options, connection);
    }

    private ClientFrame authenticate(Challenge challenge, CertificateHash certificate) {
        DeviceKeys keys = ends.keys();
        byte[] statement = Statement.authenticate(
                challenge.getChallenge().toByteArray(), keys.account(), keys.device(), certificate);
        submissions.limit(challenge.getLimits().getUnansweredSubmissions());
        return ClientFrame.newBuilder()
                .setAuthenticate(Authenticate.newBuilder()
                        .setVersion(Login.VERSION)
                        .setAccount(keys.account().toByteString())
                        .setDevice(keys.device())
                        .setSignature(ByteString.copyFrom(keys.identity().sign(statement))))
                .build();
    }

    @Override
    public void loggedIn(RelayConnection from, Challenge challenge, Welcome welcome) {
        isLoggedIn = true;
        loggedInNanos = System.nanoTime();
        login.complete(welcome);
        listener.loggedIn(welcome);
        requests.frames().forEach(connection::write);
        sendSubmissions();
    }

    boolean isLoggedIn() {
        return isLoggedIn;
    }

    @Override
    public void disconnected(RelayConnection from, Disconnection disconnection) {
        if (isLoggedIn) {
            login = new CompletableFuture<>();
            if (System.nanoTime() - loggedInNanos > GOOD_CONNECTION_NANOS) {
                backoff.reset();
            }
        }
        isLoggedIn = false;
        connection = null;
        DisconnectedException late = new DisconnectedException(disconnection);
        submissions.disconnect().forEach(answer -> answer.completeExceptionally(late));
        departure.complete(null);
        listener.disconnected(disconnection);
        if (disconnection.isFinal()) {
            end(disconnection);
        } else if (state == State.WANTED) {
            loop.schedule(this::reopen, pauseMillis(disconnection), TimeUnit.MILLISECONDS);
        }
    }

    private long pauseMillis(Disconnection disconnection) {
        long pauseMillis = backoff.nextMillis();
        long askedForMillis = disconnection.reconnectAfterMillis();
        return disconnection.kind() == Kind.REQUESTED
                ? 0
                : askedForMillis > 0 ? backoff.askedForMillis(askedForMillis) : pauseMillis;
    }

    private void reopen() {
        if (state == State.WANTED && connection == null) {
            open();
        }
    }

    private void end(Disconnection why) {
        if (end != null) {
            return;
        }
        end = why;
        state = State.ENDED;
        if (connection != null) {
            connection.close(why);
        }
        DisconnectedException failure = new DisconnectedException(why);
        login.completeExceptionally(failure);
        submissions.clear().forEach(answer -> answer.completeExceptionally(failure));
        requests.end(failure);
    }

    // Asking

    /** See {@link Device#submit}. */
    CompletableFuture<SubmitAnswer> submit(Submit submit) {
        CompletableFuture<SubmitAnswer> answer = new CompletableFuture<>();
        loop.execute(() -> {
            ClientFrame frame = numbered(ClientFrame.newBuilder().setSubmit(submit));
            if (end != null) {
                answer.completeExceptionally(new DisconnectedException(end));
            } else if (!isLoggedIn && SubmissionWindow.isEphemeral(submit)) {
                answer.completeExceptionally(new DisconnectedException(Disconnection.of(Kind.CUT, "not connected")));
            } else if (submissions.add(frame, answer)) {
                sendSubmissions();
            } else {
                answer.completeExceptionally(tooMany());
            }
        });
        return answer;
    }

    /** Sends it, again after each login until it is answered. */
    CompletableFuture<ServerFrame> request(ClientFrame.Builder body) {
        CompletableFuture<ServerFrame> answer = new CompletableFuture<>();
        loop.execute(() -> {
            ClientFrame frame = numbered(body);
            if (end != null) {
                answer.completeExceptionally(new DisconnectedException(end));
            } else if (!requests.add(frame, answer)) {
                answer.completeExceptionally(tooMany());
            } else if (isLoggedIn) {
                connection.write(frame);
            }
        });
        return answer;
    }

    private ClientFrame numbered(ClientFrame.Builder body) {
        return body.setRequestId(++lastRequestId).build();
    }

    private RejectedExecutionException tooMany() {
        return new RejectedExecutionException(options.mostWaiting() + " requests wait already");
    }

    /** Writes a frame that is worth nothing on another connection, if there is one. */
    void writeNow(ClientFrame.Builder frame) {
        loop.execute(() -> {
            if (isLoggedIn) {
                connection.write(frame.build());
            }
        });
    }

    /** Writes a frame that is not sent again by itself; answers its request id. Only while logged in. */
    long write(ClientFrame.Builder body) {
        connection.write(numbered(body));
        return lastRequestId;
    }

    /** See {@link Device#unanswered}. */
    CompletableFuture<Integer> unanswered() {
        return CompletableFuture.supplyAsync(submissions::size, loop);
    }

    /** See {@link Device#repeated}. */
    CompletableFuture<Long> repeated() {
        return CompletableFuture.supplyAsync(submissions::repeated, loop);
    }

    // Answers

    @Override
    public void arrived(RelayConnection from, ServerFrame frame) {
        switch (frame.getBodyCase()) {
            case SUBMIT_ANSWER -> submitAnswered(frame);
            case DEVICE_LIST, DEVICE_LIST_STORED, KEY_COUNT, KEY_BUNDLES, LINK_OFFER_CLAIMED, HANDLE_STORED ->
                requests.answered(frame);
            case CALL_CLAIMED -> callClaimed(frame);
            case ERROR -> refused(frame);
            default -> listener.arrived(frame);
        }
    }

    private void submitAnswered(ServerFrame frame) {
        CompletableFuture<SubmitAnswer> answer = submissions.answered(frame.getRequestId());
        if (answer == null) {
            throw new ProtocolException(ErrorCode.MALFORMED, "an answer to no submission");
        }
        answer.complete(frame.getSubmitAnswer());
        sendSubmissions();
    }

    /** An answer to this device's claim, or news of another one's. */
    private void callClaimed(ServerFrame frame) {
        if (requests.has(frame.getRequestId())) {
            requests.answered(frame);
        } else {
            listener.arrived(frame);
        }
    }

    private void refused(ServerFrame frame) {
        CompletableFuture<SubmitAnswer> submission = submissions.answered(frame.getRequestId());
        if (submission != null) {
            submission.completeExceptionally(new RelayErrorException(frame.getError()));
            sendSubmissions();
        } else if (!requests.refused(frame.getRequestId(), frame.getError())) {
            listener.arrived(frame);
        }
    }

    @Override
    public void writable(RelayConnection from) {
        sendSubmissions();
    }

    private void sendSubmissions() {
        while (isLoggedIn && connection.isWritable()) {
            ClientFrame next = submissions.next();
            if (next == null) {
                return;
            }
            connection.write(next);
        }
    }
}
