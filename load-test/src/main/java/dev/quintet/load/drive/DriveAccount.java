package dev.quintet.load.drive;

import dev.quintet.protocol.AccountId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * An account of the load.
 *
 * <p><b>Thread:</b> the driver's event loop; what does not change may be read by any.
 */
public final class DriveAccount {
    private final int index;
    private final List<DriveDevice> devices = new ArrayList<>();
    private final Audience audience;
    private AccountId id;

    /** @param firstDevice the index of its first device among all devices of the load */
    DriveAccount(int index, int firstDevice, int deviceCount) {
        this.index = index;
        id = new AccountId(0, index);
        for (int number = 1; number <= deviceCount; number++) {
            devices.add(new DriveDevice(this, number, firstDevice + number - 1));
        }
        audience = Audience.of(this);
    }

    /** Its place among the accounts of the load, from 0. */
    public int index() {
        return index;
    }

    /** As the relay gave it; before that, and for servers that give none, the index. */
    public AccountId id() {
        return id;
    }

    void named(AccountId given) {
        id = given;
    }

    /** This account alone, as those whom a submission is for. */
    public Audience audience() {
        return audience;
    }

    /** By number, from 1 on. */
    public List<DriveDevice> devices() {
        return Collections.unmodifiableList(devices);
    }

    /** The device with this number. */
    public DriveDevice device(int number) {
        return devices.get(number - 1);
    }

    @Override
    public String toString() {
        return "account " + index;
    }
}
