package dev.quintet.relay.simulation;

import dev.quintet.relay.journal.ForgetfulDisk;
import dev.quintet.relay.store.MemoryRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * One run: a relay, three accounts and whatever goes wrong, all drawn from one seed; then calm, in which everything that
 * was begun must come to its end; then the books are compared.
 *
 * <p>In each step one of them acts: a thread of the relay, the network, a device, the disk, or the clock.
 */
final class Simulation {
    /** Most parcels of one run, well below what the relay remembers of one sender. */
    static final int MOST_PARCELS = 150;

    private static final int ACCOUNTS = 3;
    private static final int CALM_ROUNDS = 120;
    private static final int CALM_STEPS = 200_000;

    private final SplittableRandom random;
    private final Trace trace;
    private final Conditions conditions;
    private final SimulatedClock clock = new SimulatedClock();
    private final ForgetfulDisk disk = new ForgetfulDisk();
    private final MemoryRows rows = new MemoryRows();
    private final SimulatedRelay.Machine machine;
    private final Ledger ledger = new Ledger();
    private final List<SimulatedAccount> accounts = new ArrayList<>();
    private final int steps;
    private SimulatedRelay relay;
    private long stamp;
    private Violation reported;
    private boolean isCalm;
    private boolean isDiskFull;
    private int powerCutCount;

    Simulation(long seed, Flaw flaw, int steps, Trace trace) {
        this.random = new SplittableRandom(seed);
        this.trace = trace;
        this.steps = steps;
        conditions = Conditions.draw(random);
        machine = new SimulatedRelay.Machine(disk, rows, clock, conditions, flaw, new LogAudit());
        if (flaw == Flaw.FORCE_PRETENDED) {
            disk.ignoreForce();
        }
        for (int index = 0; index < ACCOUNTS; index++) {
            accounts.add(new SimulatedAccount(this, index));
        }
    }

    // What the devices see

    RandomGenerator random() {
        return random;
    }

    SimulatedClock clock() {
        return clock;
    }

    Trace trace() {
        return trace;
    }

    Ledger ledger() {
        return ledger;
    }

    List<SimulatedAccount> accounts() {
        return accounts;
    }

    /** The number of this step; rises. */
    long stamp() {
        return stamp;
    }

    /** Notes what was found out where an exception would not get through; thrown at the end of the step. */
    void report(Violation violation) {
        reported = violation;
    }

    /** Whether nothing goes wrong any more. */
    boolean isCalm() {
        return isCalm;
    }

    /** A new connection, or null if nobody listens. */
    Wire connect() {
        if (relay == null) {
            return null;
        }
        Wire wire = new Wire(conditions.wireBytes());
        relay.accept(wire);
        return wire;
    }

    // The run

    /** Runs to the end; throws the first {@link Violation}. */
    void run() {
        try {
            start();
            while (stamp < steps) {
                step();
                if (relay == null && random.nextInt(20) == 0) {
                    start();
                }
            }
            calm();
        } finally {
            if (relay != null) {
                relay.kill();
            }
        }
    }

    /** How often the power was cut or the process killed. */
    int powerCutCount() {
        return powerCutCount;
    }

    private void nextStamp() {
        stamp++;
        trace.step(stamp);
    }

    private void step() {
        nextStamp();
        int choice = random.nextInt(100);
        if (choice < 35) {
            runRelay();
        } else if (choice < 60) {
            network();
        } else if (choice < 85) {
            anyDevice().act();
        } else if (choice < 94) {
            commit();
        } else if (choice < 98) {
            pass(random.nextInt(random.nextInt(12) == 0 ? 3_000 : 60));
        } else {
            goWrong();
        }
        lookAtRelay();
    }

    private void runRelay() {
        for (int tasks = random.nextInt(12); relay != null && tasks > 0; tasks--) {
            relay.runOne();
        }
    }

    private void commit() {
        if (relay != null && random.nextInt(conditions.laziness()) == 0) {
            relay.commit();
        }
    }

