package dev.quintet.load.drive;

import java.util.List;
import java.util.Random;

/** Who gets the next submission. */
final class Recipients {
    private Recipients() {}

    /** Any account but the sender's own. */
    static DriveAccount drawn(Random random, List<DriveAccount> accounts, DriveSender sender) {
        DriveAccount drawn;
        do {
            drawn = accounts.get(random.nextInt(accounts.size()));
        } while (drawn == sender.device().account());
        return drawn;
    }
}
