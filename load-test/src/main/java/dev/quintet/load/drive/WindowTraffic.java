package dev.quintet.load.drive;

import java.util.List;

/**
 * The senders keep so many submissions unanswered in all, to audiences drawn at random, at most so many submissions from
 * first to last.
 *
 * <p><b>Thread:</b> the driver's event loop.
 */
public final class WindowTraffic implements Traffic {
    private final Driver driver;
    private final List<Audience> audiences;
    private final Letter letter;
    private final int unanswered;
    private long left;
    private boolean isRunning;

    /**
     * @param unanswered at most the window of all senders together
     * @param submissions the most; then nothing more is submitted
     */
    public WindowTraffic(Driver driver, List<Audience> audiences, Letter letter, int unanswered, long submissions) {
        this.driver = driver;
        this.audiences = audiences;
        this.letter = letter;
        this.unanswered = unanswered;
        left = submissions;
    }

    @Override
    public void start() {
        isRunning = true;
        for (int started = 0; started < unanswered; started++) {
            submit(driver.senders().get(started % driver.senders().size()));
        }
    }

    private void submit(DriveSender sender) {
        if (isRunning && left > 0) {
            left--;
            sender.submit(Audience.drawn(driver.random(), audiences, sender), System.nanoTime(), letter);
        }
    }

    @Override
    public void answered(DriveDevice device, boolean isAccepted) {
        submit(device.sender());
    }

    @Override
    public void stop() {
        isRunning = false;
    }
}
