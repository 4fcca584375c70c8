package dev.quintet.relay.fanout;

import dev.quintet.protocol.wire.ErrorCode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * Counts what becomes of submissions, one recipient account at a time.
 *
 * <p><b>Thread:</b> any.
 */
public final class FanOutMeters {
    private final Counter accepted;
    private final Counter repeated;
    private final Counter mismatched;
    private final Counter ephemeral;
    private final Counter envelopes;
    private final Counter refusedByMailbox;
    private final DistributionSummary devices;
    private final Map<ErrorCode, Counter> refused = new EnumMap<>(ErrorCode.class);

    /** Counts in {@code meters}. */
    public FanOutMeters(MeterRegistry meters) {
        accepted = outcome(meters, "accepted");
        repeated = outcome(meters, "repeated");
        mismatched = outcome(meters, "mismatch");
        ephemeral = outcome(meters, "ephemeral");
        for (ErrorCode code : ErrorCode.values()) {
            if (code != ErrorCode.UNRECOGNIZED) {
                refused.put(code, outcome(meters, code.name().toLowerCase(Locale.ROOT)));
            }
        }
        envelopes = Counter.builder("quintet.envelopes.accepted")
                .description("Envelopes put into mailboxes, durably")
                .register(meters);
        refusedByMailbox = Counter.builder("quintet.envelopes.rejected")
                .tag("reason", "mailbox_full")
                .description("Envelopes that a full mailbox refused")
                .register(meters);
        devices = DistributionSummary.builder("quintet.fanout.devices")
                .description("Devices of the recipient account in an accepted submission")
                .serviceLevelObjectives(1, 2, 3, 4, 5)
                .register(meters);
    }

    private static Counter outcome(MeterRegistry meters, String outcome) {
        return Counter.builder("quintet.submissions")
                .tag("outcome", outcome)
                .description("Submissions by outcome, counted for each recipient account")
                .register(meters);
    }

    void accepted(int stored, int named) {
        accepted.increment();
        envelopes.increment(stored);
        devices.record(named);
        if (stored < named) {
            refusedByMailbox.increment(named - stored);
        }
    }

    void repeated() {
        repeated.increment();
    }

    void mismatched() {
        mismatched.increment();
    }

    void ephemeral() {
        ephemeral.increment();
    }

    void refused(ErrorCode code) {
        refused.get(code).increment();
    }
}
