package dev.quintet.load.drive;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
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
    private static final int REFUSAL_PAUSE_MILLIS = 20;

    private final EventLoopGroup loops;
    private final EventLoop loop;
    private final Wire wire;
    private final Dialer dialer;
    private final DriveMeter meter = new DriveMeter();
    private final RouteChecker checker;
    private final Random random;
    private final List<DriveAccount> accounts = new ArrayList<>();
    private final List<DriveSender> senders = new ArrayList<>();
    private int deviceCount;
    private int groupCount;
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
        random = new Random(seed);
        checker = new RouteChecker(new Random().nextInt());
        loops = new MultiThreadIoEventLoopGroup(
                1,
                new DefaultThreadFactory("quintet-drive", true),
                Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        loop = loops.next();
        dialer = new Dialer(loop, wire, server, this);
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

    /** These accounts are a group from now on: what is submitted to it goes to all of them. */
    public Audience group(List<DriveAccount> members) {
        return onLoop(() -> Audience.group(groupCount++, members));
    }

    /** Begins to connect these devices; where an account has to be registered, its first device must be among them. */
    public void connect(List<DriveDevice> devices) {
        onLoop(() -> {
            devices.forEach(device -> device.wanted(true));
            devices.stream().filter(dialer::mayConnect).forEach(dialer::enqueue);
            dialer.connectNext();
            return null;
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

    // Coming and going

    private void leave(DriveDevice device) {
        device.wanted(false);
        if (device.isConnected()) {
            device.line().close();
        }
    }

    /** A device comes back after a random pause of at most so long. */
    void returnAfter(DriveDevice device, long mostMillis) {
        long pauseMillis = mostMillis == 0 ? 0 : random.nextLong(mostMillis);
        loop.schedule(
                () -> {
                    device.wanted(true);
                    dialer.enqueue(device);
                    dialer.connectNext();
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
        dialer.arrived(device);
        device.line(line);
        meter.countOpened();
        if (!device.isWanted()) {
            line.close();
        }
        dialer.opened(device);
        dialer.connectNext();
        if (device.sender() != null) {
            device.sender().resume();
        }
    }

    @Override
    public void closed(DriveDevice device, String why) {
        if (device.isConnected()) {
            device.line(null);
            meter.countClosed();
        } else {
            dialer.arrived(device);
        }
        if (device.isWanted() && returnMillis >= 0) {
            returnAfter(device, returnMillis + 1);
        } else if (device.isWanted() && failure == null) {
            failure = why;
        }
        dialer.connectNext();
    }

    @Override
    public void accepted(DriveDevice device, long ticket, int accounts) {
        Parting parting = taken(device, ticket);
        if (parting != null && isForAll(parting, accounts)) {
            checker.accepted(parting);
            accepted(device, parting);
        }
    }

    @Override
    public void answered(DriveDevice device, long ticket, List<AccountAnswer> answers) {
        Parting parting = taken(device, ticket);
        if (parting != null && isForAll(parting, answers.size())) {
            answered(device, parting, answers);
        }
    }

    @Override
    public void refused(DriveDevice device, long ticket, String why) {
        Parting parting = taken(device, ticket);
        lastRefusal = why;
        if (parting != null) {
            int accounts = parting.to().accounts().size();
            answered(device, parting, Collections.nCopies(accounts, AccountAnswer.refused(why)));
        }
    }

    private static Parting taken(DriveDevice device, long ticket) {
        return device.sender() == null ? null : device.sender().answered(ticket);
    }

    private boolean isForAll(Parting parting, int accounts) {
        int submitted = parting.to().accounts().size();
        if (accounts != submitted && failure == null) {
            failure = "the server answered for " + accounts + " of " + submitted + " accounts";
        }
        return accounts == submitted;
    }

    private void answered(DriveDevice device, Parting parting, List<AccountAnswer> answers) {
        checker.answered(parting, answers);
        Optional<String> refusal =
                answers.stream().flatMap(answer -> answer.refusal().stream()).findFirst();
        if (refusal.isEmpty()) {
            accepted(device, parting);
        } else {
            lastRefusal = refusal.get();
            meter.countRefused();
            loop.schedule(() -> goOn(device, false), REFUSAL_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void accepted(DriveDevice device, Parting parting) {
        meter.countAccepted(System.nanoTime() - parting.intendedNanos());
        goOn(device, true);
    }

    private void goOn(DriveDevice device, boolean isAccepted) {
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
