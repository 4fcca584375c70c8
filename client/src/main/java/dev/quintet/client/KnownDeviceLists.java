package dev.quintet.client;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.wire.SignedDeviceList;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The device lists of other accounts, as far as they have been seen and verified.
 *
 * <p>An account's key is believed when it is first seen and must stay the same, unless whoever held it has handed the
 * account over: compare it with its owner over another way. From then on the relay cannot add a device, change one, or go back to an older list.
 *
 * <p><b>Thread:</b> any.
 * <b>Memory:</b> one list for each account, for good.
 * <b>Failure:</b> a list that may not be believed is an {@link UntrustedDeviceListException}, and the known one stays.
 */
public final class KnownDeviceLists {
    private final Map<AccountId, DeviceList> lists = new ConcurrentHashMap<>();

    /** The newest verified list of the account, if one is known. */
    public Optional<DeviceList> of(AccountId account) {
        return Optional.ofNullable(lists.get(account));
    }

    /** Verifies a list that the relay served for this account, and keeps it. */
    public DeviceList learn(AccountId account, SignedDeviceList signed) {
        DeviceList list = parse(signed);
        demand(list.account().equals(account), "it is another account's");
        return lists.merge(account, list, KnownDeviceLists::newer);
    }

    /**
     * Verifies a list that came unasked, and keeps it if the account is known and the list is newer than the known one.
     *
     * @return the newest known list; empty if the account is not known: nobody is believed at first sight who was not asked
     *     for
     */
    public Optional<DeviceList> hear(SignedDeviceList signed) {
        DeviceList list = parse(signed);
        return Optional.ofNullable(lists.computeIfPresent(
                list.account(), (account, known) -> list.version() < known.version() ? known : newer(known, list)));
    }

    /** Verifies a list of the primary's own account against the key that it holds itself; keeps nothing. */
    static DeviceList own(SignedDeviceList signed, DeviceKeys primary) {
        DeviceList list = parse(signed);
        demand(list.account().equals(primary.account()), "it is another account's");
        demand(
                list.accountKey().equals(primary.accountSecret().orElseThrow().publicKey()),
                "its account key is not our own");
        return list;
    }

    private static DeviceList parse(SignedDeviceList signed) {
        DeviceList list;
        try {
            list = DeviceList.parse(signed);
        } catch (ProtocolException exception) {
            throw new UntrustedDeviceListException("the device list is malformed: " + exception.getMessage());
        }
        demand(list.isFrom(list.accountKey()), "its signature is wrong");
        return list;
    }

    private static DeviceList newer(DeviceList known, DeviceList next) {
        demand(next.version() >= known.version(), "it is older than one seen before");
        boolean isSameVersion = next.version() == known.version();
        demand(next.isFromSuccessorOf(known), "its account key is not the one seen before, nor was it handed over");
        demand(
                !isSameVersion
                        || next.signed().getContent().equals(known.signed().getContent()),
                "it was replaced");
        return next;
    }

    private static void demand(boolean condition, String otherwise) {
        if (!condition) {
            throw new UntrustedDeviceListException("the relay served a device list that cannot be true: " + otherwise);
        }
    }
}
