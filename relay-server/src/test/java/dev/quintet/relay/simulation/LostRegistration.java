package dev.quintet.relay.simulation;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.wire.SignedDeviceList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The registrations that a primary has tried without hearing of the end. When the relay says that it knows the primary's key,
 * one of them may be stored: the primary tries to log in to each in turn, and registers again when none is known.
 */
final class LostRegistration {
    private final Map<AccountId, SignedDeviceList> tried = new LinkedHashMap<>();
    private final Map<DeviceSession, AccountId> bySession = new HashMap<>();
    private final Map<DeviceSession, AccountId> guesses = new HashMap<>();
    private int guessesLeft;

    /** The primary registers as this account on this connection, and may not hear what became of it. */
    void tried(DeviceSession session, AccountId account, SignedDeviceList first) {
        tried.put(account, first);
        bySession.put(session, account);
    }

    /** The relay says on this connection that another account has the primary's key: this one is not stored. */
    void isKnown(DeviceSession session) {
        tried.remove(bySession.get(session));
        guessesLeft = tried.size();
    }

    /** As whom the primary logs in on this connection; null if it may register. */
    AccountId guess(DeviceSession session) {
        if (guessesLeft > 0 && !guesses.containsKey(session)) {
            guesses.put(session, List.copyOf(tried.keySet()).get(guessesLeft - 1));
        }
        return guesses.get(session);
    }

    /** The relay does not know the account that the primary took for its own. */
    void isUnknown() {
        guessesLeft--;
    }

    /** What it registered with. */
    SignedDeviceList firstList(AccountId account) {
        return tried.get(account);
    }
}
