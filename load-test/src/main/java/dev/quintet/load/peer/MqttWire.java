package dev.quintet.load.peer;

import dev.quintet.load.drive.DriveDevice;
import dev.quintet.load.drive.LineListener;
import dev.quintet.load.drive.Wire;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;

/** MQTT 3.1.1: one topic for each account, a persistent session for each device, QoS 1 both ways. */
public final class MqttWire implements Wire {
    private static final int LARGEST_MESSAGE_BYTES = 1 << 20;

    @Override
    public void connect(ChannelPipeline pipeline, DriveDevice device, LineListener listener) {
        pipeline.addLast(new MqttDecoder(LARGEST_MESSAGE_BYTES), MqttEncoder.INSTANCE, new MqttLine(device, listener));
    }

    @Override
    public boolean isPrimaryFirst() {
        return false;
    }
}
