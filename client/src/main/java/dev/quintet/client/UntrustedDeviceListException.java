package dev.quintet.client;

/** The relay served a device list that its account has not signed, or an older one than before. */
public final class UntrustedDeviceListException extends RuntimeException {
    UntrustedDeviceListException(String message) {
        super(message, null, false, false);
    }
}
