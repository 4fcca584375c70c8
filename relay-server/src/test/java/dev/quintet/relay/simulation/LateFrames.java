package dev.quintet.relay.simulation;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.random.RandomGenerator;

/**
 * Keeps frames back for a while, in their order: as if somebody queued them once more. Longest of all the last ones of a
 * connection.
 */
final class LateFrames extends ChannelOutboundHandlerAdapter {
    private static final int TASKS = 40;
    private static final int LAST_TASKS = 1_000;

    private final RandomGenerator random;
    private final Queue<Kept> kept = new ArrayDeque<>();
    private boolean isEnding;

    private record Kept(Object message, ChannelPromise promise) {}

    LateFrames(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        kept.add(new Kept(message, promise));
        // Only who writes a last frame waits for it.
        isEnding |= !promise.isVoid();
        if (kept.size() == 1) {
            context.executor().execute(() -> releaseOrWait(context));
        }
    }

    private void releaseOrWait(ChannelHandlerContext context) {
        if (context.isRemoved()) {
            return;
        }
        if (random.nextInt(isEnding ? LAST_TASKS : TASKS) > 0) {
            context.executor().execute(() -> releaseOrWait(context));
            return;
        }
        while (!kept.isEmpty()) {
            Kept next = kept.remove();
            context.write(next.message, next.promise);
        }
        context.flush();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        kept.forEach(each -> ReferenceCountUtil.release(each.message));
        kept.clear();
    }
}
