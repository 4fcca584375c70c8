package dev.quintet.relay.mailbox;

/** What became of a device's acknowledgement. */
public enum Acknowledgement {
    /** In the journal; the subscriber hears of it once it is durable. */
    TAKEN,
    /** The sequence was not delivered to this subscriber. */
    NOT_DELIVERED,
    /** The journal does not keep up; nothing changed. */
    OVERLOADED
}
