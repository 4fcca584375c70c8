package dev.quintet.load.drive;

import io.netty.buffer.ByteBuf;

/**
 * Hears of everything that happens on the lines.
 *
 * <p><b>Thread:</b> the driver's event loop.
 */
public interface LineListener {
    /** The device is logged in, and whatever its server needs to know of it is said. */
    void opened(DriveDevice device, DriveLine line);

    /** The server has taken a submission over, for all devices but those in {@code fullDevices}, a bit for each. */
    void accepted(DriveDevice sender, long ticket, long fullDevices);

    /** The server has not taken it; {@code why} is for people. */
    void refused(DriveDevice sender, long ticket, String why);

    /**
     * An envelope has come.
     *
     * @param buffer holds the payload from {@code offset} on; not to be kept
     * @param envelopeClass the number of an {@code EnvelopeClass}
     * @param arrival whether it came before
     */
    void delivered(DriveDevice device, ByteBuf buffer, int offset, int length, int envelopeClass, Arrival arrival);

    /** The server said that {@code count} envelopes will not come. */
    void gap(DriveDevice device, long count);

    /** The connection has ended, or there never was one; {@code why} is for people. */
    void closed(DriveDevice device, String why);

    /** What the numbers of a server say about an envelope that has come. */
    enum Arrival {
        /** The next one. */
        FIRST,
        /** It came before and was not acknowledged; allowed. */
        AGAIN,
        /** It came before, and the server has confirmed the acknowledgement. */
        AFTER_ACKNOWLEDGEMENT,
        /** It names a predecessor that never came. */
        AFTER_A_HOLE,
        /** It is for devices that are connected, and may be lost. */
        EPHEMERAL
    }
}
