package dev.quintet.relay.account;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.quintet.protocol.AccountId;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How often one account may still do something to another, such as ask for its keys.
 *
 * <p>Each pair has one number, the time at which all it has used would be given back: a leaky bucket without a bucket.
 *
 * <p><b>Thread:</b> the home loop of the accounts that it is done to. <b>Limits:</b> so many pairs, the longest silent are
 * forgotten and start anew.
 */
public final class PairAllowance {
    private final LongSupplier nanoTime;
    private final long pauseNanos;
    private final long burstNanos;
    private final Cache<Pair, Long> usedUntil;

    private record Pair(AccountId by, AccountId target) {}

    /**
     * Nobody has used anything yet.
     *
     * @param atOnce how often at once
     * @param pauseMillis and then once in this time
     * @param pairs how many pairs are remembered
     */
    public PairAllowance(int atOnce, long pauseMillis, int pairs, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        pauseNanos = TimeUnit.MILLISECONDS.toNanos(pauseMillis);
        burstNanos = pauseNanos * (atOnce - 1);
        usedUntil = Caffeine.newBuilder()
                .maximumSize(Math.max(1, pairs))
                .expireAfterWrite(Duration.ofNanos(burstNanos + pauseNanos))
                .ticker(nanoTime::getAsLong)
                .executor(Runnable::run)
                .build();
    }

    /** Uses it once; answers 0, or how many milliseconds to wait if nothing is left. */
    public int take(AccountId by, AccountId target) {
        Pair pair = new Pair(by, target);
        long now = nanoTime.getAsLong();
        Long known = usedUntil.getIfPresent(pair);
        long used = known == null ? 0 : Math.max(0, known - now);
        if (used > burstNanos) {
            long waitMillis = TimeUnit.NANOSECONDS.toMillis(used - burstNanos) + 1;
            return (int) Math.min(waitMillis, Integer.MAX_VALUE);
        }
        usedUntil.put(pair, now + used + pauseNanos);
        return 0;
    }
}
