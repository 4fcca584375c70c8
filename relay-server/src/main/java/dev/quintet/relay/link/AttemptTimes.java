package dev.quintet.relay.link;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/**
 * When devices asked to join one account within the last hour. A time that lies ahead, because the clock was set back,
 * counts as recent.
 *
 * @param millis in the order of the entries
 */
record AttemptTimes(long... millis) {
    private static final long HOUR_MILLIS = TimeUnit.HOURS.toMillis(1);

    /** Without those that are an hour old at {@code nowMillis}. */
    AttemptTimes at(long nowMillis) {
        return new AttemptTimes(LongStream.of(millis)
                .filter(time -> nowMillis - time < HOUR_MILLIS)
                .toArray());
    }

    /** Those of the hour before {@code nowMillis}, and that one, which counts once even if it is here. */
    AttemptTimes plus(long nowMillis) {
        LongStream others = LongStream.of(at(nowMillis).millis).filter(time -> time != nowMillis);
        return new AttemptTimes(
                LongStream.concat(others, LongStream.of(nowMillis)).toArray());
    }

    /** The first time from {@code nowMillis} on at which nobody has asked. */
    long free(long nowMillis) {
        long free = nowMillis;
        while (contains(free)) {
            free++;
        }
        return free;
    }

    private boolean contains(long time) {
        return LongStream.of(millis).anyMatch(one -> one == time);
    }

    int count() {
        return millis.length;
    }

    static AttemptTimes ofRow(byte[] row) {
        ByteBuffer times = ByteBuffer.wrap(row);
        return new AttemptTimes(LongStream.generate(times::getLong)
                .limit(row.length / Long.BYTES)
                .toArray());
    }

    byte[] toRow() {
        ByteBuffer row = ByteBuffer.allocate(millis.length * Long.BYTES);
        LongStream.of(millis).forEach(row::putLong);
        return row.array();
    }
}
