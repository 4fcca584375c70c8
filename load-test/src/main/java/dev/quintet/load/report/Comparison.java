package dev.quintet.load.report;

import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Servers under the same workloads, in turns.
 *
 * @param startedAt UTC, ISO 8601
 * @param settings what it was run with, and on what machine, in words
 * @param standings server by server, workload by workload
 * @param notes who did not take part and why, and every violation
 */
public record Comparison(String startedAt, Map<String, String> settings, List<Standing> standings, List<String> notes) {

    /**
     * One server under one workload.
     *
     * @param server its name
     * @param workload its name
     * @param cpuMicros processor time for one delivery
     * @param ratio the same as a multiple of the floor's in the same round; 0 if the floor took no part
     * @param deliveredPerSecond envelopes
     * @param answerP50Micros latency of the answers
     * @param deliveryP50Micros and of the deliveries
     * @param deliveryP99Micros the same
     * @param stolenPercents of the machine's time, what its host gave to others, round by round
     * @param outlivesPowerCut whether what its sender was told is accepted is still there after a power cut
     */
    public record Standing(
            String server,
            String workload,
            Spread cpuMicros,
            Spread ratio,
            Spread deliveredPerSecond,
            Spread answerP50Micros,
            Spread deliveryP50Micros,
            Spread deliveryP99Micros,
            List<Double> stolenPercents,
            String outlivesPowerCut) {

        /** Its cells, in the order of {@link Comparison#HEADINGS}. */
        public List<String> cells() {
            return List.of(
                    server,
                    cpuMicros.toString(),
                    ratio.median() == 0 ? "–" : ratio.toString(),
                    Figures.brief(deliveredPerSecond.median()),
                    Figures.brief(answerP50Micros.median()),
                    Figures.brief(deliveryP50Micros.median()),
                    Figures.brief(deliveryP99Micros.median()),
                    Figures.brief(Collections.max(stolenPercents)),
                    outlivesPowerCut);
        }

        private Map<String, Object> toMap() {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("server", server);
            map.put("workload", workload);
            map.put("cpuMicros", cpuMicros.toList());
            map.put("ratio", ratio.toList());
            map.put("deliveredPerSecond", deliveredPerSecond.toList());
            map.put("answerP50Micros", answerP50Micros.toList());
            map.put("deliveryP50Micros", deliveryP50Micros.toList());
            map.put("deliveryP99Micros", deliveryP99Micros.toList());
            map.put("stolenPercents", stolenPercents);
            map.put("outlivesPowerCut", outlivesPowerCut);
            return map;
        }
    }

    /** What the cells of a standing are. */
    public static final List<String> HEADINGS = List.of(
            "server",
            "CPU µs/delivery",
            "× floor",
            "delivered/s",
            "answer p50 µs",
            "delivery p50 µs",
            "delivery p99 µs",
            "most stolen %",
            "power cut");

    /** As JSON; each spread is least, median and most, and what was stolen stands round by round. */
    public String toJson() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("startedAt", startedAt);
        map.put("settings", settings);
        map.put("notes", notes);
        map.put("standings", standings.stream().map(Standing::toMap).toList());
        return ConfigValueFactory.fromMap(map)
                .render(ConfigRenderOptions.concise().setFormatted(true));
    }

    /** The workloads, in the order in which they first stand. */
    public List<String> workloads() {
        return standings.stream().map(Standing::workload).distinct().toList();
    }

    /** The standings under one workload. */
    public List<Standing> standings(String workload) {
        return standings.stream()
                .filter(standing -> standing.workload.equals(workload))
                .toList();
    }

    /** As one HTML file that loads nothing. */
    public String toHtml() {
        StringBuilder html = new StringBuilder(ReportPage.head("Load: servers compared"));
        html.append("<h1>Servers compared</h1>\n");
        notes.forEach(note ->
                html.append("<p class=\"bad\">").append(ReportPage.escape(note)).append("</p>\n"));
        for (String workload : workloads()) {
            html.append("<h2>").append(ReportPage.escape(workload)).append("</h2>\n<table>");
            appendRow(html, "th", HEADINGS);
            standings(workload).forEach(standing -> appendRow(html, "td", standing.cells()));
            html.append("</table>\n");
        }
        html.append("<h2>Run with</h2>\n<table>");
        settings.forEach((name, value) -> appendRow(html, "td", List.of(name, value)));
        return html.append("</table>\n</body></html>\n").toString();
    }

    private static void appendRow(StringBuilder html, String tag, List<String> cells) {
        List<String> row = new ArrayList<>();
        cells.forEach(cell -> row.add("<" + tag + ">" + ReportPage.escape(cell) + "</" + tag + ">"));
        html.append("<tr>").append(String.join("", row)).append("</tr>\n");
    }
}
