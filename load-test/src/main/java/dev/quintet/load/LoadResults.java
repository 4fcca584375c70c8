package dev.quintet.load;

import dev.quintet.load.drive.DriveVerdict;
import dev.quintet.load.report.FigureTable;
import dev.quintet.load.report.LoadReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a load has come to, until it is written down: figures, tables, and what a reader must know.
 *
 * <p><b>Thread:</b> the command's.
 */
final class LoadResults {
    private static final double MEBIBYTE = 1 << 20;

    private final Instant startedAt = Instant.now();
    private final Map<String, Double> figures = new LinkedHashMap<>();
    private final List<FigureTable> tables = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private MetricsPage before = MetricsPage.NONE;

    void figure(String name, double value) {
        figures.put(name, value);
    }

    void table(FigureTable table) {
        tables.add(table);
    }

    void note(String words) {
        notes.add(words);
    }

    /** From here on the server's own counters count. */
    void countFrom(MetricsPage page) {
        before = page;
    }

    /** What the whole load came to; a load that was measured row by row has no such figures. */
    void addFigures(LoadMeasure measure, LoadTarget target) {
        if (measure.seconds() > 0 && tables.isEmpty()) {
            figure("accepted, 1/s", measure.acceptedPerSecond());
            figure("delivered, 1/s", measure.deliveredPerSecond());
            figure("server CPU for a delivery, µs", measure.cpuMicrosPerDelivery());
            figure("server CPU, processors", measure.serverProcessors());
            figure("driver CPU, processors", measure.driverProcessors());
        }
        target.watch().ifPresent(watch -> figure("server memory, MiB resident", watch.residentBytes() / MEBIBYTE));
        MetricsPage after = before.sums().isEmpty() ? MetricsPage.NONE : target.page();
        if (!after.sums().isEmpty()) {
            String sync = "quintet_journal_sync_duration_seconds";
            figure("entries in a commit", after.meanSince(before, "quintet_journal_commit_entries"));
            figure("fdatasync, mean ms", 1_000 * after.meanSince(before, sync));
            figure("fdatasync, 1/s", after.since(before, sync + "_count") / Math.max(1, measure.seconds()));
        }
    }

    /** What the checker found; what never came is not counted in a load that was cut short. */
    long judge(DriveVerdict verdict, boolean isCutShort, String lastRefusal) {
        long violations = verdict.violations() - (isCutShort ? verdict.lost() : 0);
        if (violations > 0) {
            notes.add(0, "violations: " + violations);
            notes.addAll(verdict.findings());
        }
        if (verdict.refused() > 0) {
            notes.add(Words.count(verdict.refused()) + " submissions were refused, the last one with " + lastRefusal);
        }
        return violations;
    }

    /** All of it as a report. */
    LoadReport report(
            String scenario,
            LoadTarget target,
            Map<String, String> settings,
            LoadSampling samples,
            DriveVerdict verdict) {
        Map<String, Double> checks = new LinkedHashMap<>();
        verdict.counts().forEach((name, count) -> checks.put(name, (double) count));
        return new LoadReport(
                scenario,
                target.name(),
                startedAt.toString(),
                settings,
                samples.samples(),
                samples.measured().answers(),
                samples.measured().deliveries(),
                figures,
                List.copyOf(tables),
                checks,
                List.copyOf(notes));
    }
}
