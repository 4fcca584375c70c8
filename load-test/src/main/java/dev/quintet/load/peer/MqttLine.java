package dev.quintet.load.peer;

import dev.quintet.load.drive.DriveDevice;
import dev.quintet.load.drive.DriveLine;
import dev.quintet.load.drive.LineListener;
import dev.quintet.load.drive.LineListener.Arrival;
import dev.quintet.load.drive.Parting;
import dev.quintet.load.drive.Payload;
import dev.quintet.load.drive.TurnWriter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPubAckMessage;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;

/**
 * A device's session with an MQTT broker: PUBACK from the broker is the answer, PUBACK to it the acknowledgement.
 *
 * <p><b>Thread:</b> the driver's event loop.
 */
final class MqttLine extends ChannelInboundHandlerAdapter implements DriveLine {
    private static final int PACKET_IDS = 65_535;
    private static final int SUBSCRIPTION = PACKET_IDS;

    private final DriveDevice device;
    private final LineListener listener;
    private final IntObjectMap<Long> tickets = new IntObjectHashMap<>();
    private ChannelHandlerContext context;
    private TurnWriter writer;
    private String reason;

    MqttLine(DriveDevice device, LineListener listener) {
        this.device = device;
        this.listener = listener;
    }

    private static String topic(int account) {
        return "account/" + account;
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        context = active;
        writer = new TurnWriter(active);
        context.writeAndFlush(
                MqttMessageBuilders.connect()
                        .clientId("device-" + device.index())
                        .protocolVersion(MqttVersion.MQTT_3_1_1)
                        .cleanSession(false)
                        .keepAlive(0)
                        .build(),
                context.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext reading, Object message) {
        try {
            handle((MqttMessage) message);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void handle(MqttMessage message) {
        if (message.decoderResult().isFailure()) {
            end("the server does not speak MQTT: "
                    + message.decoderResult().cause().getMessage());
            return;
        }
        MqttMessageType type = message.fixedHeader().messageType();
        if (type == MqttMessageType.PUBLISH) {
            deliver((MqttPublishMessage) message);
        } else if (type == MqttMessageType.PUBACK) {
            accepted(((MqttMessageIdVariableHeader) message.variableHeader()).messageId());
        } else if (type == MqttMessageType.CONNACK) {
            subscribe(((MqttConnAckMessage) message).variableHeader().connectReturnCode());
        } else if (type == MqttMessageType.SUBACK) {
            listener.opened(device, this);
        }
    }

    private void subscribe(MqttConnectReturnCode code) {
        if (code != MqttConnectReturnCode.CONNECTION_ACCEPTED) {
            end("the server refuses the connection: " + code);
            return;
        }
        context.writeAndFlush(
                MqttMessageBuilders.subscribe()
                        .messageId(SUBSCRIPTION)
                        .addSubscription(
                                MqttQoS.AT_LEAST_ONCE, topic(device.account().index()))
                        .build(),
                context.voidPromise());
    }

    private void deliver(MqttPublishMessage published) {
        ByteBuf payload = published.payload();
        listener.delivered(device, payload, payload.readerIndex(), payload.readableBytes(), 0, Arrival.FIRST);
        int packetId = published.variableHeader().packetId();
        writer.write(new MqttPubAckMessage(
                new MqttFixedHeader(MqttMessageType.PUBACK, false, MqttQoS.AT_MOST_ONCE, false, 2),
                MqttMessageIdVariableHeader.from(packetId)));
    }

    private void accepted(int packetId) {
        Long ticket = tickets.remove(packetId);
        if (ticket != null) {
            listener.accepted(device, ticket, 1);
        }
    }

    @Override
    public void submit(Parting parting) {
        int packetId = (int) (parting.ticket() % (PACKET_IDS - 1)) + 1;
        tickets.put(packetId, (Long) parting.ticket());
        ByteBuf payload = context.alloc().ioBuffer(parting.letter().bytes());
        Payload.write(payload, parting, Payload.ANY_DEVICE);
        writer.write(new MqttPublishMessage(
                new MqttFixedHeader(MqttMessageType.PUBLISH, false, MqttQoS.AT_LEAST_ONCE, false, 0),
                new MqttPublishVariableHeader(topic(parting.to().account().index()), packetId),
                payload));
    }

    @Override
    public void close() {
        end("closed");
    }

    private void end(String why) {
        reason = reason == null ? why : reason;
        context.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext caught, Throwable cause) {
        end("the connection broke: " + cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) {
        listener.closed(device, reason == null ? "the server closed the connection" : reason);
    }
}
