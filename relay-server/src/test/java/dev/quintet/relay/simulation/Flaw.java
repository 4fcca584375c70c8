package dev.quintet.relay.simulation;

/** What may be built wrong into a relay, to see that it is noticed. */
enum Flaw {
    NONE,
    /** Forcing a file of the journal only pretends. */
    FORCE_PRETENDED,
    /** What should wait until an entry is durable does not. */
    ANSWERS_TOO_EARLY,
    /** Acknowledgements do not get into the journal. */
    ACKNOWLEDGEMENTS_FORGOTTEN,
    /** Which submissions were accepted is not in the image. */
    REPETITIONS_FORGOTTEN,
    /** Some deliveries never leave. */
    DELIVERIES_SKIPPED,
    /** Device lists do not get into the journal, but for the first. */
    LISTS_FORGOTTEN,
    /** Which devices a list removes does not get into the journal. */
    REMOVALS_FORGOTTEN,
    /** That one-time prekeys have gone does not get into the journal. */
    KEYS_FORGOTTEN,
    /** On some connections frames are kept back before they leave. */
    FRAMES_LATE
}
