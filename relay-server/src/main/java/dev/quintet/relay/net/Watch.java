package dev.quintet.relay.net;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The open sockets of one event loop, whose deadlines are looked at once a second.
 *
 * <p>Deadlines count looks, not time: a process that was stopped for a minute has missed a minute of its devices' frames,
 * too, and must not take that for their silence.
 *
 * <p><b>Thread:</b> the event loop, all methods but {@link #isEmpty}.
 */
public final class Watch {
    private final Departures departures;
    private final Set<Watched> watched = new HashSet<>();
    private int tick;
    private boolean isGoingAway;
    private volatile boolean isEmpty = true;

    /** The sockets of a loop, whose frames leave by {@code departures}. */
    public Watch(Departures departures) {
        this.departures = departures;
    }

    Departures departures() {
        return departures;
    }

    /** Called once a second. */
    public void tick() {
        tick++;
        // A look may close what it looks at, which then leaves the set.
        for (Watched each : List.copyOf(watched)) {
            each.look(tick);
        }
    }

    /** Tells all that the relay is going away, also those that come from now on. */
    public void goAway() {
        isGoingAway = true;
        new ArrayList<>(watched).forEach(Watched::goAway);
    }

    /** Whether no socket is open. From any thread. */
    public boolean isEmpty() {
        return isEmpty;
    }

    int now() {
        return tick;
    }

    void add(Watched added) {
        watched.add(added);
        isEmpty = false;
        if (isGoingAway) {
            added.goAway();
        }
    }

    void remove(Watched removed) {
        watched.remove(removed);
        isEmpty = watched.isEmpty();
    }
}
