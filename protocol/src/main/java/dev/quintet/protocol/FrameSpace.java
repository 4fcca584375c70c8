package dev.quintet.protocol;

import io.netty.buffer.ByteBuf;

/**
 * Where the bytes of frames go: a buffer of its own for each, as by {@code allocator::ioBuffer}, or one for several.
 *
 * <p><b>Memory:</b> who gives the space owns the buffer.
 */
@FunctionalInterface
public interface FrameSpace {
    /** A buffer in which {@code bytes} bytes can be written from its writer on: one frame with its length, at once. */
    ByteBuf take(int bytes);
}
