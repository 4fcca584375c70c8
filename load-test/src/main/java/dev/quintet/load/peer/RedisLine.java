package dev.quintet.load.peer;

import dev.quintet.load.drive.DriveDevice;
import dev.quintet.load.drive.DriveLine;
import dev.quintet.load.drive.LineListener;
import dev.quintet.load.drive.LineListener.Arrival;
import dev.quintet.load.drive.Parting;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.redis.ArrayRedisMessage;
import io.netty.handler.codec.redis.ErrorRedisMessage;
import io.netty.handler.codec.redis.FullBulkStringRedisMessage;
import io.netty.handler.codec.redis.RedisMessage;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A device's connection to Redis: reads its stream by a group of its own, waiting where there is nothing (XREADGROUP with
 * BLOCK), and acknowledges with the next read (XACK). What it submits goes over a {@link RedisDoor}.
 *
 * <p><b>Thread:</b> the driver's event loop.
 */
final class RedisLine extends ChannelInboundHandlerAdapter implements DriveLine {
    private static final String AT_MOST = "256";

    private final DriveDevice device;
    private final LineListener listener;
    private final String stream;
    private final String group;
    private ChannelHandlerContext context;
    private RedisDoor door;
    private boolean isOpen;
    private String reason;

    RedisLine(DriveDevice device, LineListener listener) {
        this.device = device;
        this.listener = listener;
        stream = RedisDoor.stream(device.account());
        group = "device-" + device.number();
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        context = active;
        send(RedisCommands.command(context.alloc(), "XGROUP", "CREATE", stream, group, "$", "MKSTREAM"));
    }

    @Override
    public void channelRead(ChannelHandlerContext reading, Object message) {
        try {
            if (message instanceof ErrorRedisMessage error) {
                end("the server said " + error.content());
            } else if (!isOpen) {
                isOpen = true;
                send(read(context.alloc().ioBuffer()));
                listener.opened(device, this);
            } else if (message instanceof ArrayRedisMessage streams && !streams.isNull()) {
                take(streams);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private ByteBuf read(ByteBuf buffer) {
        RedisCommands.append(
                buffer, "XREADGROUP", "GROUP", group, "it", "COUNT", AT_MOST, "BLOCK", "0", "STREAMS", stream, ">");
        return buffer;
    }

    /** The answer: of each stream its name and its entries, of each entry its id and its fields. */
    private void take(ArrayRedisMessage streams) {
        List<String> ids = new ArrayList<>();
        for (RedisMessage entry : children(children(streams.children().get(0)).get(1))) {
            List<RedisMessage> parts = children(entry);
            ids.add(bytes(parts.get(0)).toString(StandardCharsets.US_ASCII));
            ByteBuf payload = bytes(children(parts.get(1)).get(1));
            listener.delivered(device, payload, payload.readerIndex(), payload.readableBytes(), 0, Arrival.FIRST);
        }
        ByteBuf buffer = context.alloc().ioBuffer();
        RedisCommands.begin(buffer, 3 + ids.size());
        RedisCommands.word(buffer, "XACK");
        RedisCommands.word(buffer, stream);
        RedisCommands.word(buffer, group);
        ids.forEach(id -> RedisCommands.word(buffer, id));
        send(read(buffer));
    }

    private static List<RedisMessage> children(RedisMessage array) {
        return ((ArrayRedisMessage) array).children();
    }

    private static ByteBuf bytes(RedisMessage string) {
        return ((FullBulkStringRedisMessage) string).content();
    }

    private void send(ByteBuf commands) {
        context.writeAndFlush(commands, context.voidPromise());
    }

    @Override
    public void submit(Parting parting) {
        if (door == null) {
            door = new RedisDoor(device, listener, context.channel());
        }
        door.submit(parting);
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
        end("the connection broke, or the server is no Redis: " + cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) {
        if (door != null) {
            door.close();
        }
        listener.closed(device, reason == null ? "the server closed the connection" : reason);
    }
}
