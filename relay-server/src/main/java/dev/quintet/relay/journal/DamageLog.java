package dev.quintet.relay.journal;

import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names every damaged stretch of the log once, and counts it.
 *
 * <p><b>Thread:</b> any. <b>Limits:</b> remembers {@value #MAX_NAMED} stretches; beyond that they are counted again.
 */
final class DamageLog {
    private static final Logger LOG = LoggerFactory.getLogger(DamageLog.class);
    private static final int MAX_NAMED = 10_000;

    private final Set<Long> named = ConcurrentHashMap.newKeySet();
    private final Runnable count;

    DamageLog(Runnable count) {
        this.count = count;
    }

    /** No whole entry can be read in {@code [from, to)}, though all of it was durable. */
    void name(long from, long to, NavigableMap<Long, Segment> segments) {
        if (named.contains(from) || named.size() < MAX_NAMED && !named.add(from)) {
            return;
        }
        count.run();
        Map.Entry<Long, Segment> floor = segments.floorEntry(from);
        if (floor != null && floor.getValue().contains(from)) {
            Segment segment = floor.getValue();
            LOG.error(
                    "journal damaged: segment {}, offset {}, {} bytes (positions {} to {}); entries behind are kept",
                    segment.name(),
                    segment.offset(from),
                    to - from,
                    from,
                    to);
        } else {
            LOG.error("journal damaged: no segment for positions {} to {}; entries behind are kept", from, to);
        }
    }
}
