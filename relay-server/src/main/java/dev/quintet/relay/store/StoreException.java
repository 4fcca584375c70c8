package dev.quintet.relay.store;

/**
 * The image cannot be opened, read or written, or is not one that this version understands. The message is one line for
 * the operator. Once the relay runs, it stops the process.
 */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoreException(String message) {
        super(message);
    }

    StoreException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
