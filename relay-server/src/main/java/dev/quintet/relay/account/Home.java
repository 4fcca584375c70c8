package dev.quintet.relay.account;

import dev.quintet.relay.journal.AfterDurable;
import dev.quintet.relay.store.Residents;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * An event loop as the home of accounts: the only thread that reads or writes their state.
 *
 * @param index 0, 1, 2 …
 * @param executor runs something on the loop later
 * @param isHere whether the caller is the loop
 * @param residents its accounts in memory
 * @param afterDurable its actions that wait for the journal
 */
public record Home(
        int index, Executor executor, BooleanSupplier isHere, Residents residents, AfterDurable afterDurable) {
    /** Runs {@code action} on the loop: now if this is the loop, else later. */
    public void run(Runnable action) {
        if (isHere.getAsBoolean()) {
            action.run();
        } else {
            executor.execute(action);
        }
    }
}
