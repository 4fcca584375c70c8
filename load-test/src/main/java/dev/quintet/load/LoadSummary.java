package dev.quintet.load;

import dev.quintet.load.report.Curve;
import dev.quintet.load.report.FigureTable;
import dev.quintet.load.report.LoadReport;
import java.util.List;
import java.util.Locale;

/** What a load has found, in lines for the terminal. */
final class LoadSummary {
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 99.99, 100};

    private LoadSummary() {}

    static void print(Screen screen, LoadReport report) {
        screen.line("");
        report.figures()
                .forEach((name, value) -> screen.line(String.format(Locale.ROOT, "  %-40s %,14.2f", name, value)));
        screen.line("");
        report.tables().forEach(table -> print(screen, table));
        if (report.answers().count() + report.deliveries().count() > 0) {
            printLatencies(screen, report);
        }
        StringBuilder counts = new StringBuilder(" ");
        report.checks()
                .forEach((name, count) -> counts.append(" ")
                        .append(name)
                        .append(" ")
                        .append(Words.count(count.longValue()))
                        .append(" "));
        screen.line(counts.toString().stripTrailing());
        report.notes().forEach(note -> screen.line("  " + note));
    }

    private static void printLatencies(Screen screen, LoadReport report) {
        screen.line(String.format(
                "  %-10s %9s %9s %9s %9s %9s %9s", "latency", "p50", "p90", "p99", "p99.9", "p99.99", "max"));
        screen.line(percentiles("answer", report.answers()));
        screen.line(percentiles("delivery", report.deliveries()));
        screen.line("");
    }

    private static void print(Screen screen, FigureTable table) {
        screen.line(row(table.title(), table.headings(), table.headings()));
        table.rows()
                .forEach(row -> screen.line(
                        row(row.name(), row.cells().subList(1, row.cells().size()), table.headings())));
        screen.line("");
    }

    /** Each cell is as wide as its heading. */
    private static String row(String name, List<String> cells, List<String> headings) {
        StringBuilder line = new StringBuilder(String.format("  %-46s", name));
        for (int column = 0; column < cells.size(); column++) {
            line.append(String.format("  %" + Math.max(8, headings.get(column).length()) + "s", cells.get(column)));
        }
        return line.toString();
    }

    private static String percentiles(String name, Curve curve) {
        StringBuilder line = new StringBuilder(String.format("  %-10s", name));
        for (double percentile : PERCENTILES) {
            line.append(String.format(" %9s", Words.micros(Math.round(curve.micros(percentile)))));
        }
        return line.toString();
    }
}
