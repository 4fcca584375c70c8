package dev.quintet.relay.net;

import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.Backlog;
import dev.quintet.protocol.wire.BacklogDelivered;
import dev.quintet.protocol.wire.DeviceListChanged;
import dev.quintet.protocol.wire.Expiring;
import dev.quintet.protocol.wire.Gap;
import dev.quintet.protocol.wire.GapReason;
import dev.quintet.protocol.wire.Ping;
import dev.quintet.protocol.wire.Pong;
import dev.quintet.protocol.wire.ServerFrame;

/** The frames of a connection that are rare enough to be built from generated classes. */
final class Notices {
    private Notices() {}

    static ServerFrame.Builder backlog(long count, long bytes, long oldestAtMillis) {
        return ServerFrame.newBuilder()
                .setBacklog(Backlog.newBuilder().setCount(count).setBytes(bytes).setOldestAtMillis(oldestAtMillis));
    }

    static ServerFrame.Builder backlogDelivered() {
        return ServerFrame.newBuilder().setBacklogDelivered(BacklogDelivered.getDefaultInstance());
    }

    static ServerFrame.Builder gap(long sequence, long previous, long count, GapReason reason) {
        return ServerFrame.newBuilder()
                .setGap(Gap.newBuilder()
                        .setSequence(sequence)
                        .setPrevious(previous)
                        .setCount(count)
                        .setReason(reason));
    }

    static ServerFrame.Builder listChanged(DeviceList list) {
        return ServerFrame.newBuilder()
                .setDeviceListChanged(DeviceListChanged.newBuilder().setDeviceList(list.signed()));
    }

    static ServerFrame.Builder expiring(int companionDaysLeft) {
        return ServerFrame.newBuilder().setExpiring(Expiring.newBuilder().setCompanionDaysLeft(companionDaysLeft));
    }

    static ServerFrame.Builder ping(long token) {
        return ServerFrame.newBuilder().setPing(Ping.newBuilder().setToken(token));
    }

    static ServerFrame.Builder pong(long requestId, Ping asked) {
        return ServerFrame.newBuilder()
                .setRequestId(requestId)
                .setPong(Pong.newBuilder().setToken(asked.getToken()));
    }
}
