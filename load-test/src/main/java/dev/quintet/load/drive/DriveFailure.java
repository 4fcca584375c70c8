package dev.quintet.load.drive;

/** A load cannot go on. The message is the one line that its user sees. */
public final class DriveFailure extends RuntimeException {
    public DriveFailure(String message) {
        super(message, null, false, false);
    }
}
