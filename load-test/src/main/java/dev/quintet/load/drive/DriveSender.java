package dev.quintet.load.drive;

import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/**
 * What one device submits: a window of unanswered submissions, and behind it those whose time has come and that have to
 * wait. What is unanswered when a connection ends is submitted again, in its order, on the next one.
 *
 * <p><b>Thread:</b> the driver's event loop.
 */
final class DriveSender {
    private final DriveDevice device;
    private final int number;
    private final int window;
    private final RouteChecker checker;
    private final LongObjectMap<Parting> unanswered = new LongObjectHashMap<>();
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long tickets;

    /** Its time has come; there is no room in the window or no connection. */
    private record Waiting(Audience to, long intendedNanos, Letter letter) {}

    /** @param window submissions that may be unanswered */
    DriveSender(DriveDevice device, int window, RouteChecker checker) {
        this.device = device;
        this.window = window;
        this.checker = checker;
        number = checker.addSender(device);
    }

    DriveDevice device() {
        return device;
    }

    /** Among all senders, from 0. */
    int number() {
        return number;
    }

    /** Submits now, or as soon as it can be. */
    void submit(Audience to, long intendedNanos, Letter letter) {
        if (letter.isEphemeral()) {
            whisper(to, intendedNanos, letter);
        } else if (device.isConnected() && unanswered.size() < window) {
            send(to, intendedNanos, letter);
        } else {
            waiting.add(new Waiting(to, intendedNanos, letter));
        }
    }

    /** Nothing is lost if it is. */
    private void whisper(Audience to, long intendedNanos, Letter letter) {
        if (device.isConnected()) {
            device.line().submit(new Parting(0, checker.high(number), ~(++tickets), to, intendedNanos, letter));
        }
    }

    private void send(Audience to, long intendedNanos, Letter letter) {
        Parting parting =
                new Parting(++tickets, checker.high(number), checker.nextLow(number, to), to, intendedNanos, letter);
        unanswered.put(parting.ticket(), parting);
        device.line().submit(parting);
    }

    /** Takes what the answer is for; null if there was no such submission. */
    Parting answered(long ticket) {
        return unanswered.remove(ticket);
    }

    /** Fills the window from what waits. */
    void sendWaiting() {
        while (device.isConnected() && unanswered.size() < window && !waiting.isEmpty()) {
            Waiting next = waiting.remove();
            send(next.to, next.intendedNanos, next.letter);
        }
    }

    /** The device is connected again. */
    void resume() {
        List<Parting> inOrder = unanswered.values().stream()
                .sorted(Comparator.comparingLong(Parting::ticket))
                .toList();
        inOrder.forEach(device.line()::submit);
        sendWaiting();
    }

    /** Nothing that waits is sent any more; answers how much that was. */
    int forgetWaiting() {
        int forgotten = waiting.size();
        waiting.clear();
        return forgotten;
    }

    Collection<Parting> unanswered() {
        return unanswered.values();
    }

    boolean isIdle() {
        return unanswered.isEmpty() && waiting.isEmpty();
    }
}
