package dev.quintet.relay.link;

import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.ErrorCode;

/**
 * What became of a device list.
 *
 * @param code null if it is stored, else why not
 * @param message for a developer; empty if it is stored
 * @param list the list that holds now, or null if there is none
 */
public record ListAnswer(ErrorCode code, String message, DeviceList list) {
    private static final int RETRY_MILLIS = 1_000;

    static ListAnswer stored(DeviceList list) {
        return new ListAnswer(null, "", list);
    }

    static ListAnswer refused(ErrorCode code, String message, DeviceList current) {
        return new ListAnswer(code, message, current);
    }

    /** When to send the same list again, in milliseconds; 0 if it would be refused again. */
    public int retryAfterMillis() {
        return code == ErrorCode.OVERLOADED || code == ErrorCode.STORAGE_UNAVAILABLE ? RETRY_MILLIS : 0;
    }

    /** Whether it is durably stored. */
    public boolean isStored() {
        return code == null;
    }
}
