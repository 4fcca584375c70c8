package dev.quintet.load.drive;

import io.netty.channel.ChannelHandlerContext;

/**
 * Writes to a connection, and flushes all of it once, at the end of this turn of the event loop.
 *
 * <p><b>Thread:</b> the driver's event loop.
 */
public final class TurnWriter {
    private final ChannelHandlerContext context;
    private boolean isFlushDue;

    public TurnWriter(ChannelHandlerContext context) {
        this.context = context;
    }

    /** Takes the message over; a connection that is broken says so by its end. */
    public void write(Object message) {
        context.write(message, context.voidPromise());
        if (!isFlushDue) {
            isFlushDue = true;
            context.executor().execute(this::flush);
        }
    }

    private void flush() {
        isFlushDue = false;
        context.flush();
    }
}
