package dev.quintet.load.drive;

import java.util.List;

/**
 * Submissions at a fixed rate, from the senders in turn to audiences drawn at random.
 *
 * <p><b>Thread:</b> the driver's event loop.
 */
public final class ScheduledTraffic implements Traffic {
    private final Driver driver;
    private final List<Audience> audiences;
    private final Letter letter;
    private final Schedule schedule;
    private int turn;

    /** @param perSecond submissions of all senders together */
    public ScheduledTraffic(Driver driver, List<Audience> audiences, double perSecond, Letter letter) {
        this.driver = driver;
        this.audiences = audiences;
        this.letter = letter;
        schedule = new Schedule(driver.loop(), driver.random(), perSecond, this::submit);
    }

    @Override
    public void start() {
        schedule.start();
    }

    private void submit(long intendedNanos) {
        DriveSender sender = driver.senders().get(turn++ % driver.senders().size());
        sender.submit(Audience.drawn(driver.random(), audiences, sender), intendedNanos, letter);
    }

    @Override
    public void stop() {
        schedule.stop();
    }
}
