package dev.quintet.relay.net;

import dev.quintet.protocol.FrameDecoder;

/**
 * What one connection is late with: a frame that does not end, silence, not reading, not acknowledging.
 *
 * <p>Time is in ticks of the {@link Watch}.
 *
 * <p><b>Thread:</b> the connection's loop, all methods.
 */
final class Deadlines {
    /** Who reads less than this in the time allowed might as well read nothing. */
    private static final int PROGRESS_BYTES = 4096;

    private final ConnectionLimits.Timeouts timeouts;
    private final FrameDecoder decoder;
    private final FrameWriter writer;
    private int heardTick;
    private int frameTick;
    private long frameCount;
    private int stalledSinceTick;
    private long sentBytes;
    private boolean isAwaitingAcknowledgement;
    private int acknowledgedTick;

    /** Everything is in time at {@code tick}. */
    Deadlines(ConnectionLimits.Timeouts timeouts, FrameDecoder decoder, FrameWriter writer, int tick) {
        this.timeouts = timeouts;
        this.decoder = decoder;
        this.writer = writer;
        heardTick = tick;
        frameTick = tick;
        stalledSinceTick = tick;
    }

    /** A frame has come. */
    void heard(int tick) {
        heardTick = tick;
    }

    /** Something was sent that the device has to acknowledge. */
    void handedOut(int tick) {
        if (!isAwaitingAcknowledgement) {
            isAwaitingAcknowledgement = true;
            acknowledgedTick = tick;
        }
    }

    /** The device has acknowledged something; whether there is more that it has not, {@link #awaits} says. */
    void acknowledged(int tick) {
        acknowledgedTick = tick;
    }

    /** Whether something that was sent is not acknowledged. */
    void awaits(boolean isAwaited) {
        isAwaitingAcknowledgement = isAwaited;
    }

    /** Looks at all deadlines; answers why the connection has to end, or null. */
    CloseReason look(int tick) {
        if (!isReading()) {
            heardTick = tick;
        }
        boolean isFrameLate = isFrameLate(tick);
        boolean isStalled = isStalled(tick);
        if (silence(tick) > 3 * timeouts.pingSeconds()) {
            return CloseReason.SILENT;
        }
        if (isFrameLate) {
            return CloseReason.UNFINISHED_FRAME;
        }
        return isStalled || isAcknowledgementLate(tick) ? CloseReason.TOO_SLOW : null;
    }

    /** Whether the device should be asked if it is still there. */
    boolean isPingDue(int tick) {
        int silence = silence(tick);
        return silence > 0
                && silence % timeouts.pingSeconds() == 0
                && writer.channel().isWritable();
    }

    private int silence(int tick) {
        return tick - heardTick;
    }

    private boolean isFrameLate(int tick) {
        if (!decoder.isMidFrame() || decoder.frames() != frameCount || !isReading()) {
            frameTick = tick;
            frameCount = decoder.frames();
        }
        return tick - frameTick > timeouts.frameSeconds();
    }

    /** What nobody reads cannot be late. */
    private boolean isReading() {
        return writer.channel().config().isAutoRead();
    }

    private boolean isStalled(int tick) {
        long sent = writer.sentBytes();
        if (writer.channel().isWritable() || sent - sentBytes >= PROGRESS_BYTES) {
            stalledSinceTick = tick;
            sentBytes = sent;
        }
        return tick - stalledSinceTick > timeouts.stallSeconds();
    }

    private boolean isAcknowledgementLate(int tick) {
        return isAwaitingAcknowledgement && tick - acknowledgedTick > timeouts.windowSeconds();
    }
}
