package dev.quintet.load;

import dev.quintet.load.drive.DriveAccount;
import dev.quintet.load.drive.DriveDevice;
import java.util.List;

/** Devices of many accounts. */
final class Crowd {
    private Crowd() {}

    /** All. */
    static List<DriveDevice> devices(List<DriveAccount> accounts) {
        return accounts.stream().flatMap(account -> account.devices().stream()).toList();
    }

    /** Those from number {@code first} to {@code last}, as far as there are any. */
    static List<DriveDevice> devices(List<DriveAccount> accounts, int first, int last) {
        return devices(accounts).stream()
                .filter(device -> device.number() >= first && device.number() <= last)
                .toList();
    }

    /** The first device of each of the first accounts. */
    static List<DriveDevice> firstDevices(List<DriveAccount> accounts, int count) {
        return accounts.stream()
                .limit(count)
                .map(account -> account.devices().get(0))
                .toList();
    }
}
