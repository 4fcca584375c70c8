package dev.quintet.load;

import java.io.PrintWriter;
import picocli.CommandLine.Help.Ansi;

/**
 * Lines for people: on a terminal the last one may change while it is watched; elsewhere each is written once, final.
 *
 * <p><b>Thread:</b> any; a lock around each call.
 */
final class Screen {
    private static final String START_OF_LINE = "\r\u001b[2K";

    private final PrintWriter out;
    private final boolean isTerminal;
    private boolean isLineOpen;

    Screen(PrintWriter out) {
        this.out = out;
        isTerminal = Ansi.AUTO.enabled();
    }

    /** Whether lines can change. */
    boolean isTerminal() {
        return isTerminal;
    }

    /** Shows a line that will change; nothing where that is not possible. */
    synchronized void live(String line) {
        if (isTerminal) {
            out.print(START_OF_LINE + line);
            out.flush();
            isLineOpen = true;
        }
    }

    /** Writes a line for good, in the place of a live one. */
    synchronized void line(String line) {
        out.println(isLineOpen ? START_OF_LINE + line : line);
        out.flush();
        isLineOpen = false;
    }

    /** Writes a heading after an empty line; bold on a terminal. */
    synchronized void heading(String heading) {
        line("");
        line(isTerminal ? "\u001b[1m" + heading + "\u001b[0m" : heading);
    }
}
