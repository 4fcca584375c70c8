package dev.quintet.relay.account;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.quintet.protocol.AccountId;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How often one account may still ask for the keys of another.
 *
 * <p>Each pair has one number, the time at which all it has used would be given back: a leaky bucket without a bucket.
 *
 * <p><b>Thread:</b> the home loop of the accounts that are asked. <b>Limits:</b> {@link KeyLimits}; whoever is forgotten
 * starts anew.
 */
final class KeyAllowance {
    private final LongSupplier nanoTime;
    private final long pauseNanos;
    private final long burstNanos;
    private final Cache<Pair, Long> usedUntil;

    private record Pair(AccountId requester, AccountId target) {}

    /** Nobody has asked yet; one of {@code homes} that share the memory. */
    KeyAllowance(KeyLimits limits, int homes, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        pauseNanos = TimeUnit.MILLISECONDS.toNanos(limits.requestPauseMillis());
        burstNanos = pauseNanos * (limits.requests() - 1);
        usedUntil = Caffeine.newBuilder()
                .maximumSize(Math.max(1, limits.requesters() / homes))
                .expireAfterWrite(Duration.ofNanos(burstNanos + pauseNanos))
                .ticker(nanoTime::getAsLong)
                .executor(Runnable::run)
                .build();
    }

    /** Uses one request; answers 0, or how many milliseconds to wait if none is left. */
    int take(AccountId requester, AccountId target) {
        Pair pair = new Pair(requester, target);
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
