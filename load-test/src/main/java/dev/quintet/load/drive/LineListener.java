package dev.quintet.load.drive;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;

/**
 * Hears of everything that happens on the lines.
 *
 * <p><b>Thread:</b> the driver's event loop.
 */
public interface LineListener {
    /** The device is logged in, and whatever its server needs to know of it is said. */
    void opened(DriveDevice device, DriveLine line);

    /** The server has taken a submission over, for all devices of so many accounts. */
    void accepted(DriveDevice sender, long ticket, int accounts);

    /** The server has not taken it for every device: one answer for each account, in the order of the submission. */
    void answered(DriveDevice sender, long ticket, List<AccountAnswer> answers);

    /** The server has not taken it for anybody; {@code why} is for people. */
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

    /**
     * What became of a submission for one account.
     *
     * @param fullDevices those that do not get it because their mailbox is full, a bit for each, device 1 the lowest
     * @param refusal why no device gets it, for people; empty if it is accepted
     */
    record AccountAnswer(long fullDevices, Optional<String> refusal) {
        /** Nobody gets it. */
        static AccountAnswer refused(String why) {
            return new AccountAnswer(0, Optional.of(why));
        }

        boolean isAccepted() {
            return refusal.isEmpty();
        }

        boolean isFullFor(int device) {
            return (fullDevices >>> device - 1 & 1) != 0;
        }
    }

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
