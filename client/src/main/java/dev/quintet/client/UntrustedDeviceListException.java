package dev.quintet.client;

/** A device list that its account has not signed, or an older one than before, or a handover that is none. */
public final class UntrustedDeviceListException extends RuntimeException {
    UntrustedDeviceListException(String message) {
        super(message, null, false, false);
    }
}
