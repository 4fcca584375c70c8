package dev.quintet.relay.account;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.relay.account.UniqueNames.Verdict;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The identity keys of all devices of all accounts, each of which one account has at a time: nobody can pass for two, and a
 * key that was copied is found out when its second device joins.
 *
 * <p>The key of a removed device is free for other accounts once the image knows of the removal, so within a checkpoint.
 *
 * <p><b>Thread:</b> the home loop, all methods; verdicts come there too. <b>Memory, limits:</b> those of {@link UniqueNames}.
 */
public final class IdentityKeys {
    private final Home home;
    private final UniqueNames names;

    /** For the accounts of one home loop; {@code names} are the keys of all. */
    public IdentityKeys(Home home, UniqueNames names) {
        this.home = home;
        this.names = names;
    }

    /** The identity keys that {@code list} has and {@code other}, which may be null, has not; of logged out devices, too. */
    public static List<Ed25519Key> onlyIn(DeviceList list, DeviceList other) {
        Set<Ed25519Key> keys = new LinkedHashSet<>();
        list.listed().forEach(device -> keys.add(device.identityKey()));
        if (other != null) {
            other.listed().forEach(device -> keys.remove(device.identityKey()));
        }
        return List.copyOf(keys);
    }

    /**
     * Claims all of {@code keys} for an account, or none of them. After {@code GRANTED}, {@link #journaled} or {@link
     * #withdraw} must follow for each.
     */
    public void claim(AccountId account, List<Ed25519Key> keys, Consumer<Verdict> verdict) {
        claim(account, keys, 0, verdict);
    }

    private void claim(AccountId account, List<Ed25519Key> keys, int index, Consumer<Verdict> verdict) {
        if (index == keys.size()) {
            verdict.accept(Verdict.GRANTED);
            return;
        }
        names.claim(
                keys.get(index).toBytes(),
                account,
                one -> home.run(() -> {
                    if (one == Verdict.GRANTED) {
                        claim(account, keys, index + 1, verdict);
                    } else {
                        withdraw(keys.subList(0, index));
                        verdict.accept(one);
                    }
                }));
    }

    /** The account will not have what it has claimed. */
    public void withdraw(List<Ed25519Key> keys) {
        keys.forEach(key -> names.withdraw(key.toBytes()));
    }

    /** The entry at {@code position} gives the account these keys, or takes them from it. */
    public void journaled(AccountId account, List<Ed25519Key> keys, long position) {
        keys.forEach(key -> names.journaled(key.toBytes(), account, position));
    }
}
