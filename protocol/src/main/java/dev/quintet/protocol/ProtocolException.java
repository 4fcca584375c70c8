package dev.quintet.protocol;

import dev.quintet.protocol.wire.ErrorCode;

/**
 * The peer broke a rule of the protocol; the code and the message are what it is told.
 *
 * <p>Carries no stack trace, since the fault is not in this process, and a peer must not be able to make us collect
 * stacks.
 */
public final class ProtocolException extends RuntimeException {
    private static final int FIRST_STAYING_CODE = ErrorCode.UNKNOWN_FRAME_VALUE;

    private final ErrorCode code;

    /**
     * @param code goes into the answer
     * @param message one line of English for the developer at the other end; no bytes of the peer's own choosing
     */
    public ProtocolException(ErrorCode code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    static ProtocolException malformed(String message) {
        return new ProtocolException(ErrorCode.MALFORMED, message);
    }

    static ProtocolException invalidDeviceList(String message) {
        return new ProtocolException(ErrorCode.INVALID_DEVICE_LIST, message);
    }

    static ProtocolException invalidKeys(String message) {
        return new ProtocolException(ErrorCode.INVALID_KEYS, message);
    }

    /** What the answer names. */
    public ErrorCode code() {
        return code;
    }

    /** Whether a connection always closes after an error with this code. */
    public static boolean isClosing(ErrorCode code) {
        return code.getNumber() < FIRST_STAYING_CODE;
    }
}
