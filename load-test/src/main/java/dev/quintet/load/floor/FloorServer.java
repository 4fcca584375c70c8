package dev.quintet.load.floor;

import dev.quintet.protocol.FrameDecoder;
import dev.quintet.relay.net.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A floor as a process of its own: prints where it listens, then {@code ready}, and runs until it is killed.
 *
 * <p>It moves bytes as the relay does, with the same settings.
 */
@Command(name = "floor", description = "The least that a server can do.", mixinStandardHelpOptions = true)
public final class FloorServer implements Callable<Integer> {
    private static final int WAITING_CONNECTS = 4096;
    private static final int LARGEST_FRAME_BYTES = 1 << 20;

    @Option(names = "--level", required = true, description = "forward, log or acknowledge.")
    private FloorLevel level;

    @Option(names = "--transport", defaultValue = "EPOLL", description = "io-uring, epoll or nio.")
    private Transport transport;

    @Option(names = "--data", required = true, description = "Folder for the log.")
    private Path data;

    @Option(names = "--port", defaultValue = "0", description = "0: a free one.")
    private int port;

    /** Runs a floor. */
    public static void main(String[] arguments) {
        CommandLine command = new CommandLine(new FloorServer()).setCaseInsensitiveEnumValuesAllowed(true);
        System.exit(command.execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        MultiThreadIoEventLoopGroup loops =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("quintet-floor"), transport.handlers());
        EventLoop loop = loops.next();
        FloorDevices devices = new FloorDevices();
        FloorLog log =
                level == FloorLevel.FORWARD ? null : FloorLog.open(data.resolve("floor.log"), loop, devices::flush);
        Channel listener = new ServerBootstrap()
                .group(loops)
                .channel(transport.listener())
                .option(ChannelOption.SO_BACKLOG, WAITING_CONNECTS)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel accepted) {
                        accepted.pipeline()
                                .addLast(
                                        new FrameDecoder(LARGEST_FRAME_BYTES),
                                        new FloorConnection(level, devices, log));
                    }
                })
                .bind("127.0.0.1", port)
                .syncUninterruptibly()
                .channel();
        System.out.println("floor        127.0.0.1:" + ((InetSocketAddress) listener.localAddress()).getPort());
        System.out.println("ready");
        listener.closeFuture().awaitUninterruptibly();
        return 0;
    }
}
