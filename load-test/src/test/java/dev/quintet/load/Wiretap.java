package dev.quintet.load;

import dev.quintet.client.RelayAddress;
import dev.quintet.client.RelayTrust;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Stands between devices and a relay without TLS, and keeps every byte of both directions: what its operator can see. */
final class Wiretap implements AutoCloseable {
    private final ServerSocket server;
    private final RelayAddress relay;
    private final ByteArrayOutputStream seen = new ByteArrayOutputStream();

    Wiretap(RelayAddress relay) throws IOException {
        this.relay = relay;
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    RelayAddress address() {
        return new RelayAddress("127.0.0.1", server.getLocalPort(), RelayTrust.plain());
    }

    /** Whether these bytes have passed in one piece. */
    boolean hasSeen(byte[] bytes) {
        byte[] all;
        synchronized (seen) {
            all = seen.toByteArray();
        }
        return new String(all, StandardCharsets.ISO_8859_1).contains(new String(bytes, StandardCharsets.ISO_8859_1));
    }

    private void accept() throws IOException {
        while (true) {
            Socket device = server.accept();
            Socket onwards = new Socket(relay.host(), relay.port());
            start(() -> pump(device, onwards));
            start(() -> pump(onwards, device));
        }
    }

    private void pump(Socket from, Socket to) throws IOException {
        try (to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                synchronized (seen) {
                    seen.write(buffer, 0, read);
                }
                out.write(buffer, 0, read);
            }
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void start(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException closed) {
                // One of the two has gone.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
