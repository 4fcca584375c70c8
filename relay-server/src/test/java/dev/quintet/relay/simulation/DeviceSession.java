package dev.quintet.relay.simulation;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.Pong;
import dev.quintet.protocol.wire.ServerFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** A device's end of one connection: frames out, and what comes in, in the order that the protocol allows. */
final class DeviceSession {
    private static final long NEVER = Long.MAX_VALUE;

    /** How far it has come. */
    private enum State {
        OPENING,
        PROVING,
        WELCOMED,
        LIVE,
        OVER
    }

    private final SimulatedDevice device;
    private final Wire wire;
    private final ByteBuf incoming = Unpooled.buffer(256);
    private final Map<Long, Consumer<ServerFrame>> requests = new HashMap<>();
    private State state = State.OPENING;
    private boolean isBacklogDelivered;
    private long lastRequestId;
    private long provedStamp;
    private long replacedStamp = NEVER;
    private long acknowledgedBefore;
    private long last;
    private long lastAcknowledge;

    DeviceSession(SimulatedDevice device, Wire wire) {
        this.device = device;
        this.wire = wire;
        wire.whenWritten(device::written);
    }

    Wire wire() {
        return wire;
    }

    boolean isLive() {
        return state == State.LIVE;
    }

    boolean isBacklogDelivered() {
        return isBacklogDelivered;
    }

    /** When it began to log in. */
    long provedStamp() {
        return provedStamp;
    }

    /** A newer connection of the same device was welcomed. */
    void replaced(long stamp) {
        replacedStamp = Math.min(replacedStamp, stamp);
    }

    boolean isReplaced() {
        return replacedStamp < NEVER;
    }

    /** What is sent after this does not come here any more. */
    long replacedStamp() {
        return replacedStamp;
    }

    /** Nothing up to this sequence comes here. */
    long acknowledgedBefore() {
        return acknowledgedBefore;
    }

    /** The newest sequence that has come here, 0 if none. */
    long last() {
        return last;
    }

    void took(long sequence) {
        last = sequence;
    }

    // Out

    /** Begins to log in with {@code frame}. */
    void prove(ClientFrame.Builder frame, long stamp, long acknowledged, Consumer<ServerFrame> answer) {
        state = State.PROVING;
        provedStamp = stamp;
        acknowledgedBefore = acknowledged;
        send(frame, answer);
    }

    /** Sends a request; its answer goes to {@code answer}, unless it never comes. */
    void send(ClientFrame.Builder frame, Consumer<ServerFrame> answer) {
        lastRequestId++;
        requests.put(lastRequestId, answer);
        write(frame.setRequestId(lastRequestId).build());
    }

    /** Acknowledges; the answer may be that to a later one. */
    void acknowledge(long sequence) {
        lastAcknowledge = Math.max(lastAcknowledge, sequence);
        var frame = ClientFrame.newBuilder();
        frame.getAcknowledgeBuilder().setSequence(sequence);
        send(frame, refusal -> {
            if (!SimulatedDevice.isTemporary(refusal.getError().getCode())) {
                throw new Violation(Promise.BOUNDED, device + " acknowledged " + sequence + " and got " + refusal);
            }
        });
    }

    private void write(ClientFrame frame) {
        int bytes = frame.getSerializedSize();
        ByteBuf out = wire.toRelay();
        for (int left = bytes; ; left >>>= 7) {
            out.writeByte(left < 0x80 ? left : left & 0x7f | 0x80);
            if (left < 0x80) {
                break;
            }
        }
        out.writeBytes(frame.toByteArray());
    }

    /** Hangs up. {@code isSilent}: the relay is not told, and nothing more gets to it. */
    void leave(boolean isSilent) {
        state = State.OVER;
        if (isSilent) {
            wire.toRelay().clear();
        } else {
            wire.deviceLeaves();
        }
        device.over(this);
    }

    // In

    /** Takes up to {@code most} bytes from the wire. */
    void receive(int most) {
        wire.take(incoming, most);
        while (state != State.OVER && readFrame()) {
            // until no whole frame is left
        }
        if (state != State.OVER && wire.isRelayGone() && !wire.toDevice().isReadable()) {
            state = State.OVER;
            device.over(this);
        }
    }

    private boolean readFrame() {
        int start = incoming.readerIndex();
        int length = 0;
        for (int shift = 0; incoming.isReadable(); shift += 7) {
            int group = incoming.readByte();
            length |= (group & 0x7f) << shift;
            if (group >= 0) {
                if (incoming.readableBytes() < length) {
                    break;
                }
                handle(parse(incoming.readSlice(length)));
                incoming.discardSomeReadBytes();
                return true;
            }
        }
        incoming.readerIndex(start);
        return false;
    }

    private static ServerFrame parse(ByteBuf frame) {
        try {
            return ServerFrame.parseFrom(ByteBufUtil.getBytes(frame));
        } catch (InvalidProtocolBufferException broken) {
            throw new Violation(Promise.BOUNDED, "the relay sent something that is no frame", broken);
        }
    }

    private void handle(ServerFrame frame) {
        switch (frame.getBodyCase()) {
            case CHALLENGE -> device.challenged(this, frame.getChallenge());
            case WELCOME -> welcome();
            case BACKLOG -> {
                expect(state == State.WELCOMED, frame);
                state = State.LIVE;
            }
            case BACKLOG_DELIVERED -> {
                expect(state == State.LIVE && !isBacklogDelivered, frame);
                isBacklogDelivered = true;
            }
            case DELIVER -> {
                expect(state == State.LIVE, frame);
                device.delivered(this, frame.getDeliver());
            }
            case GAP -> {
                expect(state == State.LIVE, frame);
                device.missed(this, frame.getGap());
            }
            case ACKNOWLEDGED -> acknowledged(frame.getAcknowledged().getSequence());
            case DEVICE_LIST_CHANGED ->
                device.listChanged(frame.getDeviceListChanged().getDeviceList());
            case KEYS_EXHAUSTED -> expect(state == State.LIVE || state == State.WELCOMED, frame);
            case LINK_ALERT -> device.alerted(frame.getLinkAlert());
            case PING ->
                write(ClientFrame.newBuilder()
                        .setPong(Pong.newBuilder().setToken(frame.getPing().getToken()))
                        .build());
            default -> answered(frame);
        }
    }

    private void expect(boolean isExpected, ServerFrame frame) {
        if (!isExpected) {
            throw new Violation(Promise.BOUNDED, device + " got in state " + state + ": " + frame);
        }
    }

    private void welcome() {
        expect(state == State.PROVING, null);
        state = State.WELCOMED;
        device.welcomed(this);
    }

    private void acknowledged(long sequence) {
        if (sequence > lastAcknowledge) {
            throw new Violation(
                    Promise.ACKNOWLEDGED_IS_GONE,
                    device + " acknowledged " + lastAcknowledge + " and is told that " + sequence + " is gone");
        }
        device.inbox().acknowledged(sequence);
        acknowledgedBefore = Math.max(acknowledgedBefore, sequence);
    }

    private void answered(ServerFrame frame) {
        if (frame.hasError() && frame.getError().getClosing()) {
            device.refused(this, frame.getError());
            return;
        }
        if (frame.getRequestId() == 0
                && SimulatedDevice.isTemporary(frame.getError().getCode())) {
            // A pong was too much, and is not missed.
            return;
        }
        Consumer<ServerFrame> answer = requests.remove(frame.getRequestId());
        expect(answer != null, frame);
        answer.accept(frame);
    }
}
