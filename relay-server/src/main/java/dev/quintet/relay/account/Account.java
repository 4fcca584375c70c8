package dev.quintet.relay.account;

import dev.quintet.protocol.DeviceList;

/**
 * One account: its newest device list, and the highest device number it has ever used.
 *
 * <p><b>Thread:</b> the account's home loop.
 */
public final class Account {
    private DeviceList list;
    private int highestDevice;
    private long position;

    /** An account with its first list, whose entry is at {@code position}. */
    public Account(DeviceList list, long position) {
        this(list, list.highestNumber(), position);
    }

    Account(DeviceList list, int highestDevice, long position) {
        this.list = list;
        this.highestDevice = highestDevice;
        this.position = position;
    }

    /** The list that binds every submission. */
    public DeviceList list() {
        return list;
    }

    /** No new device may have a number up to this one. */
    public int highestDevice() {
        return highestDevice;
    }

    /** Position of the list's journal entry; negative if it was read from the image. */
    public long position() {
        return position;
    }

    /** Takes {@code next}, whose entry is at {@code nextPosition}, for the list; the caller has checked that it is the successor. */
    public void replaceList(DeviceList next, long nextPosition) {
        list = next;
        highestDevice = Math.max(highestDevice, next.highestNumber());
        position = nextPosition;
    }
}
