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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What moves the bytes between the kernel and the event loops, the most demanding first. */
public enum Transport {
    /** A Linux kernel that has it and a container that does not forbid it. */
    IO_URING(IoUringServerSocketChannel.class) {
        @Override
        boolean isAvailable() {
            return IoUring.isAvailable();
        }

        @Override
        public IoHandlerFactory handlers() {
            // With the default completion queue, events were lost under load.
            return IoUringIoHandler.newFactory(
                    new IoUringIoHandlerConfig().setRingSize(1024).setCqSize(32 * 1024));
        }
    },
    /** Linux. */
    EPOLL(EpollServerSocketChannel.class) {
        @Override
        boolean isAvailable() {
            return Epoll.isAvailable();
        }

        @Override
        public IoHandlerFactory handlers() {
            return EpollIoHandler.newFactory();
        }
    },
    /** Everywhere. */
    NIO(NioServerSocketChannel.class) {
        @Override
        boolean isAvailable() {
            return true;
        }

        @Override
        public IoHandlerFactory handlers() {
            return NioIoHandler.newFactory();
        }
    };

    private static final Logger LOG = LoggerFactory.getLogger(Transport.class);

    private final Class<? extends ServerChannel> listener;

    Transport(Class<? extends ServerChannel> listener) {
        this.listener = listener;
    }

    abstract boolean isAvailable();

    /** Makes what an event loop waits with. */
    public abstract IoHandlerFactory handlers();

    /** The kind of socket that listens. */
    Class<? extends ServerChannel> listener() {
        return listener;
    }

    /** This transport if the machine has it, else the next simpler one, with a line in the log. */
    public Transport orFallBack() {
        if (isAvailable()) {
            return this;
        }
        Transport next = values()[ordinal() + 1].orFallBack();
        LOG.warn("transport {} is not available here: using {}", this, next);
        return next;
    }
}
