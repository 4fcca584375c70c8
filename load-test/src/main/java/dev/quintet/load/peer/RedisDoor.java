package dev.quintet.load.peer;

import dev.quintet.load.drive.DriveAccount;
import dev.quintet.load.drive.DriveDevice;
import dev.quintet.load.drive.LineListener;
import dev.quintet.load.drive.Parting;
import dev.quintet.load.drive.Payload;
import dev.quintet.load.drive.TurnWriter;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.redis.ErrorRedisMessage;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A second connection of a device to Redis, for what it submits (XADD): on the first one, a read may be waiting. Answers
 * come in the order of the commands.
 *
 * <p><b>Thread:</b> the driver's event loop.
 */
final class RedisDoor extends ChannelInboundHandlerAdapter {
    /** Entries that a stream keeps, about: more than can be on their way. */
    private static final String KEPT = "1000";

    private final DriveDevice device;
    private final LineListener listener;
    private final Deque<Long> tickets = new ArrayDeque<>();
    private final Deque<Parting> early = new ArrayDeque<>();
    private ChannelHandlerContext context;
    private TurnWriter writer;

    /** Connects to where {@code line} is connected. */
    RedisDoor(DriveDevice device, LineListener listener, Channel line) {
        this.device = device;
        this.listener = listener;
        new Bootstrap()
                .group(line.eventLoop())
                .channel(line.getClass())
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        RedisWire.addCodec(channel.pipeline());
                        channel.pipeline().addLast(RedisDoor.this);
                    }
                })
                .connect(line.remoteAddress())
                .addListener(connected -> {
                    if (!connected.isSuccess()) {
                        line.close();
                    }
                });
    }

    static String stream(DriveAccount account) {
        return "account:" + account.index();
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        context = active;
        writer = new TurnWriter(active);
        while (!early.isEmpty()) {
            submit(early.remove());
        }
    }

    void submit(Parting parting) {
        if (context == null) {
            early.add(parting);
            return;
        }
        int bytes = parting.letter().bytes();
        ByteBuf command = context.alloc().ioBuffer(bytes + 128);
        RedisCommands.begin(command, 8);
        for (String word : new String[] {"XADD", stream(parting.to().account()), "MAXLEN", "~", KEPT, "*", "p"}) {
            RedisCommands.word(command, word);
        }
        RedisCommands.beginWord(command, bytes);
        Payload.write(command, parting, Payload.ANY_DEVICE);
        RedisCommands.endWord(command);
        tickets.add(parting.ticket());
        writer.write(command);
    }

    @Override
    public void channelRead(ChannelHandlerContext reading, Object message) {
        try {
            Long ticket = tickets.remove();
            if (message instanceof ErrorRedisMessage error) {
                listener.refused(device, ticket, error.content());
            } else {
                listener.accepted(device, ticket, 1);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext caught, Throwable cause) {
        caught.close();
    }

    void close() {
        if (context != null) {
            context.close();
        }
    }
}
