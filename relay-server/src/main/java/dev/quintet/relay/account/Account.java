package dev.quintet.relay.account;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.protocol.wire.SignedDeviceList;
import dev.quintet.relay.journal.LogOutReason;
import dev.quintet.relay.journal.LoggedOutEntry.LogOut;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * One account: its newest device list, and what must be known of devices that it had before.
 *
 * <p>As a row of the image:
 *
 * <pre>
 *   0  highest device number ever used   4
 *   4  removed devices
 *      attendance
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
    private final Attendance attendance;
    private LinkAlerts alerts;
    private long quietUntilMillis;

    /** An account with its first list, stored at {@code atMillis} by the entry at {@code position}. */
    public Account(DeviceList list, long position, long atMillis) {
        this(list, position, list.highestNumber(), new RemovedDevices(), new Attendance(), LinkAlerts.NONE);
        attendance.replaceList(list, atMillis);
    }

    private Account(
            DeviceList list,
            long position,
            int highestDevice,
            RemovedDevices removed,
            Attendance attendance,
            LinkAlerts alerts) {
        this.list = list.withLoggedOut(attendance.loggedOut());
        this.position = position;
        this.highestDevice = highestDevice;
        this.removed = removed;
        this.attendance = attendance;
        this.alerts = alerts;
    }

    /** The list that binds every submission; who is logged out is no longer among its devices. */
    public DeviceList list() {
        return list;
    }

    /** Position of the journal entry that made it what it is; negative if it was read from the image. */
    public long position() {
        return position;
    }

    /** No new device may have a number up to this one. */
    public int highestDevice() {
        return highestDevice;
    }

    /** The identity key of a device, also if it was removed not long ago; null if it was never there. */
    public Ed25519Key identityKey(int device) {
        MemberDevice member = list.listed(device);
        return member == null ? removed.key(device) : member.identityKey();
    }

    /** What its devices are to be told of those that were added. */
    public LinkAlerts alerts() {
        return alerts;
    }

    /**
     * Takes {@code next}, stored by the entry at {@code nextPosition}; the caller has checked that it is the successor.
     *
     * @param added of the devices that are new in it
     */
    public void replaceList(DeviceList next, long nextPosition, long atMillis, LinkAlerts added) {
        alerts = alerts.and(added, next);
        for (MemberDevice device : list.listed()) {
            if (next.listed(device.number()) == null) {
                removed.add(device, outReason(device.number()));
            }
        }
        attendance.replaceList(next, atMillis);
        list = next;
        position = nextPosition;
        highestDevice = Math.max(highestDevice, next.highestNumber());
        quietUntilMillis = 0;
    }

    // Who is here, and who was logged out

    /** The device, which is on the list, is here; answers by how much the journal does not know that yet. */
    public long seen(int device, long atMillis) {
        attendance.seen(device, atMillis);
        return attendance.notJournaledMillis(device);
    }

    /** The journal has an entry that says so. */
    void seenJournaled(int device, long atMillis) {
        attendance.journaled(device, atMillis);
    }

    /** When the device, which is on the list, was here last. */
    public long seenMillis(int device) {
        return attendance.seenMillis(device);
    }

    /** Leaves the devices out, as the entry at {@code nextPosition} says; or ends what was sealed. */
    public void logOut(List<Integer> devices, LogOut logOut, long nextPosition) {
        devices.forEach(device -> attendance.logOut(device, logOut));
        list = list.withLoggedOut(attendance.loggedOut());
        position = nextPosition;
        quietUntilMillis = 0;
    }

    /** Before this time nobody's absence has a consequence, whoever is seen meanwhile; 0 if that is not known. */
    public long quietUntilMillis() {
        return quietUntilMillis;
    }

    /** Who knows says it, until the list or who is logged out changes. */
    public void quietUntil(long atMillis) {
        quietUntilMillis = atMillis;
    }

    /** How a device of the list was logged out, or null if it was not. */
    public LogOut logOut(int device) {
        return attendance.logOut(device);
    }

    /** Why a device was logged out, also if it has been taken off the list since; null if it was not. */
    public LogOutReason outReason(int device) {
        LogOut logOut = attendance.logOut(device);
        return logOut == null ? removed.reason(device) : logOut.reason();
    }

    // The row

    static Account ofRow(byte[] bytes) {
        ByteBuffer row = ByteBuffer.wrap(bytes);
        int highest = row.getInt();
        RemovedDevices removed = RemovedDevices.readFrom(row);
        Attendance attendance = Attendance.readFrom(row);
        LinkAlerts alerts = LinkAlerts.readFrom(row);
        byte[] signedList = new byte[row.remaining()];
        row.get(signedList);
        return new Account(listOf(signedList), IN_IMAGE, highest, removed, attendance, alerts);
    }

    byte[] toRow() {
        byte[] signedList = list.withLoggedOut(List.of()).signed().toByteArray();
        ByteBuffer row = ByteBuffer.allocate(
                Integer.BYTES + removed.bytes() + attendance.bytes() + alerts.bytes() + signedList.length);
        row.putInt(highestDevice);
        removed.writeTo(row);
        attendance.writeTo(row);
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
