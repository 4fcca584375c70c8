package dev.quintet.relay.net;

import dev.quintet.relay.account.Home;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.List;

/**
 * Moves channels between the event loops of one group.
 *
 * <p>Reading is off from before the channel leaves its loop until after it has arrived: with it left on, io_uring
 * channels hang after the move.
 */
public final class LoopMover implements Mover {
    private final List<EventLoop> loops;

    /** Moves to {@code loops}, by index of the home. */
    public LoopMover(List<EventLoop> loops) {
        this.loops = List.copyOf(loops);
    }

    @Override
    public void move(Channel channel, Home home, Runnable then) {
        EventLoop target = loops.get(home.index());
        if (channel.eventLoop() == target) {
            then.run();
            return;
        }
        channel.config().setAutoRead(false);
        channel.deregister().addListener(left -> {
            if (left.isSuccess()) {
                register(channel, target, then);
            } else {
                channel.close();
            }
        });
    }

    private static void register(Channel channel, EventLoop target, Runnable then) {
        target.register(channel).addListener(arrived -> {
            if (arrived.isSuccess()) {
                channel.config().setAutoRead(true);
                then.run();
            } else {
                channel.unsafe().closeForcibly();
            }
        });
    }
}
