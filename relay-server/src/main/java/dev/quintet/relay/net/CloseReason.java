package dev.quintet.relay.net;

import java.util.Locale;

/** Why a connection ended: the label of a metric. */
enum CloseReason {
    /** The device, or the network. */
    PEER,
    /** A frame that the protocol does not allow. */
    BREACH,
    /** Too many frames, and the pause was not kept. */
    RATE_LIMITED,
    /** The same device logged in again. */
    REPLACED,
    /** The device was removed from its account. */
    REMOVED,
    /** The device was logged out because it or the primary stayed away, or because it has left. */
    LOGGED_OUT,
    /** The device did not read or did not acknowledge. */
    TOO_SLOW,
    /** A frame began and did not end. */
    UNFINISHED_FRAME,
    /** Nothing was heard, not even an answer to pings. */
    SILENT,
    /** The relay had no room to read the account. */
    OVERLOADED,
    /** The relay was told to stop. */
    SHUTDOWN;

    /** As it is counted. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
