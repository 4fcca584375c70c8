package dev.quintet.relay.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What happened in a run, a line each; or nothing, which is faster. */
final class Trace {
    private static final int MOST_LINES = 20_000;

    private final List<String> lines;
    private long hash = 1;
    private long step;

    private Trace(List<String> lines) {
        this.lines = lines;
    }

    static Trace off() {
        return new Trace(null);
    }

    static Trace on() {
        return new Trace(new ArrayList<>());
    }

    void step(long now) {
        step = now;
    }

    void add(String format, Object... arguments) {
        hash = 31 * hash + format.hashCode() + step;
        if (lines != null && lines.size() < MOST_LINES) {
            lines.add(step + " " + String.format(Locale.ROOT, format, arguments));
        }
    }

    /** Differs between runs that went different ways. */
    long hash() {
        return hash;
    }

    /** The last so many lines. */
    String tail(int count) {
        return String.join("\n", lines.subList(Math.max(0, lines.size() - count), lines.size()));
    }

    /** All lines. */
    List<String> lines() {
        return lines;
    }
}
