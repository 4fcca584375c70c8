package dev.quintet.client;

/** There will be no answer: the device has ended, or the attempt that this was about has failed. */
public final class DisconnectedException extends RuntimeException {
    private final transient Disconnection disconnection;

    DisconnectedException(Disconnection disconnection) {
        super(disconnection.message(), null, false, false);
        this.disconnection = disconnection;
    }

    /** Why. */
    public Disconnection disconnection() {
        return disconnection;
    }
}
