package dev.quintet.relay.journal;

import dev.quintet.protocol.wire.ErrorCode;
import java.util.Locale;

/** Why a companion was logged out without its primary having taken it off the list. The numbers are on disk. */
public enum LogOutReason {
    /** The primary stayed away. */
    PRIMARY_INACTIVE(1, ErrorCode.PRIMARY_INACTIVE, "the primary stayed away for too long: link again"),
    /** The companion itself stayed away. */
    DEVICE_INACTIVE(2, ErrorCode.DEVICE_INACTIVE, "this device stayed away for too long: link again"),
    /** The companion has asked for it. */
    LEFT(3, ErrorCode.DEVICE_REMOVED, "this device has left its account");

    private final byte number;
    private final ErrorCode code;
    private final String message;

    LogOutReason(int number, ErrorCode code, String message) {
        this.number = (byte) number;
        this.code = code;
        this.message = message;
    }

    /** The reason with this number, or null for a number that stands for none. */
    public static LogOutReason of(byte number) {
        for (LogOutReason reason : values()) {
            if (reason.number == number) {
                return reason;
            }
        }
        return null;
    }

    /** As it is counted. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The number on disk. */
    public byte number() {
        return number;
    }

    /** What the device is told. */
    public ErrorCode code() {
        return code;
    }

    /** And for its developer. */
    public String message() {
        return message;
    }
}
