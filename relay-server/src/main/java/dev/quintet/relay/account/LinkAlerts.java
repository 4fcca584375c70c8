package dev.quintet.relay.account;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.LinkAlert;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;

/**
 * What an account's devices are told of those that were added, as long as these are in its list: one alert for each, in
 * the order in which they were added.
 *
 * <pre>
 *   0  alerts   1
 *   1  per alert: length 2, a serialized LinkAlert
 * </pre>
 *
 * <p><b>Thread:</b> any; immutable. <b>Memory:</b> these bytes; they are parsed when somebody is told.
 */
public final class LinkAlerts {
    /** Nobody was added. */
    public static final LinkAlerts NONE = new LinkAlerts(new byte[Byte.BYTES]);

    private final byte[] bytes;

    private LinkAlerts(byte[] bytes) {
        this.bytes = bytes;
    }

    /** These alerts, in the order in which the devices were added. */
    public static LinkAlerts of(List<LinkAlert> all) {
        int size = Byte.BYTES;
        for (LinkAlert alert : all) {
            size += Short.BYTES + alert.getSerializedSize();
        }
        ByteBuffer bytes = ByteBuffer.allocate(size).put((byte) all.size());
        for (LinkAlert alert : all) {
            bytes.putShort((short) alert.getSerializedSize()).put(alert.toByteArray());
        }
        return new LinkAlerts(bytes.array());
    }

    private List<LinkAlert> all() {
        ByteBuffer row = ByteBuffer.wrap(bytes);
        LinkAlert[] alerts = new LinkAlert[row.get()];
        for (int index = 0; index < alerts.length; index++) {
            byte[] alert = new byte[row.getShort()];
            row.get(alert);
            alerts[index] = parse(alert);
        }
        return List.of(alerts);
    }

    /** What this device is to hear: of those that were added after itself. */
    public Stream<LinkAlert> newsFor(int device) {
        List<LinkAlert> all = all();
        long joined = all.stream()
                .filter(alert -> alert.getDevice() == device)
                .mapToLong(LinkAlert::getListVersion)
                .findFirst()
                .orElse(0);
        return all.stream().filter(alert -> alert.getListVersion() > joined);
    }

    /** These and {@code added}, without those of devices that {@code next} does not have. */
    LinkAlerts and(LinkAlerts added, DeviceList next) {
        List<LinkAlert> more = added.all();
        Stream<LinkAlert> kept = all().stream()
                .filter(alert -> more.stream().noneMatch(newer -> newer.getDevice() == alert.getDevice()));
        return of(Stream.concat(kept, more.stream())
                .filter(alert -> next.device(alert.getDevice()) != null)
                .toList());
    }

    int bytes() {
        return bytes.length;
    }

    void writeTo(ByteBuffer row) {
        row.put(bytes);
    }

    /** As drawn above. */
    public byte[] toBytes() {
        return bytes.clone();
    }

    /** Takes as much of {@code row} as belongs to the alerts. */
    static LinkAlerts readFrom(ByteBuffer row) {
        int start = row.position();
        int count = row.get();
        for (int index = 0; index < count; index++) {
            int length = row.getShort();
            row.position(row.position() + length);
        }
        byte[] bytes = new byte[row.position() - start];
        row.get(start, bytes);
        return count == 0 ? NONE : new LinkAlerts(bytes);
    }

    private static LinkAlert parse(byte[] bytes) {
        try {
            return LinkAlert.parseFrom(bytes);
        } catch (InvalidProtocolBufferException broken) {
            throw new IllegalStateException("a link alert on disk is not what was stored", broken);
        }
    }
}
