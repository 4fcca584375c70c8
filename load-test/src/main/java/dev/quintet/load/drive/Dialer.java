package dev.quintet.load.drive;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Connects devices, a few at a time, in the order in which they ask.
 *
 * <p><b>Thread:</b> the driver's event loop.
 * <b>Failure:</b> the listener hears of a connection that cannot be made as of one that has ended.
 */
final class Dialer {
    private static final int CONNECTING_AT_A_TIME = 64;
    private static final int CONNECT_MILLIS = 10_000;
    private static final int SOURCE_ADDRESSES = 16;

    private final EventLoop loop;
    private final Wire wire;
    private final InetSocketAddress server;
    private final LineListener listener;
    private final Deque<DriveDevice> toConnect = new ArrayDeque<>();
    private int connecting;

    /** Connects to {@code server}; {@code listener} hears of all that comes of it. */
    Dialer(EventLoop loop, Wire wire, InetSocketAddress server, LineListener listener) {
        this.loop = loop;
        this.wire = wire;
        this.server = server;
        this.listener = listener;
    }

    /** Whether the device need not wait for its account's first one. */
    boolean mayConnect(DriveDevice device) {
        return !wire.isPrimaryFirst() || device.number() == 1 || device.keys() != null;
    }

    /** The device's turn will come, if it is wanted and not connected. */
    void enqueue(DriveDevice device) {
        if (device.isWanted() && !device.isConnected() && !device.isOnItsWay()) {
            device.onItsWay(true);
            toConnect.add(device);
        }
    }

    /** The device is connected, or cannot be. */
    void arrived(DriveDevice device) {
        connecting--;
        device.onItsWay(false);
    }

    /** The device is ready; if others of its account waited for it, their turn comes. */
    void opened(DriveDevice device) {
        if (wire.isPrimaryFirst() && device.number() == 1) {
            device.account().devices().forEach(this::enqueue);
        }
    }

    /** Begins with as many as may connect at a time. */
    void connectNext() {
        while (connecting < CONNECTING_AT_A_TIME && !toConnect.isEmpty()) {
            DriveDevice device = toConnect.remove();
            if (device.isWanted()) {
                connecting++;
                connect(device);
            } else {
                device.onItsWay(false);
            }
        }
    }

    private void connect(DriveDevice device) {
        ChannelFuture connected = new Bootstrap()
                .group(loop)
                .channel(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        wire.connect(channel.pipeline(), device, listener);
                    }
                })
                .connect(server, source(device));
        connected.addListener(done -> {
            if (!done.isSuccess()) {
                listener.closed(device, "cannot reach " + text(server) + ": " + reason(done.cause()));
            }
        });
    }

    /** One address has ports for 28,000 connections; the loopback network has addresses to spare. */
    private SocketAddress source(DriveDevice device) {
        if (!server.getAddress().isLoopbackAddress() || server.getAddress().getAddress().length != 4) {
            return null;
        }
        byte[] address = {127, 0, 0, (byte) (2 + device.index() % SOURCE_ADDRESSES)};
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), 0);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("an address of 4 bytes", impossible);
        }
    }

    /** Without the system call and its number, which Netty puts first. */
    private static String reason(Throwable cause) {
        return cause.getMessage() == null
                ? cause.toString()
                : cause.getMessage().replaceFirst("^\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ", "");
    }

    private static String text(InetSocketAddress address) {
        return address.getHostString() + ":" + address.getPort();
    }
}
