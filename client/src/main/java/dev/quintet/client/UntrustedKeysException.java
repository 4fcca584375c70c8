package dev.quintet.client;

/** The relay served keys that their device has not signed. */
public final class UntrustedKeysException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UntrustedKeysException(String message) {
        super(message);
    }
}
