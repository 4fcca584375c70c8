package dev.quintet.relay.net;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What moves the bytes between the kernel and the event loops, the most demanding first. */
public enum Transport {
    /** A Linux kernel that has it and a container that does not forbid it; both are found out by trying. */
    IO_URING(
            IoUringServerSocketChannel.class,
            "it needs Linux 5.9 or later, kernel.io_uring_disabled = 0, and a container that allows io_uring_setup") {
        @Override
        public Optional<String> whyNot(int loops) {
            return IoUring.isAvailable()
                    ? new TransportProbe(handlers(), listener(), loops, PROBE_MILLIS).whyNot()
                    : Optional.of(TransportProbe.reason(IoUring.unavailabilityCause()));
        }

        @Override
        public IoHandlerFactory handlers() {
            // With the default completion queue, events were lost under load.
            return IoUringIoHandler.newFactory(
                    new IoUringIoHandlerConfig().setRingSize(1024).setCqSize(32 * 1024));
        }
    },
    /** Linux. */
    EPOLL(EpollServerSocketChannel.class, "it needs Linux on x86-64 or AArch64 with the GNU C library") {
        @Override
        public Optional<String> whyNot(int loops) {
            return Epoll.isAvailable()
                    ? Optional.empty()
                    : Optional.of(TransportProbe.reason(Epoll.unavailabilityCause()));
        }

        @Override
        public IoHandlerFactory handlers() {
            return EpollIoHandler.newFactory();
        }
    },
    /** Everywhere. */
    NIO(NioServerSocketChannel.class, "") {
        @Override
        public Optional<String> whyNot(int loops) {
            return Optional.empty();
        }

        @Override
        public IoHandlerFactory handlers() {
            return NioIoHandler.newFactory();
        }
    };

    private static final Logger LOG = LoggerFactory.getLogger(Transport.class);
    private static final int PROBE_MILLIS = 3_000;

    private final Class<? extends ServerChannel> listener;
    private final String needs;

    Transport(Class<? extends ServerChannel> listener, String needs) {
        this.listener = listener;
        this.needs = needs;
    }

    /**
     * Empty if it works on this machine, else the reason. May wait some seconds for io_uring, which is tried; the others are
     * only looked for.
     *
     * @param loops how many event loops there are to be
     */
    public abstract Optional<String> whyNot(int loops);

    /** Makes what an event loop waits with. */
    public abstract IoHandlerFactory handlers();

    /** The kind of socket that listens. */
    public Class<? extends ServerChannel> listener() {
        return listener;
    }

    /** This transport if it works for so many event loops, else the next simpler one, with a line in the log. */
    public Transport orFallBack(int loops) {
        return orFallBack(transport -> transport.whyNot(loops));
    }

    Transport orFallBack(Function<Transport, Optional<String>> whyNot) {
        Optional<String> reason = whyNot.apply(this);
        if (reason.isEmpty()) {
            return this;
        }
        Transport next = values()[ordinal() + 1];
        LOG.warn(
                "listen.transport = {} does not work here, trying {}: {} ({}; with listen.transport = {} this line is not said)",
                this,
                next,
                reason.get(),
                needs,
                next);
        return next.orFallBack(whyNot);
    }

    /** As in the configuration: {@code io-uring}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
