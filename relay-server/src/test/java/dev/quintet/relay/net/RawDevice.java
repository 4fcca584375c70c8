package dev.quintet.relay.net;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.Statement;
import dev.quintet.protocol.wire.Acknowledge;
import dev.quintet.protocol.wire.Authenticate;
import dev.quintet.protocol.wire.Challenge;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.Deliver;
import dev.quintet.protocol.wire.DeviceEnvelope;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.Ping;
import dev.quintet.protocol.wire.PutDeviceList;
import dev.quintet.protocol.wire.Recipient;
import dev.quintet.protocol.wire.Register;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.Submit;
import dev.quintet.relay.server.RunningRelay;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Random;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * A device without manners: a blocking socket, over which a test says whatever it likes.
 *
 * <p>Reading waits for ten seconds at most; then the test fails.
 */
final class RawDevice implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;
    private static final long NEVER_USED = 1L << 40;
    private static final SSLContext TRUSTING = trusting();

    private final RunningRelay relay;
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final Challenge challenge;
    private long requests = NEVER_USED;

    private RawDevice(RunningRelay relay, Socket socket) throws IOException {
        this.relay = relay;
        this.socket = socket;
        in = new BufferedInputStream(socket.getInputStream());
        out = socket.getOutputStream();
        challenge = read(ServerFrame::hasChallenge).getChallenge();
    }

    /** Connects, over TLS if the relay wants it, and reads the challenge. */
    static RawDevice connect(RunningRelay relay) {
        try {
            Socket tcp = tcp(relay);
            return new RawDevice(relay, relay.isTls() ? tls(tcp, "TLSv1.3", "TLSv1.2") : tcp);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A connected socket, and nothing more. */
    static Socket tcp(RunningRelay relay) throws IOException {
        Socket socket = new Socket(relay.address().getAddress(), relay.address().getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    /** TLS by the JDK over a socket, in one of these versions. */
    static Socket tls(Socket tcp, String... versions) throws IOException {
        var socket = (javax.net.ssl.SSLSocket) TRUSTING.getSocketFactory().createSocket(tcp, "localhost", 0, true);
        socket.setEnabledProtocols(versions);
        socket.startHandshake();
        return socket;
    }

    private static SSLContext trusting() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new TrustsAll()}, null);
            return context;
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static final class TrustsAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String kind) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    Challenge challenge() {
        return challenge;
    }

    Socket socket() {
        return socket;
    }

    // Sending

    /** Sends bytes as they are; a relay that has already closed does not mind. */
    RawDevice send(byte[]... pieces) {
        try {
            for (byte[] piece : pieces) {
                out.write(piece);
            }
            out.flush();
        } catch (SocketException | SSLException closed) {
            // The test reads what the relay has said before.
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return this;
    }

    RawDevice send(ClientFrame.Builder frame) {
        return send(bytes(frame));
    }

    /** A frame with its length before it. */
    static byte[] bytes(ClientFrame.Builder frame) {
        return framed(frame.build().toByteArray());
    }

    /** Any bytes with their number before them. */
    static byte[] framed(byte[] body) {
        ByteArrayOutputStream framed = new ByteArrayOutputStream();
        int rest = body.length;
        for (; rest > 127; rest >>>= 7) {
            framed.write(rest & 127 | 128);
        }
        framed.write(rest);
        framed.writeBytes(body);
        return framed.toByteArray();
    }

    // Reading

    /** The next frame; null at the end of the connection, however it ended. */
    ServerFrame read() {
        try {
            int length = readLength();
            return length < 0 ? null : ServerFrame.parseFrom(readFully(length));
        } catch (SocketTimeoutException silence) {
            throw new AssertionError("the relay says nothing and does not close", silence);
        } catch (EOFException | SocketException | SSLException ended) {
            return null;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private int readLength() throws IOException {
        int length = 0;
        for (int shift = 0; ; shift += 7) {
            int group = in.read();
            length |= (group & 127) << shift;
            if (group < 128) {
                return group < 0 ? -1 : length;
            }
        }
    }

    private byte[] readFully(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException();
        }
        return bytes;
    }

    /** The next frame that {@code isWanted}; those before it are forgotten. */
    ServerFrame read(Predicate<ServerFrame> isWanted) {
        for (ServerFrame frame = read(); frame != null; frame = read()) {
            if (isWanted.test(frame)) {
                return frame;
            }
        }
        throw new AssertionError("the relay closed without the frame that was waited for");
    }

    /** The next error. */
    Error readError() {
        return read(ServerFrame::hasError).getError();
    }

    Deliver readDelivery() {
        return read(ServerFrame::hasDeliver).getDeliver();
    }

    /** Sends a request under a new id and waits for its answer. */
    ServerFrame ask(ClientFrame.Builder frame) {
        long id = ++requests;
        send(frame.setRequestId(id));
        return read(answer -> answer.getRequestId() == id);
    }

    /** Whether the relay still answers. */
    boolean isAlive() {
        return ask(ping(7)).getPong().getToken() == 7;
    }

    static ClientFrame.Builder ping(long token) {
        return ClientFrame.newBuilder().setPing(Ping.newBuilder().setToken(token));
    }

    // Logging in

    ClientFrame.Builder registration(RawAccount account) {
        byte[] statement = Statement.register(challengeBytes(), account.id(), 1, relay.certificate());
        return ClientFrame.newBuilder()
                .setRegister(Register.newBuilder()
                        .setVersion(1)
                        .setDeviceList(account.list(1, 1))
                        .setSignature(ByteString.copyFrom(account.identity(1).sign(statement))));
    }

    /** A new account; this is its primary from now on. */
    RawAccount register() {
        RawAccount account = new RawAccount(AccountId.of(challenge.getNewAccount()));
        send(registration(account));
        read(ServerFrame::hasBacklogDelivered);
        return account;
    }

    Authenticate.Builder authentication(RawAccount account, int device) {
        byte[] statement = Statement.authenticate(challengeBytes(), account.id(), device, relay.certificate());
        return Authenticate.newBuilder()
                .setVersion(1)
                .setAccount(account.id().toByteString())
                .setDevice(device)
                .setSignature(ByteString.copyFrom(account.identity(device).sign(statement)));
    }

    RawDevice sendLogin(RawAccount account, int device) {
        return send(ClientFrame.newBuilder().setAuthenticate(authentication(account, device)));
    }

    /** Logs in, up to the welcome. */
    RawDevice login(RawAccount account, int device) {
        sendLogin(account, device);
        read(ServerFrame::hasWelcome);
        return this;
    }

    private byte[] challengeBytes() {
        return challenge.getChallenge().toByteArray();
    }

    // Requests

    void putList(RawAccount account, long version, int... devices) {
        ServerFrame answer = ask(ClientFrame.newBuilder()
                .setPutDeviceList(PutDeviceList.newBuilder().setDeviceList(account.list(version, devices))));
        if (!answer.hasDeviceListStored()) {
            throw new AssertionError(answer);
        }
    }

    static ByteString randomId() {
        byte[] id = new byte[EnvelopeId.BYTES];
        new Random().nextBytes(id);
        return ByteString.copyFrom(id);
    }

    static DeviceEnvelope.Builder envelope(int device, int ciphertextBytes) {
        return DeviceEnvelope.newBuilder()
                .setDevice(device)
                .setRegistrationId(RawAccount.registrationId(device))
                .setCiphertext(ByteString.copyFrom(new byte[ciphertextBytes]));
    }

    /** A submission of ten bytes to each of these devices. */
    static Submit.Builder submission(RawAccount recipient, int... devices) {
        Recipient.Builder to = Recipient.newBuilder().setAccount(recipient.id().toByteString());
        for (int device : devices) {
            to.addDevices(envelope(device, 10));
        }
        return Submit.newBuilder().setEnvelopeId(randomId()).addRecipients(to);
    }

    static ClientFrame.Builder frame(Submit.Builder submission) {
        return ClientFrame.newBuilder().setSubmit(submission);
    }

    static ClientFrame.Builder acknowledgement(long sequence) {
        return ClientFrame.newBuilder().setAcknowledge(Acknowledge.newBuilder().setSequence(sequence));
    }

    /** The error that a frame ends with: after it the relay has closed. */
    static ErrorCode lastErrorOf(RawDevice device) {
        Error error = device.readError();
        if (!error.getClosing()) {
            throw new AssertionError("not said to be the last: " + error);
        }
        if (device.read() != null) {
            throw new AssertionError("something came after the last error");
        }
        return error.getCode();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
