package dev.quintet.relay.fanout;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.EnvelopeId;

/**
 * What tells one call at an account from another.
 *
 * @param callee the account that is called
 * @param caller the account that calls
 * @param callerDevice its device
 * @param id of the submission that offered the call
 */
record CallName(AccountId callee, AccountId caller, int callerDevice, EnvelopeId id) {
    /** Whether this device is not the one that calls. */
    boolean isFor(int device) {
        return !callee.equals(caller) || device != callerDevice;
    }
}