    /** One that can do something, if it does not take too long to find one. */
    private SimulatedDevice anyDevice() {
        SimulatedDevice device = null;
        for (int attempt = 0; attempt < 8; attempt++) {
            List<SimulatedDevice> devices =
                    accounts.get(random.nextInt(accounts.size())).devices();
            device = devices.get(random.nextInt(devices.size()));
            if (device.isListed() || !device.sessions().isEmpty()) {
                break;
            }
        }
        return device;
    }

    private void network() {
        for (int times = random.nextInt(5); times > 0; times--) {
            moveSome();
        }
    }

    private void moveSome() {
        SimulatedDevice device = anyDevice();
        boolean isSlow = device.number() % 4 == 3;
        if (!device.sessions().isEmpty() && (!isSlow || random.nextInt(6) == 0)) {
            DeviceSession session =
                    device.sessions().get(random.nextInt(device.sessions().size()));
            session.receive(random.nextInt(1, conditions.pieceBytes()));
        }
        if (relay != null && !relay.sockets().isEmpty()) {
            SimulatedSocket socket =
                    relay.sockets().get(random.nextInt(relay.sockets().size()));
            int most = random.nextInt(1, conditions.pieceBytes());
            relay.tell(socket, () -> socket.readable(most));
        }
    }

    private void pass(long millis) {
        long secondBefore = clock.millis() / 1000;
        clock.pass(millis);
        if (relay != null && clock.millis() / 1000 > secondBefore) {
            relay.tick();
        }
    }

    // What goes wrong

    private void goWrong() {
        int choice = random.nextInt(10_000) / 50;
        if (choice < conditions.cuts()) {
            cut();
        } else if ((choice -= conditions.cuts()) < conditions.powerCuts() / 2) {
            loseProcess();
        } else if ((choice -= conditions.powerCuts() / 2) < conditions.diskFaults()) {
            setDiskFull(!isDiskFull);
        } else if (relay != null) {
            keepHouse();
        }
    }

    private void keepHouse() {
        switch (random.nextInt(8)) {
            case 0, 1 -> {
                trace.add("checkpoint");
                relay.checkpoint();
            }
            case 2 -> relay.sweep();
            case 3 -> pass(random.nextInt(6_000));
            default -> {}
        }
    }

    private void cut() {
        SimulatedDevice device = anyDevice();
        if (!device.sessions().isEmpty()) {
            DeviceSession session = device.sessions().get(0);
            trace.add("the connection of %s is cut", device);
            boolean isSilent = random.nextBoolean();
            if (random.nextBoolean()) {
                session.wire().toRelay().clear();
            }
            session.leave(isSilent);
        }
    }

    private void setDiskFull(boolean isFull) {
        isDiskFull = isFull;
        trace.add(isFull ? "the disk is full" : "the disk has room");
        disk.limitTo(isFull ? 0 : Long.MAX_VALUE);
        rows.setFull(isFull && random.nextBoolean());
    }

    private void loseProcess() {
        if (relay == null) {
            return;
        }
        switch (random.nextInt(4)) {
            case 0 -> {
                trace.add("the process is killed between two operations");
                end();
            }
            case 1, 2 -> {
                trace.add("the disk is about to answer no more");
                disk.cutPowerAfter(random.nextInt(12));
            }
            default -> {
                end();
                forget();
            }
        }
    }

    /** The process and its memory are gone. */
    private void end() {
        powerCutCount++;
        relay.kill();
        relay = null;
        rows.crash(random);
    }

    /** The power is cut, which takes what was not forced; or it was the process alone, and all that was written stays. */
    private void forget() {
        if (random.nextInt(3) == 0) {
            trace.add("the process is killed");
            disk.restartProcess();
        } else {
            trace.add("the power is cut");
            disk.restart(random);
        }
    }

    private void lookAtRelay() {
        if (reported != null) {
            throw reported;
        }
        if (relay == null) {
            return;
        }
        if (disk.isDown()) {
            end();
            forget();
        } else if (relay.failure() != null) {
            throw new Violation(Promise.BOUNDED, "the relay would have stopped", relay.failure());
        }
    }

