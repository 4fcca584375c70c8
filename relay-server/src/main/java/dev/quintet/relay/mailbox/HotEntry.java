package dev.quintet.relay.mailbox;

import dev.quintet.protocol.EnvelopeHeader;
import io.netty.buffer.ByteBuf;

/**
 * The bytes of one submission entry while they are in memory.
 *
 * <p><b>Memory:</b> owns one reference to its buffer, given up when the tier evicts it or the last mailbox lets go. In the
 * second case the tier uses the object again.
 */
public final class HotEntry {
    private long position;
    private EnvelopeHeader header;
    private ByteBuf bytes;
    private int holders;

    /** The newcomers that came just before and just after it. */
    private HotEntry before;

    private HotEntry after;
    private boolean isNewcomer;

    /** It holds this from now on. */
    void begin(long newPosition, EnvelopeHeader newHeader, ByteBuf newBytes, int newHolders) {
        position = newPosition;
        header = newHeader;
        bytes = newBytes;
        holders = newHolders;
        isNewcomer = true;
    }

    long position() {
        return position;
    }

    /** What the devices are told beside the ciphertext. */
    EnvelopeHeader header() {
        return header;
    }

    /** The entry, or null once it has been evicted. */
    ByteBuf bytes() {
        return bytes;
    }

    /** One mailbox less refers to it; true if that was the last. */
    boolean letGo() {
        return --holders == 0;
    }

    /** Whether it has not gone to the cache. */
    boolean isNewcomer() {
        return isNewcomer;
    }

    HotEntry before() {
        return before;
    }

    HotEntry after() {
        return after;
    }

    /** It comes after the one that was the newest. */
    void follow(HotEntry newest) {
        newest.after = this;
        before = newest;
    }

    /** It is no newcomer any more. */
    void unlink() {
        if (before != null) {
            before.after = after;
        }
        if (after != null) {
            after.before = before;
        }
        before = null;
        after = null;
        isNewcomer = false;
    }

    void release() {
        ByteBuf released = bytes;
        bytes = null;
        header = null;
        released.release();
    }
}
