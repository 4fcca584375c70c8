package dev.quintet.client;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.wire.Accepted;
import dev.quintet.protocol.wire.Acknowledged;
import dev.quintet.protocol.wire.Challenge;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.Deliver;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.Limits;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.SubmitAnswer;
import dev.quintet.protocol.wire.Welcome;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;

/** A relay that says what a test tells it to, on a free port of the loopback interface; blocking, without our codec. */
final class FakeRelay implements AutoCloseable {
    static final int PING_INTERVAL_MILLIS = 30_000;
    static final ByteString NEW_ACCOUNT = new AccountId(1, 9).toByteString();

    private static final int PATIENCE_MILLIS = 5_000;

    private final ServerSocket server;
    private final List<Peer> peers = new ArrayList<>();

    /** Speaks plain TCP. */
    FakeRelay() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        server.setSoTimeout(PATIENCE_MILLIS);
    }

    /** Speaks TLS. */
    FakeRelay(SSLContext tls) throws IOException {
        server = tls.getServerSocketFactory().createServerSocket(0, 10, InetAddress.getLoopbackAddress());
        server.setSoTimeout(PATIENCE_MILLIS);
    }

    RelayAddress address(RelayTrust trust) {
        return new RelayAddress("127.0.0.1", server.getLocalPort(), trust);
    }

    RelayAddress address() {
        return address(RelayTrust.plain());
    }

    /** The next connection. */
    Peer accept() throws IOException {
        Peer peer = new Peer(server.accept());
        peers.add(peer);
        return peer;
    }

    /** The next connection, logged in. */
    Peer acceptAndLogIn() throws IOException {
        Peer peer = accept();
        peer.send(challenge());
        peer.receive();
        peer.send(welcome(PING_INTERVAL_MILLIS));
        return peer;
    }

    /** Whether nobody connects for so long. */
    boolean isLeftAlone(int millis) throws IOException {
        server.setSoTimeout(millis);
        try {
            server.accept().close();
            return false;
        } catch (SocketTimeoutException expected) {
            return true;
        } finally {
            server.setSoTimeout(PATIENCE_MILLIS);
        }
    }

    @Override
    public void close() throws IOException {
        for (Peer peer : peers) {
            peer.cut();
        }
        server.close();
    }

    static ServerFrame.Builder challenge() {
        return challenge(1, 1, 64);
    }

    static ServerFrame.Builder challenge(int minVersion, int maxVersion, int unansweredSubmissions) {
        return ServerFrame.newBuilder()
                .setChallenge(Challenge.newBuilder()
                        .setChallenge(ByteString.copyFrom(new byte[32]))
                        .setMinVersion(minVersion)
                        .setMaxVersion(maxVersion)
                        .setNewAccount(NEW_ACCOUNT)
                        .setLimits(Limits.newBuilder().setUnansweredSubmissions(unansweredSubmissions)));
    }

    static ServerFrame.Builder welcome(int pingIntervalMillis) {
        return ServerFrame.newBuilder()
                .setWelcome(Welcome.newBuilder()
                        .setAccount(NEW_ACCOUNT)
                        .setDevice(1)
                        .setPingIntervalMillis(pingIntervalMillis));
    }

    static ServerFrame.Builder deliver(long sequence, long previous) {
        return ServerFrame.newBuilder()
                .setDeliver(Deliver.newBuilder()
                        .setSequence(sequence)
                        .setPrevious(previous)
                        .setFromAccount(NEW_ACCOUNT)
                        .setFromDevice(2)
                        .setEnvelopeId(ByteString.copyFrom(new byte[16]))
                        .setCiphertext(ByteString.copyFromUtf8("x")));
    }

    static ServerFrame.Builder acknowledged(long sequence) {
        return ServerFrame.newBuilder()
                .setAcknowledged(Acknowledged.newBuilder().setSequence(sequence));
    }

    static ServerFrame.Builder accepted(ClientFrame submit) {
        RecipientAnswer.Builder answer = RecipientAnswer.newBuilder()
                .setAccount(submit.getSubmit().getRecipients(0).getAccount())
                .setAccepted(Accepted.newBuilder().setAcceptedAtMillis(1));
        return answer(submit, answer);
    }

    static ServerFrame.Builder answer(ClientFrame submit, RecipientAnswer.Builder answer) {
        return ServerFrame.newBuilder()
                .setRequestId(submit.getRequestId())
                .setSubmitAnswer(SubmitAnswer.newBuilder().addAnswers(answer));
    }

    static ServerFrame.Builder error(ErrorCode code, boolean closing) {
        return ServerFrame.newBuilder()
                .setError(Error.newBuilder().setCode(code).setClosing(closing));
    }

    /** One connection, from the relay's side. */
    static final class Peer {
        private final Socket socket;
        private final InputStream input;

        Peer(Socket socket) throws IOException {
            this.socket = socket;
            socket.setSoTimeout(PATIENCE_MILLIS);
            input = new BufferedInputStream(socket.getInputStream());
        }

        void send(ServerFrame.Builder frame) throws IOException {
            frame.build().writeDelimitedTo(socket.getOutputStream());
        }

        void sendBytes(byte... bytes) throws IOException {
            socket.getOutputStream().write(bytes);
        }

        /** The next frame; null at the end of the stream. */
        ClientFrame receive() throws IOException {
            return ClientFrame.parseDelimitedFrom(input);
        }

        /** Whether nothing comes for so long. */
        boolean isQuiet(int millis) throws IOException {
            socket.setSoTimeout(millis);
            input.mark(1);
            try {
                int first = input.read();
                input.reset();
                return first < 0;
            } catch (SocketTimeoutException expected) {
                return true;
            } finally {
                socket.setSoTimeout(PATIENCE_MILLIS);
            }
        }

        /** Waits until the device has closed the connection, whatever it sends before. */
        void awaitEnd() {
            while (!isAtEnd()) {
                continue;
            }
        }

        /** Waits for the next byte; whether the connection ended instead. */
        boolean isAtEnd() {
            try {
                return input.read() < 0;
            } catch (IOException expected) {
                return true;
            }
        }

        /** Ends the connection in order, after everything that was sent. */
        void finish() throws IOException {
            socket.shutdownOutput();
        }

        /** Ends the connection with a reset. */
        void cut() throws IOException {
            if (!socket.isClosed()) {
                socket.setSoLinger(true, 0);
                socket.close();
            }
        }
    }
}
