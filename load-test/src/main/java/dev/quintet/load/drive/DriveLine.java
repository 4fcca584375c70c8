package dev.quintet.load.drive;

/**
 * A device's connection that is ready to send and receive.
 *
 * <p><b>Thread:</b> the driver's event loop.
 */
public interface DriveLine {
    /** Writes a submission; it leaves at the end of this turn of the event loop. */
    void submit(Parting parting);

    /** Ends the connection; the listener hears of it. */
    void close();
}
