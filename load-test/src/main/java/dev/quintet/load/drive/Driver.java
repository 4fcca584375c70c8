package dev.quintet.load.drive;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Accounts of devices against one server, all on one event loop.
 *
 * <p>Life: {@link #populate} the accounts, {@link #connect} devices, {@link #start} traffic and {@link #stop} it, wait until
 * nothing is {@link #isSettled outstanding}, ask for the {@link #verdict}.
 *
 * <p><b>Thread:</b> {@link LineListener}'s methods and those of this package: the event loop. Public ones: any, and they
 * wait for the loop.
 * <b>Failure:</b> a connection that ends unasked is the load's {@link #failure}, unless devices are to return.
 */
public final class Driver implements LineListener, AutoCloseable {
    private static final int CONNECTING_AT_A_TIME = 64;
    private static final int CONNECT_MILLIS = 10_000;
    private static final int SOURCE_ADDRESSES = 16;
    private static final int REFUSAL_PAUSE_MILLIS = 20;

    private final EventLoopGroup loops;
    private final EventLoop loop;
    private final Wire wire;
    private final InetSocketAddress server;
    private final DriveMeter meter = new DriveMeter();
    private final RouteChecker checker;
    private final Random random;
    private final List<DriveAccount> accounts = new ArrayList<>();
    private final List<DriveSender> senders = new ArrayList<>();
    private final Deque<DriveDevice> toConnect = new ArrayDeque<>();
    private int connecting;
    private int deviceCount;
    private long returnMillis = -1;
    private Traffic traffic;
    private volatile String failure;
    private volatile String lastRefusal;

    /**
     * A load that has not begun.
     *
     * @param wire is closed with the driver
     * @param seed of everything that is left to chance
     */
    public Driver(Wire wire, InetSocketAddress server, long seed) {
        this.wire = wire;
        this.server = server;
        random = new Random(seed);
        checker = new RouteChecker(new Random().nextInt());
        loops = new MultiThreadIoEventLoopGroup(
                1,
                new DefaultThreadFactory("quintet-drive", true),
                Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        loop = loops.next();
    }

    // What the load does

    /** More accounts of so many devices each; none is connected or registered yet. */
    public List<DriveAccount> populate(int accountCount, int devices) {
        return onLoop(() -> {
            int first = accounts.size();
            for (int made = 0; made < accountCount; made++) {
                accounts.add(new DriveAccount(accounts.size(), deviceCount, devices));
                deviceCount += devices;
            }
            return List.copyOf(accounts.subList(first, accounts.size()));
        });
    }

    /** Begins to connect these devices; where an account has to be registered, its first device must be among them. */
    public void connect(List<DriveDevice> devices) {
        onLoop(() -> {
            devices.forEach(device -> device.wanted(true));
            devices.stream().filter(this::mayConnect).forEach(this::enqueue);
            return connectNext();
        });
    }

    /** Ends the connections of these devices; their mailboxes fill from now on. */
    public void disconnect(List<DriveDevice> devices) {
        onLoop(() -> {
            devices.forEach(this::leave);
            return null;
        });
    }

    /** From now on a device whose connection ends comes back after a random pause of at most so long. */
    public void returnWithin(long millis) {
        onLoop(() -> returnMillis = millis);
    }

    /** These devices send from now on, each with a window of so many unanswered submissions. */
    public void appointSenders(List<DriveDevice> devices, int window) {
        onLoop(() -> {
            for (DriveDevice device : devices) {
                device.sender(new DriveSender(device, window, checker));
                senders.add(device.sender());
            }
            return null;
        });
    }

    /** Starts traffic. */
    public void start(Traffic started) {
        onLoop(() -> {
            traffic = started;
            started.start();
            return null;
        });
    }

    /** Ends the traffic; answers how many submissions were still waiting for their turn and are dropped. */
    public int stop() {
        return onLoop(() -> {
            if (traffic != null) {
                traffic.stop();
            }
            return senders.stream().mapToInt(DriveSender::forgetWaiting).sum();
        });
    }

    /** Whether every submission is answered, and every accepted one delivered. */
    public boolean isSettled() {
        return onLoop(() -> senders.stream().allMatch(DriveSender::isIdle) && checker.outstanding() <= 0);
    }

    /** Deliveries that are still to come, as far as the answers say. */
    public long outstanding() {
        return onLoop(checker::outstanding);
    }

    /** What was found so far; whatever is outstanding counts as lost. */
    public DriveVerdict verdict() {
        return onLoop(() -> checker.verdict(
                senders.stream().flatMap(sender -> sender.unanswered().stream()).toList()));
    }

    /** Why the load cannot go on; null if it can. */
    public String failure() {
        return failure;
    }

    /** What the server said when it last refused a submission; null if it never did. */
    public String lastRefusal() {
        return lastRefusal;
    }

    public DriveMeter meter() {
        return meter;
    }

    private <T> T onLoop(Callable<T> task) {
        try {
            return loop.submit(task).get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new DriveFailure("interrupted");
        } catch (ExecutionException failed) {
            throw new IllegalStateException("the driver is broken", failed.getCause());
        }
    }

    // For traffic

    EventLoop loop() {
        return loop;
    }

    Random random() {
        return random;
    }

    List<DriveAccount> accounts() {
        return accounts;
    }

    List<DriveSender> senders() {
        return senders;
    }

    // Connecting

    private boolean mayConnect(DriveDevice device) {
        return !wire.isPrimaryFirst() || device.number() == 1 || device.keys() != null;
    }

    private void enqueue(DriveDevice device) {
        if (device.isWanted() && !device.isConnected() && !device.isOnItsWay()) {
            device.onItsWay(true);
            toConnect.add(device);
        }
    }

    private Void connectNext() {
        while (connecting < CONNECTING_AT_A_TIME && !toConnect.isEmpty()) {
            DriveDevice device = toConnect.remove();
            if (device.isWanted()) {
                connecting++;
                connect(device);
            } else {
                device.onItsWay(false);
            }
        }
        return null;
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
                        wire.connect(channel.pipeline(), device, Driver.this);
                    }
                })
                .connect(server, source(device));
        connected.addListener(done -> {
            if (!done.isSuccess()) {
                String why = done.cause().getMessage();
                ended(device, "cannot reach " + text(server) + ": " + (why == null ? done.cause() : why), true);
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

    private static String text(InetSocketAddress address) {
        return address.getHostString() + ":" + address.getPort();
    }

    private void leave(DriveDevice device) {
        device.wanted(false);
        if (device.isConnected()) {
            device.line().close();
        }
    }

    /** A device comes back after a random pause of at most so long. */
    void returnAfter(DriveDevice device, long mostMillis) {
        device.wanted(true);
        long pauseMillis = mostMillis == 0 ? 0 : random.nextLong(mostMillis);
        loop.schedule(
                () -> {
                    enqueue(device);
                    connectNext();
                },
                pauseMillis,
                TimeUnit.MILLISECONDS);
    }

    /** A device goes away. */
    void goAway(DriveDevice device) {
        leave(device);
    }

    // What happens on the lines

    @Override
    public void opened(DriveDevice device, DriveLine line) {
        connecting--;
        device.onItsWay(false);
        device.line(line);
        meter.countOpened();
        if (!device.isWanted()) {
            line.close();
        }
        if (wire.isPrimaryFirst() && device.number() == 1) {
            device.account().devices().forEach(this::enqueue);
        }
        connectNext();
        if (device.sender() != null) {
            device.sender().resume();
        }
    }

    @Override
    public void closed(DriveDevice device, String why) {
        ended(device, why, !device.isConnected());
    }

    private void ended(DriveDevice device, String why, boolean isBeforeOpened) {
        if (isBeforeOpened) {
            connecting--;
            device.onItsWay(false);
        } else {
            device.line(null);
            meter.countClosed();
        }
        if (device.isWanted() && returnMillis >= 0) {
            returnAfter(device, returnMillis + 1);
        } else if (device.isWanted() && failure == null) {
            failure = why;
        }
        connectNext();
    }

    @Override
    public void accepted(DriveDevice device, long ticket, long fullDevices) {
        Parting parting = device.sender() == null ? null : device.sender().answered(ticket);
        if (parting != null) {
            checker.accepted(parting, fullDevices);
            meter.countAccepted(System.nanoTime() - parting.intendedNanos());
            answered(device, true);
        }
    }

    @Override
    public void refused(DriveDevice device, long ticket, String why) {
        lastRefusal = why;
        Parting parting = device.sender() == null ? null : device.sender().answered(ticket);
        if (parting != null) {
            checker.refused(parting);
            meter.countRefused();
            loop.schedule(() -> answered(device, false), REFUSAL_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void answered(DriveDevice device, boolean isAccepted) {
        device.sender().sendWaiting();
        if (traffic != null) {
            traffic.answered(device, isAccepted);
        }
    }

    @Override
    public void delivered(
            DriveDevice device, ByteBuf buffer, int offset, int length, int envelopeClass, Arrival arrival) {
        if (arrival == Arrival.EPHEMERAL) {
            meter.countEphemeral();
        } else if (checker.delivered(device, buffer, offset, length, arrival)) {
            meter.countDelivered(System.nanoTime() - Payload.intendedNanos(buffer, offset));
            if (traffic != null) {
                traffic.delivered(
                        device, senders.get((int) Payload.high(buffer, offset)).device(), envelopeClass);
            }
        }
    }

    @Override
    public void gap(DriveDevice device, long count) {
        checker.gap(device, count);
    }

    /** Ends all connections; waits at most two seconds. */
    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
        wire.close();
    }
}
