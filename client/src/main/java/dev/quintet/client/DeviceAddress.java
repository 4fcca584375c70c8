package dev.quintet.client;

import dev.quintet.protocol.AccountId;

/**
 * Where an envelope goes to or comes from: one device of an account.
 *
 * @param account the account
 * @param device the device's number in it, from 1
 */
public record DeviceAddress(AccountId account, int device) implements Comparable<DeviceAddress> {
    /** By account, then by number. */
    @Override
    public int compareTo(DeviceAddress other) {
        int byAccount = account.toString().compareTo(other.account.toString());
        return byAccount != 0 ? byAccount : Integer.compare(device, other.device);
    }

    /** The account's digits, a slash and the device's number. */
    @Override
    public String toString() {
        return account + "/" + device;
    }
}
