package dev.quintet.relay.account;

import dev.quintet.protocol.wire.ErrorCode;

/**
 * What became of a handle.
 *
 * @param code null if it is stored, else why not
 * @param message for a developer; empty if it is stored
 * @param retryAfterMillis when to ask again; 0 for never
 */
public record HandleAnswer(ErrorCode code, String message, int retryAfterMillis) {
    private static final int RETRY_MILLIS = 1_000;

    static final HandleAnswer STORED = new HandleAnswer(null, "", 0);
    static final HandleAnswer TAKEN = new HandleAnswer(ErrorCode.HANDLE_TAKEN, "another account has this handle", 0);
    static final HandleAnswer OVERLOADED =
            new HandleAnswer(ErrorCode.OVERLOADED, "the relay is busy with handles", RETRY_MILLIS);
    static final HandleAnswer NO_SPACE =
            new HandleAnswer(ErrorCode.STORAGE_UNAVAILABLE, "the disk is full", RETRY_MILLIS);

    /** Whether it is durably stored. */
    public boolean isStored() {
        return code == null;
    }
}
