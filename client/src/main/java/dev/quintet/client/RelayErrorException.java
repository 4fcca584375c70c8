package dev.quintet.client;

import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.ErrorCode;

/** The relay answered a request with an error; the connection stays. Carries no stack trace: the fault is not here. */
public final class RelayErrorException extends RuntimeException {
    private final transient Error error;

    RelayErrorException(Error error) {
        super(error.getCode() + (error.getMessage().isEmpty() ? "" : ": " + error.getMessage()), null, false, false);
        this.error = error;
    }

    /** Which error. */
    public ErrorCode code() {
        return error.getCode();
    }

    /** The whole answer, with the list that holds now after a {@code LIST_CONFLICT}. */
    public Error error() {
        return error;
    }

    /** The pause after which the same request may succeed, in milliseconds; 0 if it will fail again. */
    public long retryAfterMillis() {
        return error.getRetryAfterMillis();
    }
}
