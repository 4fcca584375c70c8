package dev.quintet.protocol;

/** Text that somebody shows to a person: one line that cannot steer what shows it. */
public final class OneLine {
    private static final String NOT_IN_A_LINE = "(?s).*[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}].*";

    private OneLine() {}

    /** Whether {@code text} has no control, format or line break characters. */
    public static boolean is(String text) {
        return !text.matches(NOT_IN_A_LINE);
    }
}
