package dev.quintet.relay.simulation;

/** A promise of the relay that was not kept. */
final class Violation extends AssertionError {
    private static final long serialVersionUID = 1;

    private final Promise promise;

    Violation(Promise promise, String what) {
        super(promise + ": " + what);
        this.promise = promise;
    }

    Violation(Promise promise, String what, Throwable cause) {
        super(promise + ": " + what, cause);
        this.promise = promise;
    }

    Promise promise() {
        return promise;
    }
}
