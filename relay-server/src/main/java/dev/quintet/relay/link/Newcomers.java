package dev.quintet.relay.link;

import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.protocol.wire.LinkAlert;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.relay.account.LinkAlerts;
import java.util.List;
import java.util.Optional;

/**
 * The devices that a list adds to an account.
 *
 * @param version of the list
 * @param added the devices
 * @param asked who has an open link offer that the account's primary has claimed
 */
record Newcomers(long version, List<MemberDevice> added, List<Asking> asked) {
    static Newcomers of(DeviceList current, DeviceList next, List<Asking> asked) {
        List<MemberDevice> added = next.devices().stream()
                .filter(member -> current.device(member.number()) == null)
                .toList();
        return new Newcomers(next.version(), added, asked);
    }

    /** Whether some devices have asked for a place and another one gets it. */
    boolean isUnasked() {
        return !asked.isEmpty()
                && added.stream().anyMatch(member -> asking(member).isEmpty());
    }

    /** What the account's devices are to be told. */
    LinkAlerts alerts(long nowMillis) {
        return LinkAlerts.of(
                added.stream().map(member -> alert(member, nowMillis)).toList());
    }

    private LinkAlert alert(MemberDevice member, long nowMillis) {
        boolean isKnown = member.platform() != Platform.UNRECOGNIZED;
        LinkAlert.Builder alert = LinkAlert.newBuilder()
                .setDevice(member.number())
                .setPlatform(isKnown ? member.platform() : Platform.OTHER)
                .setAtMillis(nowMillis)
                .setListVersion(version);
        asking(member).ifPresent(asking -> alert.setName(asking.name()).setNetwork(asking.network()));
        return alert.build();
    }

    private Optional<Asking> asking(MemberDevice member) {
        return asked.stream()
                .filter(asking ->
                        asking.identityKey().equals(member.identityKey().toByteString()))
                .findFirst();
    }
}
