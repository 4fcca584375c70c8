package dev.quintet.load.drive;

/**
 * What decides who submits what when.
 *
 * <p><b>Thread:</b> the driver's event loop.
 */
public interface Traffic {
    /** Begins; the devices that send are connected. */
    void start();

    /** Submits nothing more. */
    void stop();

    /** A submission of this device was answered. */
    default void answered(DriveDevice sender, boolean isAccepted) {}

    /** An envelope came to a device for the first time; {@code from} is the device that sent it. */
    default void delivered(DriveDevice device, DriveDevice from, int envelopeClass) {}
}
