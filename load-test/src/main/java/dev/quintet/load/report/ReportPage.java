package dev.quintet.load.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Reports as one HTML file that loads nothing: tables, and plots drawn in the page itself. Several stand side by side, each
 * number beside the first one's ratio to it.
 */
public final class ReportPage {
    private static final String HEAD = """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>%s</title>
            <style>
            body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 1340px; padding: 0 1em; color: #222; }
            h1 { font-size: 1.5em; } h2 { font-size: 1.1em; margin-top: 2em; }
            table { border-collapse: collapse; } td, th { padding: .15em .9em .15em 0; text-align: right; }
            td:first-child, th:first-child { text-align: left; } th { border-bottom: 1px solid #bbb; }
            .ratio { color: #777; } .bad { color: #b00020; font-weight: 600; }
            .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 1em; }
            svg { width: 100%%; background: #fafafa; } svg line { stroke: #ddd; }
            svg polyline { fill: none; stroke-width: 1.8; } svg text { font: 12px system-ui, sans-serif; }
            svg .axis { fill: #666; } svg .title { font-weight: 600; }
            </style></head><body>
            """;

    private final List<LoadReport> reports;

    /** @param reports one at least */
    public ReportPage(List<LoadReport> reports) {
        this.reports = reports;
    }

    /** The whole file. */
    public String toHtml() {
        String title = String.join(
                " and ",
                reports.stream()
                        .map(one -> one.scenario() + " on " + one.server())
                        .toList());
        StringBuilder html = new StringBuilder(head("Load: " + title));
        html.append("<h1>").append(escape(title)).append("</h1>\n");
        appendNotes(html);
        reports.forEach(report -> report.tables().forEach(table -> appendTable(html, table)));
        table(html, "Results", figures());
        table(html, "Latency, µs from the moment when a submission was to leave", latencies());
        table(html, "Checked", checks());
        html.append("<div class=\"plots\">\n");
        reports.forEach(report -> appendPlots(html, report));
        html.append("</div>\n");
        appendSettings(html);
        return html.append("</body></html>\n").toString();
    }

    private void appendNotes(StringBuilder html) {
        for (LoadReport report : reports) {
            report.notes()
                    .forEach(note -> html.append("<p class=\"bad\">")
                            .append(escape(note))
                            .append("</p>\n"));
        }
    }

    private Map<String, double[]> figures() {
        return rows(LoadReport::figures);
    }

    private Map<String, double[]> checks() {
        return rows(LoadReport::checks);
    }

    private Map<String, double[]> rows(Function<LoadReport, Map<String, Double>> part) {
        Set<String> names = new LinkedHashSet<>();
        reports.forEach(report -> names.addAll(part.apply(report).keySet()));
        Map<String, double[]> rows = new LinkedHashMap<>();
        names.stream()
                .sorted()
                .forEach(name ->
                        rows.put(name, each(report -> part.apply(report).getOrDefault(name, 0.0))));
        return rows;
    }

    private double[] each(ToDoubleFunction<LoadReport> value) {
        return reports.stream().mapToDouble(value).toArray();
    }

    private Map<String, double[]> latencies() {
        Map<String, double[]> rows = new LinkedHashMap<>();
        for (double percentile : new double[] {50, 90, 99, 99.9, 99.99, 100}) {
            String name = percentile == 100 ? "max" : "p" + (percentile + "").replaceAll("\\.0$", "");
            rows.put("answer " + name, each(report -> report.answers().micros(percentile)));
            rows.put("delivery " + name, each(report -> report.deliveries().micros(percentile)));
        }
        return rows;
    }

    private static void appendTable(StringBuilder html, FigureTable table) {
        html.append("<h2>").append(escape(table.title())).append("</h2>\n<table><tr><th></th>");
        table.headings()
                .forEach(heading -> html.append("<th>").append(escape(heading)).append("</th>"));
        html.append("</tr>\n");
        for (FigureTable.Row row : table.rows()) {
            html.append("<tr>");
            row.cells().forEach(cell -> html.append("<td>").append(escape(cell)).append("</td>"));
            html.append("</tr>\n");
        }
        html.append("</table>\n");
    }

    private void table(StringBuilder html, String heading, Map<String, double[]> rows) {
        html.append("<h2>").append(heading).append("</h2>\n<table><tr><th></th>");
        for (LoadReport report : reports) {
            html.append("<th>").append(escape(report.server())).append("</th>");
            html.append(report == reports.get(0) ? "" : "<th></th>");
        }
        html.append("</tr>\n");
        rows.forEach((name, values) -> appendRow(html, name, values));
        html.append("</table>\n");
    }

