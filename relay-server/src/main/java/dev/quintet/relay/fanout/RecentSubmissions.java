package dev.quintet.relay.fanout;

import dev.quintet.protocol.AccountId;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
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

    /** A sending device. */
    record SenderKey(AccountId account, int device) {}

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

    /** The latest {@code most} devices of accounts other than {@code own} from which something was accepted since then. */
    Collection<SenderKey> strangersSince(long sinceMillis, AccountId own, int most) {
        Deque<SenderKey> latest = new ArrayDeque<>();
        histories.forEach((sender, history) -> {
            if (!sender.account().equals(own) && history.newestAcceptedAtMillis() >= sinceMillis) {
                latest.add(sender);
            }
            if (latest.size() > most) {
                latest.remove();
            }
        });
        return latest;
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
