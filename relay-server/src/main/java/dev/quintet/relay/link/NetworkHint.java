package dev.quintet.relay.link;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** Where somebody connects from, so coarsely that it tells a network and not a household. */
public final class NetworkHint {
    private static final int KEPT_BYTES_OF_4 = 3;
    private static final int KEPT_BYTES_OF_16 = 6;

    private NetworkHint() {}

    /** {@code 192.0.2.0/24} or {@code 2001:db8:1:0:0:0:0:0/48}; empty for what is no internet address. */
    public static String of(SocketAddress address) {
        return address instanceof InetSocketAddress internet && internet.getAddress() != null
                ? of(internet.getAddress())
                : "";
    }

    private static String of(InetAddress address) {
        int keptBytes = address instanceof Inet4Address ? KEPT_BYTES_OF_4 : KEPT_BYTES_OF_16;
        byte[] bytes = address.getAddress();
        Arrays.fill(bytes, keptBytes, bytes.length, (byte) 0);
        try {
            return InetAddress.getByAddress(bytes).getHostAddress() + "/" + keptBytes * Byte.SIZE;
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("an address has 4 or 16 bytes", impossible);
        }
    }
}
