package dev.quintet.load;

/** A pause of the current thread. */
final class Sleep {
    private Sleep() {}

    /** Sleeps; an interrupt ends the command. */
    static void millis(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException exception) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted");
        }
    }
}
