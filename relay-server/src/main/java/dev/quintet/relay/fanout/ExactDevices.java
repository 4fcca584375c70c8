package dev.quintet.relay.fanout;

import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.protocol.Submission;
import dev.quintet.protocol.wire.EnvelopeClass;
import dev.quintet.protocol.wire.Mismatch;

/**
 * Whether a submission names the devices of an account exactly, and if not, what is wrong.
 *
 * <p>All devices that the account has, but for history: that goes to one, which has to be among them.
 */
final class ExactDevices {
    private ExactDevices() {}

    /** Whether a submission is for one device instead of all of its account. */
    static boolean isForOne(Submission submission) {
        return submission.envelopeClass() == EnvelopeClass.HISTORY_VALUE;
    }

    /**
     * Compares the envelopes of {@code recipient} with {@code list}.
     *
     * @param ownDevice the sending device if it belongs to this account, which gets nothing; else zero
     * @return null if they are exact
     */
    static Mismatch compare(DeviceList list, Submission submission, int recipient, int ownDevice) {
        int expected = isForOne(submission) ? 1 : list.devices().size() - (ownDevice == 0 ? 0 : 1);
        int first = submission.firstEnvelope(recipient);
        int end = submission.endEnvelope(recipient);
        boolean isExact = end - first == expected;
        for (int envelope = first; envelope < end && isExact; envelope++) {
            MemberDevice device = list.device(submission.device(envelope));
            isExact = device != null && device.registrationId() == submission.registrationId(envelope);
        }
        return isExact ? null : mismatch(list, submission, recipient, ownDevice);
    }

    private static Mismatch mismatch(DeviceList list, Submission submission, int recipient, int ownDevice) {
        Mismatch.Builder mismatch = Mismatch.newBuilder().setDeviceList(list.signed());
        for (int envelope = submission.firstEnvelope(recipient);
                envelope < submission.endEnvelope(recipient);
                envelope++) {
            int number = submission.device(envelope);
            MemberDevice device = list.device(number);
            if (device == null) {
                mismatch.addExtra(number);
            } else if (device.registrationId() != submission.registrationId(envelope)) {
                mismatch.addStale(number);
            }
        }
        for (MemberDevice device : list.devices()) {
            if (!isForOne(submission)
                    && device.number() != ownDevice
                    && !isNamed(device.number(), submission, recipient)) {
                mismatch.addMissing(device.number());
            }
        }
        return mismatch.build();
    }

    private static boolean isNamed(int number, Submission submission, int recipient) {
        for (int envelope = submission.firstEnvelope(recipient);
                envelope < submission.endEnvelope(recipient);
                envelope++) {
            if (submission.device(envelope) == number) {
                return true;
            }
        }
        return false;
    }
}
