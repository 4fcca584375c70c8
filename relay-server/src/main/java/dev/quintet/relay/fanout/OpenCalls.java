package dev.quintet.relay.fanout;

import dev.quintet.protocol.AccountId;
import dev.quintet.relay.account.PairAllowance;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The calls that ring at the accounts of one home loop, and which device has claimed them.
 *
 * <pre>
 *   offered ──claim──▶ claimed
 *      └───────┬──────────┘
 *          forgotten       so long after the offer
 * </pre>
 *
 * <p><b>Thread:</b> the home loop. <b>Memory:</b> only calls to accounts with a connected device are kept, and nothing
 * outlives the process. <b>Limits:</b> {@link CallLimits}.
 */
public final class OpenCalls {
    private static final int UNCLAIMED = 0;

    private final CallLimits limits;
    private final LongSupplier nanoTime;
    private final PairAllowance allowance;
    private final Map<CallName, Call> calls = new LinkedHashMap<>();
    private final Map<AccountId, Integer> ringing = new HashMap<>();
    private final Counter offered;
    private final Counter unheard;
    private final Counter refused;
    private final Counter claimed;
    private final Counter lost;
    private final Counter gone;

    /** A call that is remembered. */
    private static final class Call {
        private final long offeredNanos;
        private int device = UNCLAIMED;

        Call(long offeredNanos) {
            this.offeredNanos = offeredNanos;
        }
    }

    /**
     * What became of a claim.
     *
     * @param device that has the call; zero if there is no such call
     * @param isFirst whether it was claimed just now
     */
    record Claim(int device, boolean isFirst) {
        boolean isGone() {
            return device == UNCLAIMED;
        }
    }

    /** No calls; one of {@code homes}. */
    public OpenCalls(CallLimits limits, int homes, LongSupplier nanoTime, MeterRegistry meters) {
        this.limits = limits;
        this.nanoTime = nanoTime;
        allowance = new PairAllowance(limits.offers(), limits.offerPauseMillis(), limits.callers() / homes, nanoTime);
        offered = counter(meters, "offered");
        unheard = counter(meters, "unheard");
        refused = counter(meters, "refused");
        claimed = counter(meters, "claimed");
        lost = counter(meters, "lost");
        gone = counter(meters, "gone");
    }

    private static Counter counter(MeterRegistry meters, String event) {
        return Counter.builder("quintet.calls")
                .tag("event", event)
                .description("Calls that were offered and claimed, by what became of it")
                .register(meters);
    }

    /** Whether another call may ring: 0, or how many milliseconds to wait. */
    int waitMillis(AccountId caller, AccountId callee) {
        forgetOld();
        int waitMillis = allowance.take(caller, callee);
        if (waitMillis == 0 && ringing.getOrDefault(callee, 0) >= limits.ringing()) {
            waitMillis = (int) Math.min(limits.ringMillis(), Integer.MAX_VALUE);
        }
        if (waitMillis > 0) {
            refused.increment();
        }
        return waitMillis;
    }

    /** A call was offered; {@code isHeard} if a device is connected, so that it rings. One that rings already goes on. */
    void offer(CallName name, boolean isHeard) {
        if (!isHeard) {
            unheard.increment();
        } else if (!calls.containsKey(name)) {
            calls.put(name, new Call(nanoTime.getAsLong()));
            ringing.merge(name.callee(), 1, Integer::sum);
            offered.increment();
        }
    }

    /** A device of the callee claims a call: the first one gets it. */
    Claim claim(CallName name, int device) {
        forgetOld();
        Call call = name.isFor(device) ? calls.get(name) : null;
        if (call == null) {
            gone.increment();
            return new Claim(UNCLAIMED, false);
        }
        boolean isFirst = call.device == UNCLAIMED;
        if (isFirst) {
            call.device = device;
        }
        (isFirst ? claimed : lost).increment();
        return new Claim(call.device, isFirst);
    }

    /** All are remembered for the same time, so the oldest come first. */
    private void forgetOld() {
        long keptNanos = TimeUnit.MILLISECONDS.toNanos(limits.ringMillis());
        long now = nanoTime.getAsLong();
        Iterator<Map.Entry<CallName, Call>> oldestFirst = calls.entrySet().iterator();
        while (oldestFirst.hasNext()) {
            Map.Entry<CallName, Call> oldest = oldestFirst.next();
            if (now - oldest.getValue().offeredNanos <= keptNanos) {
                return;
            }
            oldestFirst.remove();
            ringing.computeIfPresent(oldest.getKey().callee(), (callee, count) -> count == 1 ? null : count - 1);
        }
    }

    /** Calls that are remembered. */
    int count() {
        return calls.size();
    }
}
