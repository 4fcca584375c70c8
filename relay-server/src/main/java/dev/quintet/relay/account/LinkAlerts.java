package dev.quintet.relay.account;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.LinkAlert;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;

/**
 * What an account's devices are told of those that were added, as long as these are in its list.
 *
 * <pre>
 *   0  alerts   1
 *   1  per alert: length 2, a serialized LinkAlert
 * </pre>
 *
 * @param all in the order in which the devices were added; one for each
 */
public record LinkAlerts(List<LinkAlert> all) {
    /** Nobody was added. */
    public static final LinkAlerts NONE = new LinkAlerts(List.of());

    /** Copies the list. */
    public LinkAlerts {
        all = List.copyOf(all);
    }

    /** What this device is to hear: of those that were added after itself. */
    public Stream<LinkAlert> newsFor(int device) {
        long joined = all.stream()
                .filter(alert -> alert.getDevice() == device)
                .mapToLong(LinkAlert::getListVersion)
                .findFirst()
                .orElse(0);
        return all.stream().filter(alert -> alert.getListVersion() > joined);
    }

    /** These and {@code added}, without those of devices that {@code next} does not have. */
    LinkAlerts and(LinkAlerts added, DeviceList next) {
        Stream<LinkAlert> kept = all.stream()
                .filter(alert -> added.all.stream().noneMatch(newer -> newer.getDevice() == alert.getDevice()));
        return new LinkAlerts(Stream.concat(kept, added.all.stream())
                .filter(alert -> next.device(alert.getDevice()) != null)
                .toList());
    }

    int bytes() {
        int bytes = Byte.BYTES;
        for (LinkAlert alert : all) {
            bytes += Short.BYTES + alert.getSerializedSize();
        }
        return bytes;
    }

    void writeTo(ByteBuffer row) {
        row.put((byte) all.size());
        for (LinkAlert alert : all) {
            byte[] bytes = alert.toByteArray();
            row.putShort((short) bytes.length).put(bytes);
        }
    }

    /** As drawn above. */
    public byte[] toBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(bytes());
        writeTo(bytes);
        return bytes.array();
    }

    static LinkAlerts readFrom(ByteBuffer row) {
        LinkAlert[] alerts = new LinkAlert[row.get()];
        for (int index = 0; index < alerts.length; index++) {
            byte[] bytes = new byte[row.getShort()];
            row.get(bytes);
            alerts[index] = parse(bytes);
        }
        return new LinkAlerts(List.of(alerts));
    }

    private static LinkAlert parse(byte[] bytes) {
        try {
            return LinkAlert.parseFrom(bytes);
        } catch (InvalidProtocolBufferException broken) {
            throw new IllegalStateException("a link alert on disk is not what was stored", broken);
        }
    }
}
