package dev.quintet.relay.fanout;

import dev.quintet.protocol.AccountId;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was lately submitted to one account, by sending device, so that a repetition is recognized.
 *
 * <p><b>Thread:</b> the account's home loop. <b>Limits:</b> {@link #SENDERS} sending devices in memory, the longest
 * silent one is forgotten first; {@link SenderHistory#CAPACITY} submissions of each.
 */
final class RecentSubmissions {
    /** Most sending devices that are remembered for one account. */
    static final int SENDERS = 4096;

    private final Map<SenderKey, SenderHistory> histories = new LinkedHashMap<>(8, 0.75f, true);

    private record SenderKey(AccountId account, int device) {}

    /** The history of a sending device, or null if there is none yet. */
    SenderHistory find(AccountId account, int device) {
        return histories.get(new SenderKey(account, device));
    }

    /** The history of a sending device; made if there is none yet. */
    SenderHistory of(AccountId account, int device) {
        SenderKey key = new SenderKey(account, device);
        SenderHistory history = histories.get(key);
        if (history == null) {
            if (histories.size() == SENDERS) {
                histories.remove(histories.keySet().iterator().next());
            }
            history = new SenderHistory();
            histories.put(key, history);
        }
        return history;
    }

    boolean isEmpty() {
        return histories.isEmpty();
    }

    int weight() {
        int weight = 0;
        for (SenderHistory history : histories.values()) {
            weight += history.weight();
        }
        return weight;
    }
}
