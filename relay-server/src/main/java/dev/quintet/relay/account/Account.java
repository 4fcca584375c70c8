package dev.quintet.relay.account;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.protocol.wire.SignedDeviceList;
import java.nio.ByteBuffer;

/**
 * One account: its newest device list, and what must be known of devices that it had before.
 *
 * <p>As a row of the image:
 *
 * <pre>
 *   0  highest device number ever used   4
 *   4  removed devices
 *      alerts of the devices that were added, see {@link LinkAlerts}
 *      signed list, a serialized SignedDeviceList
 * </pre>
 *
 * <p><b>Thread:</b> the account's home loop; while it is folded, the fold thread.
 */
public final class Account {
    private static final long IN_IMAGE = -1;

    private DeviceList list;
    private long position;
    private int highestDevice;
    private final RemovedDevices removed;
    private LinkAlerts alerts;

    /** An account with its first list, whose entry is at {@code position}. */
    public Account(DeviceList list, long position) {
        this(list, position, list.highestNumber(), new RemovedDevices(), LinkAlerts.NONE);
    }

    private Account(DeviceList list, long position, int highestDevice, RemovedDevices removed, LinkAlerts alerts) {
        this.list = list;
        this.position = position;
        this.highestDevice = highestDevice;
        this.removed = removed;
        this.alerts = alerts;
    }

    /** The list that binds every submission. */
    public DeviceList list() {
        return list;
    }

    /** Position of the list's journal entry; negative if it was read from the image. */
    public long position() {
        return position;
    }

    /** No new device may have a number up to this one. */
    public int highestDevice() {
        return highestDevice;
    }

    /** The identity key of a device, also if it was removed not long ago; null if it was never there. */
    public Ed25519Key identityKey(int device) {
        MemberDevice member = list.device(device);
        return member == null ? removed.key(device) : member.identityKey();
    }

    /** What its devices are to be told of those that were added. */
    public LinkAlerts alerts() {
        return alerts;
    }

    /**
     * Takes {@code next}, whose entry is at {@code nextPosition}; the caller has checked that it is the successor.
     *
     * @param added of the devices that are new in it
     */
    public void replaceList(DeviceList next, long nextPosition, LinkAlerts added) {
        alerts = alerts.and(added, next);
        removed.add(list, next);
        list = next;
        position = nextPosition;
        highestDevice = Math.max(highestDevice, next.highestNumber());
    }

    static Account ofRow(byte[] bytes) {
        ByteBuffer row = ByteBuffer.wrap(bytes);
        int highest = row.getInt();
        RemovedDevices removed = RemovedDevices.readFrom(row);
        LinkAlerts alerts = LinkAlerts.readFrom(row);
        byte[] signedList = new byte[row.remaining()];
        row.get(signedList);
        return new Account(listOf(signedList), IN_IMAGE, highest, removed, alerts);
    }

    byte[] toRow() {
        byte[] signedList = list.signed().toByteArray();
        ByteBuffer row = ByteBuffer.allocate(Integer.BYTES + removed.bytes() + alerts.bytes() + signedList.length);
        row.putInt(highestDevice);
        removed.writeTo(row);
        alerts.writeTo(row);
        return row.put(signedList).array();
    }

    static DeviceList listOf(byte[] signedList) {
        try {
            return DeviceList.parseKnown(SignedDeviceList.parseFrom(signedList));
        } catch (InvalidProtocolBufferException broken) {
            throw new IllegalStateException("a device list on disk is not what was stored", broken);
        }
    }
}
