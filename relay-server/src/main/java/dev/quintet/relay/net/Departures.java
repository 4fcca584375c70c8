package dev.quintet.relay.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * When frames leave: what was written in one turn of the event loop leaves at its end, one write to each socket; what can
 * wait goes along with that, or a while later by itself.
 *
 * <p><b>Thread:</b> the event loop, all methods. <b>Memory:</b> two lists, as long as most sockets that ever had something.
 */
public final class Departures {
    private final Executor turnEnd;
    private final Executor later;
    private final ByteBufAllocator buffers;
    private final List<FrameWriter> due = new ArrayList<>();
    private final List<FrameWriter> waiting = new ArrayList<>();

    /**
     * The departures of one event loop.
     *
     * @param turnEnd runs on the loop when this turn's work is done
     * @param later runs on the loop after a while
     * @param buffers makes what frames are written into
     */
    public Departures(Executor turnEnd, Executor later, ByteBufAllocator buffers) {
        this.turnEnd = turnEnd;
        this.later = later;
        this.buffers = buffers;
    }

    ByteBuf buffer(int bytes) {
        return buffers.ioBuffer(bytes);
    }

    void soon(FrameWriter writer) {
        if (due.isEmpty()) {
            turnEnd.execute(this::departDue);
        }
        due.add(writer);
    }

    void later(FrameWriter writer) {
        if (waiting.isEmpty()) {
            later.execute(this::departWaiting);
        }
        waiting.add(writer);
    }

    /** Room in a socket may bring forth more to send, which then leaves in the same turn. */
    private void departDue() {
        for (int index = 0; index < due.size(); index++) {
            due.get(index).depart();
        }
        due.clear();
    }

    private void departWaiting() {
        for (int index = 0; index < waiting.size(); index++) {
            waiting.get(index).departAlone();
        }
        waiting.clear();
    }
}
