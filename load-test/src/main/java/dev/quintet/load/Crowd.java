package dev.quintet.load;

import dev.quintet.load.drive.Audience;
import dev.quintet.load.drive.DriveAccount;
import dev.quintet.load.drive.DriveDevice;
import java.util.List;

/** Many accounts: their devices, and whom submissions to them are for. */
final class Crowd {
    private Crowd() {}

    /** Each account by itself, as those whom a submission is for. */
    static List<Audience> audiences(List<DriveAccount> accounts) {
        return accounts.stream().map(DriveAccount::audience).toList();
    }

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
