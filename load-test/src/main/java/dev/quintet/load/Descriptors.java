package dev.quintet.load;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** How many sockets this process may have. */
final class Descriptors {
    /** For everything that is no connection of the load. */
    private static final int SPARE = 256;

    private Descriptors() {}

    /** Connections that this process may make; the server that it starts may take as many. */
    static int connections() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? (int) Math.min(Integer.MAX_VALUE, unix.getMaxFileDescriptorCount() - SPARE)
                : Integer.MAX_VALUE;
    }

    /** Throws {@link CommandFailure} unless so many connections can be made. */
    static void check(int connections) {
        if (connections > connections()) {
            throw new CommandFailure("too few descriptors: " + Words.count(connections)
                    + " connections are wanted, and this process may have " + Words.count(Math.max(0, connections()))
                    + "; raise the limit (ulimit -n) or give fewer --accounts");
        }
    }
}
