package dev.quintet.relay.account;

import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.relay.journal.LogOutReason;
import dev.quintet.relay.journal.LoggedOutEntry.LogOut;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * When each device of an account was last seen, and which of them are logged out.
 *
 * <p>A time never goes back, whatever the clock does. The newest one may be known here alone: the journal hears of it once
 * a day.
 *
 * <pre>
 *   0  devices            1
 *   1  per device: number 4, last seen 8, reason 1 (0: not logged out), logged out at 8, sealed 1
 * </pre>
 */
final class Attendance {
    private static final int DEVICE_BYTES = Integer.BYTES + 2 * Long.BYTES + 2;

    private final Map<Integer, Member> members = new TreeMap<>();

    private static final class Member {
        private long seenMillis;
        private long journaledMillis;
        private LogOut logOut;

        private void seen(long atMillis) {
            seenMillis = Math.max(seenMillis, atMillis);
        }

        private void journaled(long atMillis) {
            seen(atMillis);
            journaledMillis = Math.max(journaledMillis, atMillis);
        }
    }

    /** The primary has signed {@code list}: itself and whom it names anew, or again after a log-out, count as seen. */
    void replaceList(DeviceList list, long atMillis) {
        members.keySet().removeIf(number -> list.listed(number) == null);
        for (MemberDevice device : list.listed()) {
            Member member = members.computeIfAbsent(device.number(), number -> new Member());
            if (device.isPrimary() || member.journaledMillis == 0 || member.logOut != null) {
                member.journaled(atMillis);
                member.logOut = null;
            }
        }
    }

    /** The device is here. */
    void seen(int device, long atMillis) {
        members.get(device).seen(atMillis);
    }

    /** The journal knows that the device was here. */
    void journaled(int device, long atMillis) {
        Member member = members.get(device);
        if (member != null) {
            member.journaled(atMillis);
        }
    }

    long seenMillis(int device) {
        return members.get(device).seenMillis;
    }

    /** How much later the device was seen than the journal knows. */
    long notJournaledMillis(int device) {
        Member member = members.get(device);
        return member.seenMillis - member.journaledMillis;
    }

    void logOut(int device, LogOut logOut) {
        Member member = members.get(device);
        if (member != null) {
            member.logOut = logOut;
        }
    }

    /** How the device was logged out, or null if it was not. */
    LogOut logOut(int device) {
        Member member = members.get(device);
        return member == null ? null : member.logOut;
    }

    /** The devices that are logged out, by rising number. */
    List<Integer> loggedOut() {
        return members.entrySet().stream()
                .filter(member -> member.getValue().logOut != null)
                .map(Map.Entry::getKey)
                .toList();
    }

    // The row

    int bytes() {
        return 1 + members.size() * DEVICE_BYTES;
    }

    void writeTo(ByteBuffer row) {
        row.put((byte) members.size());
        members.forEach((number, member) -> {
            LogOut logOut = member.logOut;
            row.putInt(number).putLong(member.journaledMillis);
            row.put(logOut == null ? 0 : logOut.reason().number());
            row.putLong(logOut == null ? 0 : logOut.atMillis());
            row.put((byte) (logOut != null && logOut.isSealed() ? 1 : 0));
        });
    }

    static Attendance readFrom(ByteBuffer row) {
        Attendance attendance = new Attendance();
        int count = row.get();
        for (int index = 0; index < count; index++) {
            Member member = new Member();
            attendance.members.put(row.getInt(), member);
            member.journaled(row.getLong());
            LogOutReason reason = LogOutReason.of(row.get());
            LogOut logOut = new LogOut(reason, row.getLong(), row.get() != 0);
            member.logOut = reason == null ? null : logOut;
        }
        return attendance;
    }
}
