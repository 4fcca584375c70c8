package dev.quintet.load;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import java.util.List;

/**
 * An account of a fleet, whose every device is in this process.
 *
 * @param list its devices as the relay has them
 * @param devices the same, by rising number
 */
record FleetAccount(DeviceList list, List<FleetDevice> devices) {
    AccountId id() {
        return list.account();
    }

    /** The device with this number. */
    FleetDevice device(int number) {
        return devices.get(number - 1);
    }
}
