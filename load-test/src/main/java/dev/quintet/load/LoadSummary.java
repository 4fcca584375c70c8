package dev.quintet.load;

import dev.quintet.load.drive.DriveVerdict;
import dev.quintet.load.report.Curve;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a load has found, in lines for the terminal. */
final class LoadSummary {
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99, 100};

    private LoadSummary() {}

    static void print(
            Screen screen,
            LoadSampling sampling,
            Map<String, Double> figures,
            DriveVerdict verdict,
            List<String> notes) {
        screen.line("");
        figures.forEach((name, value) -> screen.line(String.format(Locale.ROOT, "  %-40s %,14.2f", name, value)));
        screen.line("");
        screen.line(String.format(
                "  %-10s %9s %9s %9s %9s %9s %9s", "latency", "p50", "p90", "p99", "p99.9", "p99.99", "max"));
        screen.line(percentiles("answer", sampling.answers()));
        screen.line(percentiles("delivery", sampling.deliveries()));
        screen.line("");
        StringBuilder counts = new StringBuilder(" ");
        verdict.counts()
                .forEach((name, count) -> counts.append(" ")
                        .append(name)
                        .append(" ")
                        .append(Words.count(count))
                        .append(" "));
        screen.line(counts.toString().stripTrailing());
        notes.forEach(note -> screen.line("  " + note));
    }

    private static String percentiles(String name, Curve curve) {
        StringBuilder line = new StringBuilder(String.format("  %-10s", name));
        for (double percentile : PERCENTILES) {
            line.append(String.format(" %9s", Words.micros(Math.round(curve.micros(percentile)))));
        }
        return line.toString();
    }
}
