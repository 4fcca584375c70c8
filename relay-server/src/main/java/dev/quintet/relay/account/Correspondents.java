package dev.quintet.relay.account;

import dev.quintet.protocol.DeviceList;
import dev.quintet.relay.store.Resident;

/** The way up to the devices of other accounts that have lately written to an account. On the account's home loop. */
public interface Correspondents {
    /** Tells those that are connected of the new list of {@code resident}, which is durable. */
    void tell(Resident resident, DeviceList list);
}