    private static void appendRow(StringBuilder html, String name, double[] values) {
        html.append("<tr><td>").append(escape(name)).append("</td>");
        for (int index = 0; index < values.length; index++) {
            html.append("<td>").append(Figures.brief(values[index])).append("</td>");
            if (index > 0) {
                html.append("<td class=\"ratio\">")
                        .append(Figures.ratio(values[0], values[index]))
                        .append("</td>");
            }
        }
        html.append("</tr>\n");
    }

    private void appendSettings(StringBuilder html) {
        html.append("<h2>Run with</h2>\n");
        for (LoadReport report : reports) {
            html.append("<p>")
                    .append(escape(report.server() + ", " + report.startedAt()))
                    .append("</p>\n<table>");
            report.settings().entrySet().stream()
                    .sorted(Comparator.comparing(Map.Entry::getKey))
                    .forEach(one -> html.append("<tr><td>" + escape(one.getKey()) + "</td><td>")
                            .append(escape(one.getValue()))
                            .append("</td></tr>\n"));
            html.append("</table>\n");
        }
    }

    private void appendPlots(StringBuilder html, LoadReport report) {
        String of = reports.size() == 1 ? "" : ": " + escape(report.server());
        html.append(overTime(report, "Rates" + of, "per second", false)
                .add("delivered", seconds(report), values(report, Sample::delivered))
                .add("accepted", seconds(report), values(report, Sample::accepted))
                .toSvg());
        html.append(overTime(report, "Latency" + of, "µs", true)
                .add("answer p50", seconds(report), values(report, Sample::answerP50Micros))
                .add("delivery p50", seconds(report), values(report, Sample::deliveryP50Micros))
                .add("delivery p99", seconds(report), values(report, Sample::deliveryP99Micros))
                .toSvg());
        html.append(percentiles(report, of));
        html.append(overTime(report, "Server CPU" + of, "µs for each delivery", false)
                .add("", seconds(report), values(report, Sample::cpuMicrosPerDelivery))
                .toSvg());
        html.append(overTime(report, "Server memory" + of, "MiB resident", false)
                .add("", seconds(report), values(report, sample -> sample.serverBytes() / (1 << 20)))
                .toSvg());
    }

    private static LineChart overTime(LoadReport report, String title, String unit, boolean isLogarithmic) {
        double last = report.samples().isEmpty()
                ? 1
                : report.samples().get(report.samples().size() - 1).second();
        List<LineChart.Mark> marks = new ArrayList<>();
        for (int quarter = 0; quarter <= 4; quarter++) {
            marks.add(new LineChart.Mark(last * quarter / 4, Figures.brief(last * quarter / 4) + " s"));
        }
        return new LineChart(title, unit, marks, isLogarithmic);
    }

    /** Each step to the right is one nine more. */
    private static String percentiles(LoadReport report, String of) {
        List<LineChart.Mark> marks = List.of(
                new LineChart.Mark(nines(0), "0"),
                new LineChart.Mark(nines(90), "90 %"),
                new LineChart.Mark(nines(99), "99 %"),
                new LineChart.Mark(nines(99.9), "99.9 %"),
                new LineChart.Mark(nines(99.99), "99.99 %"));
        LineChart chart = new LineChart("Percentiles" + of, "µs", marks, true);
        add(chart, "answer", report.answers());
        add(chart, "delivery", report.deliveries());
        return chart.toSvg();
    }

    private static void add(LineChart chart, String name, Curve curve) {
        List<Curve.Point> points = curve.points().stream()
                .filter(point -> point.percentile() < 100)
                .toList();
        chart.add(
                name,
                points.stream().mapToDouble(point -> nines(point.percentile())).toArray(),
                points.stream().mapToDouble(Curve.Point::micros).toArray());
    }

    private static double nines(double percentile) {
        return -Math.log10(1 - percentile / 100);
    }

    private static double[] seconds(LoadReport report) {
        return values(report, Sample::second);
    }

    private static double[] values(LoadReport report, ToDoubleFunction<Sample> value) {
        return report.samples().stream().mapToDouble(value).toArray();
    }

    /** The beginning of a page. */
    static String head(String title) {
        return HEAD.formatted(escape(title));
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
