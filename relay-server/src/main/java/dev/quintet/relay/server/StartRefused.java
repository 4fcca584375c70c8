package dev.quintet.relay.server;

/**
 * Why the relay does not start, in one line for the operator. Nothing on disk was changed.
 *
 * <p>The command line prints the line and exits with status 1; there is no stack trace to look at.
 */
public final class StartRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Takes the line to print, without a full stop at its end. */
    public StartRefused(String line) {
        super(line, null, false, false);
    }
}
