package dev.quintet.load.drive;

import java.util.List;

/**
 * The senders keep so many submissions unanswered in all, to audiences drawn at random, of which no sender is one.
 *
 * <p><b>Thread:</b> the driver's event loop.
 */
public final class AudienceTraffic implements Traffic {
    private final Driver driver;
    private final List<Audience> audiences;
    private final Letter letter;
    private final int unanswered;
    private boolean isRunning;

    /** @param unanswered at most the window of all senders together */
    public AudienceTraffic(Driver driver, List<Audience> audiences, Letter letter, int unanswered) {
        this.driver = driver;
        this.audiences = audiences;
        this.letter = letter;
        this.unanswered = unanswered;
    }

    @Override
    public void start() {
        isRunning = true;
        for (int started = 0; started < unanswered; started++) {
            submit(driver.senders().get(started % driver.senders().size()));
        }
    }

    private void submit(DriveSender sender) {
        if (isRunning) {
            int drawn = driver.random().nextInt(audiences.size());
            sender.submit(audiences.get(drawn), System.nanoTime(), letter);
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
