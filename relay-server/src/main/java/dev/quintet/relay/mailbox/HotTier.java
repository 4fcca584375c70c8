package dev.quintet.relay.mailbox;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.quintet.protocol.EnvelopeHeader;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayDeque;

/**
 * The envelopes in memory, by journal position: those that were just accepted, and under pressure those that are most
 * likely to be asked for again.
 *
 * <p>Nearly every envelope is acknowledged within moments: so an entry is first one of the newcomers, a list, and goes to
 * the cache only when a quarter of the tier has come after it. An evicted envelope costs no write, since the journal has
 * it; whoever misses it reads it from there.
 *
 * <p><b>Thread:</b> one home loop; the cache does its upkeep on the calling thread, so that no buffer is released while
 * it is read. <b>Memory:</b> bounded by bytes.
 */
public final class HotTier implements AutoCloseable {
    /**
     * Where its buffers come from. They live long and go in no order, and Netty's default frees a chunk when the last buffer
     * in it is gone: it kept several times the bytes that the tier counts.
     */
    public static final ByteBufAllocator BUFFERS = PooledByteBufAllocator.DEFAULT;

    private static final int NEWCOMERS_SHARE = 4;
    private static final int MOST_IDLE = 1_024;

    private final Cache<Long, HotEntry> entries;
    private final long newcomersLimit;
    private final ArrayDeque<HotEntry> idle = new ArrayDeque<>();
    private HotEntry oldestNewcomer;
    private HotEntry newestNewcomer;
    private volatile long newcomersBytes;
    private final Counter hits;
    private final Counter misses;

    /**
     * A tier of at most {@code maxBytes}, entry heads included.
     *
     * @param home names the home loop in the meters
     */
    public HotTier(long maxBytes, int home, MeterRegistry meters) {
        this.newcomersLimit = maxBytes / NEWCOMERS_SHARE;
        this.entries = Caffeine.newBuilder()
                .executor(Runnable::run)
                .maximumWeight(maxBytes - newcomersLimit)
                .weigher((Long position, HotEntry entry) -> entry.bytes().capacity())
                .removalListener(HotTier::removed)
                .build();
        this.hits = requests(meters, "hit");
        this.misses = requests(meters, "miss");
        Gauge.builder("quintet.hot.tier.bytes", this, HotTier::heldBytes)
                .tag("loop", Integer.toString(home))
                .description("Envelopes in memory, with their entry heads")
                .register(meters);
    }

    private static Counter requests(MeterRegistry meters, String result) {
        return Counter.builder("quintet.hot.tier.requests")
                .tag("result", result)
                .description("Deliveries by whether the envelope was still in memory")
                .register(meters);
    }

    private double heldBytes() {
        return newcomersBytes
                + entries.policy().eviction().orElseThrow().weightedSize().orElse(0);
    }

    private static void removed(Long position, HotEntry entry, RemovalCause cause) {
        entry.release();
    }

    /** Takes over {@code bytes}, to which {@code holders} mailboxes will refer. */
    HotEntry put(long position, EnvelopeHeader header, ByteBuf bytes, int holders) {
        HotEntry entry = idle.isEmpty() ? new HotEntry() : idle.removeLast();
        entry.begin(position, header, bytes, holders);
        if (newestNewcomer == null) {
            oldestNewcomer = entry;
        } else {
            entry.follow(newestNewcomer);
        }
        newestNewcomer = entry;
        newcomersBytes += bytes.capacity();
        while (newcomersBytes > newcomersLimit) {
            HotEntry oldest = oldestNewcomer;
            leaveNewcomers(oldest);
            entries.put(oldest.position(), oldest);
        }
        return entry;
    }

    private void leaveNewcomers(HotEntry entry) {
        if (entry == oldestNewcomer) {
            oldestNewcomer = entry.after();
        }
        if (entry == newestNewcomer) {
            newestNewcomer = entry.before();
        }
        entry.unlink();
        newcomersBytes -= entry.bytes().capacity();
    }

    /** The bytes of {@code entry}, or null if they must be read from disk. Counts the request. */
    ByteBuf bytes(HotEntry entry) {
        ByteBuf bytes = entry == null ? null : entry.bytes();
        (bytes == null ? misses : hits).increment();
        return bytes;
    }

    /** One mailbox no longer refers to {@code entry}. */
    void letGo(HotEntry entry) {
        if (!entry.letGo()) {
            return;
        }
        if (entry.isNewcomer()) {
            leaveNewcomers(entry);
            entry.release();
            rest(entry);
        } else {
            entries.invalidate(entry.position());
        }
    }

    /** No mailbox refers to it any more, and neither does the cache. */
    private void rest(HotEntry entry) {
        if (idle.size() < MOST_IDLE) {
            idle.addLast(entry);
        }
    }

    /** Releases everything. */
    @Override
    public void close() {
        while (oldestNewcomer != null) {
            HotEntry oldest = oldestNewcomer;
            leaveNewcomers(oldest);
            oldest.release();
        }
        entries.invalidateAll();
        entries.cleanUp();
    }
}
