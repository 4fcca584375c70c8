package dev.quintet.load.drive;

import dev.quintet.client.DeviceKeys;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;

/**
 * A device of the load: its place, its keys if it has any, how far its mailbox has come, and what it got from whom.
 *
 * <p><b>Thread:</b> the driver's event loop.
 * <b>Memory:</b> about 300 bytes, and 50 for each device that ever sent to it.
 */
public final class DriveDevice {
    private final DriveAccount account;
    private final int number;
    private final int index;
    private final LongObjectMap<Route> routes = new LongObjectHashMap<>(4);
    private DeviceKeys keys;
    private long newestSequence;
    private long confirmedSequence;
    private DriveLine line;
    private boolean isWanted;
    private boolean isOnItsWay;
    private DriveSender sender;

    DriveDevice(DriveAccount account, int number, int index) {
        this.account = account;
        this.number = number;
        this.index = index;
    }

    public DriveAccount account() {
        return account;
    }

    /** From 1, in its account. */
    public int number() {
        return number;
    }

    /** From 0, among all devices of the load. */
    public int index() {
        return index;
    }

    /** What came from this sender of what it submits to this audience. */
    Route route(int sender, Audience to) {
        long key = (long) to.index() << Integer.SIZE | sender;
        Route route = routes.get(key);
        if (route == null) {
            route = new Route();
            routes.put(key, route);
        }
        return route;
    }

    /** Null until it is registered, and for servers that know no keys. */
    DeviceKeys keys() {
        return keys;
    }

    void keys(DeviceKeys made) {
        keys = made;
    }

    /** The highest sequence that has come. */
    long newestSequence() {
        return newestSequence;
    }

    void newestSequence(long sequence) {
        newestSequence = sequence;
    }

    /** The highest sequence whose acknowledgement the relay has confirmed. */
    long confirmedSequence() {
        return confirmedSequence;
    }

    void confirmedSequence(long sequence) {
        confirmedSequence = Math.max(confirmedSequence, sequence);
    }

    /** Its connection; null if it is not ready. */
    DriveLine line() {
        return line;
    }

    void line(DriveLine opened) {
        line = opened;
    }

    /** Whether it is ready to send and receive. */
    public boolean isConnected() {
        return line != null;
    }

    /** Whether it is to be connected. */
    boolean isWanted() {
        return isWanted;
    }

    void wanted(boolean wanted) {
        isWanted = wanted;
    }

    /** Whether it waits to be connected, or is being connected. */
    boolean isOnItsWay() {
        return isOnItsWay;
    }

    void onItsWay(boolean onItsWay) {
        isOnItsWay = onItsWay;
    }

    /** What sends for it; null if it never sends. */
    DriveSender sender() {
        return sender;
    }

    void sender(DriveSender made) {
        sender = made;
    }

    @Override
    public String toString() {
        return account + " device " + number;
    }
}