    private void start() {
        setDiskFull(false);
        while (relay == null) {
            if (!isCalm && random.nextInt(4) == 0) {
                disk.cutPowerAfter(random.nextInt(25));
            }
            try {
                relay = new SimulatedRelay(machine, random.split());
                trace.add("the relay has started");
            } catch (Violation found) {
                throw found;
            } catch (IOException | RuntimeException failure) {
                if (!disk.isDown()) {
                    throw new Violation(Promise.ACCEPTED_IS_ON_DISK, "the relay does not start", failure);
                }
                trace.add("the relay dies while it starts");
                forget();
                rows.crash(random);
            }
        }
    }

    // The end

    private void calm() {
        isCalm = true;
        trace.add("calm");
        setDiskFull(false);
        if (relay != null && random.nextBoolean()) {
            end();
            forget();
        }
        disk.cutPowerAfter(Long.MAX_VALUE);
        start();
        for (int round = 0; round < CALM_ROUNDS; round++) {
            everyDevice(SimulatedDevice::finish);
            settle();
            pass(1_000);
            if (relay.isCheckpointDue()) {
                relay.checkpoint();
            }
            settle();
            if (accounts.stream()
                    .flatMap(account -> account.devices().stream())
                    .allMatch(SimulatedDevice::isFinished)) {
                ledger.finish(accounts);
                leaveNothing();
                return;
            }
        }
        ledger.finish(accounts);
        throw new Violation(Promise.BOUNDED, "not finished: " + unfinished());
    }

    private List<SimulatedDevice> unfinished() {
        return accounts.stream()
                .flatMap(account -> account.devices().stream())
                .filter(device -> !device.isFinished())
                .toList();
    }

    private void everyDevice(java.util.function.Consumer<SimulatedDevice> action) {
        accounts.forEach(account -> List.copyOf(account.devices()).forEach(action));
    }

    /** Until nobody has anything to do. */
    private void settle() {
        boolean isMoved = true;
        for (int step = 0; isMoved; step++) {
            if (step > CALM_STEPS) {
                throw new Violation(Promise.BOUNDED, "never at rest");
            }
            nextStamp();
            isMoved = relay.runOne() || relay.commit() || moveBytes();
            lookAtRelay();
        }
    }

    private boolean moveBytes() {
        boolean isMoved = false;
        for (SimulatedSocket socket : List.copyOf(relay.sockets())) {
            if (socket.wire().toRelay().isReadable() || socket.wire().isDeviceGone()) {
                isMoved |= socket.canBeRead();
                relay.tell(socket, () -> socket.readable(Integer.MAX_VALUE));
            }
        }
        for (SimulatedAccount account : accounts) {
            for (SimulatedDevice device : account.devices()) {
                for (DeviceSession session : List.copyOf(device.sessions())) {
                    isMoved |= session.wire().toDevice().isReadable()
                            || session.wire().isRelayGone();
                    session.receive(Integer.MAX_VALUE);
                }
            }
        }
        return isMoved;
    }

    /** When all have left and all is acknowledged, neither memory nor disk holds anything of it. */
    private void leaveNothing() {
        everyDevice(device -> List.copyOf(device.sessions()).forEach(session -> session.leave(false)));
        settle();
        // A socket whose device is gone without a word is found out by its silence.
        for (int second = 0; second < 60 && !relay.sockets().isEmpty(); second++) {
            pass(1_000);
            settle();
        }
        relay.checkpoint();
        settle();
        String leftovers = relay.leftovers();
        if (!leftovers.isEmpty()) {
            throw new Violation(Promise.BOUNDED, "left in memory: " + leftovers);
        }
        List<String> envelopes =
                rows.dump().stream().filter(row -> row.startsWith("envelopes ")).toList();
        if (!envelopes.isEmpty()) {
            throw new Violation(Promise.ACKNOWLEDGED_IS_GONE, "left on the disk: " + envelopes);
        }
    }
}
