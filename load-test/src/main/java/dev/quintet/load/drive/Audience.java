package dev.quintet.load.drive;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Whom a submission is for: one account, or all accounts of a group. The device that sends is left out.
 *
 * <p><b>Thread:</b> any; immutable.
 */
public final class Audience {
    /** Groups are numbered from here on, accounts below. */
    private static final int FIRST_GROUP = 1 << 23;

    private final int index;
    private final List<DriveAccount> accounts;
    private final Set<DriveAccount> members;
    private final int deviceCount;

    private Audience(int index, List<DriveAccount> accounts) {
        this.index = index;
        this.accounts = List.copyOf(accounts);
        members = Set.copyOf(accounts);
        deviceCount =
                accounts.stream().mapToInt(account -> account.devices().size()).sum();
    }

    /** One account. */
    static Audience of(DriveAccount account) {
        return new Audience(account.index(), List.of(account));
    }

    /** @param number of the group, from 0 */
    static Audience group(int number, List<DriveAccount> accounts) {
        return new Audience(FIRST_GROUP + number, accounts);
    }

    /** Any of these in which the sender's account is not; there must be one. */
    static Audience drawn(Random random, List<Audience> audiences, DriveSender sender) {
        Audience drawn;
        do {
            drawn = audiences.get(random.nextInt(audiences.size()));
        } while (drawn.members.contains(sender.device().account()));
        return drawn;
    }

    /** Below 2^24, and no other audience's. */
    int index() {
        return index;
    }

    /** In the order of the submission. */
    public List<DriveAccount> accounts() {
        return accounts;
    }

    /** Of a submission that is for one account. */
    public DriveAccount account() {
        return accounts.get(0);
    }

    /** Whether this device gets what {@code sender} submits. */
    boolean reaches(DriveDevice device, DriveDevice sender) {
        return device != sender && members.contains(device.account());
    }

    /** How many devices get what {@code sender} submits. */
    int receiverCount(DriveDevice sender) {
        return members.contains(sender.account()) ? deviceCount - 1 : deviceCount;
    }

    /** They. */
    Stream<DriveDevice> receivers(DriveDevice sender) {
        return accounts.stream().flatMap(account -> account.devices().stream()).filter(device -> device != sender);
    }
}
