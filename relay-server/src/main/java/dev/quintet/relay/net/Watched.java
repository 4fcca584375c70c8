package dev.quintet.relay.net;

/** Something with deadlines, looked at once a second. */
interface Watched {
    /** Does what is due. {@code tick} counts the seconds that this process was awake. */
    void look(int tick);

    /** The relay is going away: say so, and close. */
    void goAway();
}
