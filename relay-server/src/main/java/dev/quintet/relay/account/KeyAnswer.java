package dev.quintet.relay.account;

import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.relay.journal.Journal;

/**
 * What became of a request about keys.
 *
 * @param code null if it was granted, else why not
 * @param message for a developer; empty if it was granted
 * @param retryAfterMillis when it may be tried again; 0: it will be refused again
 * @param value what was asked for, or null if it was refused
 */
public record KeyAnswer<T>(ErrorCode code, String message, int retryAfterMillis, T value) {
    private static final int RETRY_OVERLOADED_MILLIS = 500;
    private static final int RETRY_NO_SPACE_MILLIS = 5_000;

    static <T> KeyAnswer<T> granted(T value) {
        return new KeyAnswer<>(null, "", 0, value);
    }

    static <T> KeyAnswer<T> refused(ErrorCode code, String message, int retryAfterMillis) {
        return new KeyAnswer<>(code, message, retryAfterMillis, null);
    }

    static <T> KeyAnswer<T> overloaded() {
        return refused(ErrorCode.OVERLOADED, "too much waits for the disk", RETRY_OVERLOADED_MILLIS);
    }

    /** Refused because the journal has: {@code refusal} is its answer. */
    static <T> KeyAnswer<T> byJournal(long refusal) {
        return refusal == Journal.NO_SPACE
                ? refused(ErrorCode.STORAGE_UNAVAILABLE, "the relay's disk is full", RETRY_NO_SPACE_MILLIS)
                : overloaded();
    }

    /** Whether it was granted. */
    public boolean isGranted() {
        return code == null;
    }
}
