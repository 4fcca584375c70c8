package dev.quintet.load.report;

import java.util.Locale;

/** Numbers as people read them in tables and plots. */
final class Figures {
    private Figures() {}

    /** About three digits: {@code 1.23}, {@code 45.6}, {@code 789}, {@code 12,300}. */
    static String brief(double value) {
        if (value != 0 && Math.abs(value) < 10) {
            return String.format(Locale.ROOT, "%.2f", value);
        }
        return String.format(Locale.ROOT, Math.abs(value) < 100 && value != 0 ? "%.1f" : "%,.0f", value);
    }

    /** How many times {@code one} the other is; a dash if that says nothing. */
    static String ratio(double one, double other) {
        return one == 0 || other == 0 ? "–" : String.format(Locale.ROOT, "× %.2f", other / one);
    }
}
