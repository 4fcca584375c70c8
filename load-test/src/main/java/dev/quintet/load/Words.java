package dev.quintet.load;

import java.util.Locale;

/** Numbers as people read them. */
final class Words {
    private static final long MICROS_OF_A_MILLI = 1_000;
    private static final long MICROS_OF_A_SECOND = 1_000_000;

    private Words() {}

    /** A duration in microseconds: {@code 870 µs}, {@code 2.4 ms}, {@code 1.25 s}. */
    static String micros(long micros) {
        if (micros < MICROS_OF_A_MILLI) {
            return micros + " µs";
        }
        return micros < MICROS_OF_A_SECOND
                ? String.format(Locale.ROOT, "%.1f ms", micros / (double) MICROS_OF_A_MILLI)
                : String.format(Locale.ROOT, "%.2f s", micros / (double) MICROS_OF_A_SECOND);
    }

    /** As {@link #micros}, from nanoseconds. */
    static String nanos(long nanos) {
        return micros(nanos / 1_000);
    }

    /** A count with thousands apart: {@code 12,345}. */
    static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }
}
