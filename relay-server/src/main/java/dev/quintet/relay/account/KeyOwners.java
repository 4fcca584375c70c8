package dev.quintet.relay.account;

import dev.quintet.relay.store.Resident;

/** The way up to the connections of the devices whose keys are kept. On the account's home loop. */
public interface KeyOwners {
    /**
     * Tells a device that its last one-time prekey is gone.
     *
     * @return false if it is not connected
     */
    boolean tellKeysExhausted(Resident resident, int device);
}
