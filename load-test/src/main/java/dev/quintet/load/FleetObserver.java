package dev.quintet.load;

import dev.quintet.protocol.EnvelopeId;

/**
 * Watches a fleet's traffic as it happens; on event loops.
 *
 * <p>Times are nanoseconds since the submission was made, first attempt.
 */
interface FleetObserver {
    /** The relay accepted a submission. */
    default void accepted(EnvelopeId envelopeId, long nanos) {}

    /** A device received an envelope for the first time. */
    default void delivered(FleetDevice device, EnvelopeId envelopeId, long nanos) {}
}
