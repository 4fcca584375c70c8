package dev.quintet.load;

/** A command cannot go on. The message is the one line that its user sees; the exit status is 1. */
final class CommandFailure extends RuntimeException {
    CommandFailure(String message) {
        super(message, null, false, false);
    }
}
