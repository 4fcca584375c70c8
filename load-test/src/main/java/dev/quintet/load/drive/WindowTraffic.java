package dev.quintet.load.drive;

import java.util.List;

/**
 * Every sender keeps its window full, to accounts drawn at random, at most so many submissions in all.
 *
 * <p><b>Thread:</b> the driver's event loop.
 */
public final class WindowTraffic implements Traffic {
    private final Driver driver;
    private final List<DriveAccount> recipients;
    private final int window;
    private final Letter letter;
    private long left;
    private boolean isRunning;

    /** @param submissions the most; then nothing more is submitted */
    public WindowTraffic(Driver driver, List<DriveAccount> recipients, int window, Letter letter, long submissions) {
        this.driver = driver;
        this.recipients = recipients;
        this.window = window;
        this.letter = letter;
        left = submissions;
    }

    @Override
    public void start() {
        isRunning = true;
        for (DriveSender sender : driver.senders()) {
            for (int started = 0; started < window; started++) {
                submit(sender);
            }
        }
    }

    private void submit(DriveSender sender) {
        if (isRunning && left > 0) {
            left--;
            sender.submit(Recipients.drawn(driver.random(), recipients, sender).audience(), System.nanoTime(), letter);
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
