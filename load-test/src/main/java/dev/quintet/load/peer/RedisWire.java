package dev.quintet.load.peer;

import dev.quintet.load.drive.DriveDevice;
import dev.quintet.load.drive.LineListener;
import dev.quintet.load.drive.Wire;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.redis.RedisArrayAggregator;
import io.netty.handler.codec.redis.RedisBulkStringAggregator;
import io.netty.handler.codec.redis.RedisDecoder;
import io.netty.handler.codec.redis.RedisEncoder;

/** Redis streams: one stream for each account, a consumer group of its own for each device. */
public final class RedisWire implements Wire {
    private static final int MOST_ENTRIES = 1024;
    private static final int MOST_LEVELS = 8;

    @Override
    public void connect(ChannelPipeline pipeline, DriveDevice device, LineListener listener) {
        addCodec(pipeline);
        pipeline.addLast(new RedisLine(device, listener));
    }

    /** What turns bytes into whole answers, and commands into bytes. */
    static void addCodec(ChannelPipeline pipeline) {
        pipeline.addLast(
                new RedisDecoder(),
                new RedisBulkStringAggregator(),
                new RedisArrayAggregator(MOST_ENTRIES, MOST_LEVELS),
                new RedisEncoder());
    }

    @Override
    public boolean isPrimaryFirst() {
        return false;
    }
}
