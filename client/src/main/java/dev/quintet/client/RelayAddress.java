package dev.quintet.client;

/**
 * Where a relay listens and how it is recognized.
 *
 * @param host a name or an address
 * @param port from 1 to 65535
 * @param trust how to recognize it
 */
public record RelayAddress(String host, int port, RelayTrust trust) {
    /** Throws {@link IllegalArgumentException} for an empty host or an impossible port. */
    public RelayAddress {
        if (host.isBlank()) {
            throw new IllegalArgumentException("the relay's address has no host");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("the relay's port is from 1 to 65535, not " + port);
        }
    }

    /** Reads {@code host:port} or {@code [address]:port}; throws {@link IllegalArgumentException} for anything else. */
    public static RelayAddress parse(String hostAndPort, RelayTrust trust) {
        int colon = hostAndPort.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("a relay's address is HOST:PORT, not '" + hostAndPort + "'");
        }
        String host = hostAndPort.substring(0, colon);
        boolean isBracketed = host.startsWith("[") && host.endsWith("]");
        return new RelayAddress(
                isBracketed ? host.substring(1, host.length() - 1) : host, port(hostAndPort, colon), trust);
    }

    private static int port(String hostAndPort, int colon) {
        try {
            return Integer.parseInt(hostAndPort.substring(colon + 1));
        } catch (NumberFormatException exception) {
            throw new IllegalArgumentException("a relay's address is HOST:PORT, not '" + hostAndPort + "'");
        }
    }

    /** {@code host:port}. */
    @Override
    public String toString() {
        return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
    }
}
