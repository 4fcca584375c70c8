package dev.quintet.load;

import dev.quintet.load.report.LoadReport;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Two reports side by side, on the terminal and as a page. */
@Command(name = "report", description = "Lays reports of loads side by side.%n")
final class ShowReports implements Callable<Integer> {
    @Parameters(arity = "2..*", paramLabel = "REPORT.json", description = "Two or more, in JSON.")
    private List<Path> files;

    @Option(names = "--html", paramLabel = "FILE", description = "Writes a page with all of them, plots included.")
    private Path html;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<LoadReport> reports = files.stream().map(ReportFiles::read).toList();
        Screen screen = new Screen(spec.commandLine().getOut());
        screen.line(row("", reports.stream().map(LoadReport::server).toList()));
        TreeSet<String> names = new TreeSet<>();
        reports.forEach(report -> names.addAll(report.figures().keySet()));
        names.forEach(name -> screen.line(row(name, values(reports, name))));
        for (double percentile : new double[] {50, 99, 99.9, 99.99}) {
            screen.line(row(
                    "delivery p" + percentile,
                    reports.stream()
                            .map(report ->
                                    Words.micros(Math.round(report.deliveries().micros(percentile))))
                            .toList()));
        }
        if (html != null) {
            ReportFiles.writePage(html, reports);
            screen.line("report     " + html);
        }
        return 0;
    }

    private static List<String> values(List<LoadReport> reports, String name) {
        return reports.stream()
                .map(report -> report.figures().get(name))
                .map(value -> value == null ? "–" : String.format(Locale.ROOT, "%,.2f", value))
                .toList();
    }

    private static String row(String name, List<String> values) {
        StringBuilder row = new StringBuilder(String.format("%-44s", name));
        values.forEach(value -> row.append(String.format(" %24s", value)));
        return row.toString().stripTrailing();
    }
}
