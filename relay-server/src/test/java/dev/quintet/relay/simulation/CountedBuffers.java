package dev.quintet.relay.simulation;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** Makes the buffers of a simulated process's sockets, and knows which of them are still in use. */
final class CountedBuffers extends AbstractByteBufAllocator {
    private final Set<ByteBuf> inUse = Collections.newSetFromMap(new IdentityHashMap<>());

    /** How many buffers nobody has released yet. */
    int count() {
        return inUse.size();
    }

    /** What the end of a process does with its memory. */
    void releaseAll() {
        List.copyOf(inUse).forEach(buffer -> buffer.release(buffer.refCnt()));
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        ByteBuf buffer = new CountedBuffer(initialCapacity, maxCapacity);
        inUse.add(buffer);
        return buffer;
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        return newHeapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }

    private final class CountedBuffer extends UnpooledHeapByteBuf {
        CountedBuffer(int initialCapacity, int maxCapacity) {
            super(CountedBuffers.this, initialCapacity, maxCapacity);
        }

        @Override
        protected void deallocate() {
            super.deallocate();
            inUse.remove(this);
        }
    }
}
