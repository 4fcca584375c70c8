package dev.quintet.relay.account;

import dev.quintet.protocol.AccountId;
import dev.quintet.relay.journal.Partitions;
import java.util.List;

/**
 * Which home loop an account lives on: its partition's.
 *
 * <p><b>Thread:</b> any; immutable.
 */
public final class Homes {
    private final List<Home> homes;

    /** Spreads the partitions over {@code homes} in turn. */
    public Homes(List<Home> homes) {
        this.homes = List.copyOf(homes);
    }

    /** The home of {@code account}. */
    public Home of(AccountId account) {
        return homes.get(Partitions.of(account) % homes.size());
    }
}
