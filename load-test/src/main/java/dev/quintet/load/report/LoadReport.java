package dev.quintet.load.report;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything that one load has measured.
 *
 * @param scenario its name
 * @param server what was loaded
 * @param startedAt UTC, ISO 8601
 * @param settings what it was run with, and on what machine, in words
 * @param samples second by second, warm-up included
 * @param answers latency of the submissions' answers, warm-up excluded
 * @param deliveries latency of the deliveries, warm-up excluded
 * @param figures the results as numbers, by name with unit
 * @param tables results that were measured row by row
 * @param checks how often the checker counted what
 * @param notes what a reader must know: violations, an early end, what was not measured
 */
public record LoadReport(
        String scenario,
        String server,
        String startedAt,
        Map<String, String> settings,
        List<Sample> samples,
        Curve answers,
        Curve deliveries,
        Map<String, Double> figures,
        List<FigureTable> tables,
        Map<String, Double> checks,
        List<String> notes) {

    /** This report as JSON. */
    public String toJson() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("scenario", scenario);
        map.put("server", server);
        map.put("startedAt", startedAt);
        map.put("settings", settings);
        map.put("figures", figures);
        map.put("tables", tables.stream().map(FigureTable::toMap).toList());
        map.put("checks", checks);
        map.put("notes", notes);
        map.put("answers", answers.toMap());
        map.put("deliveries", deliveries.toMap());
        map.put("samples", samples.stream().map(Sample::toMap).toList());
        return ConfigValueFactory.fromMap(map)
                .render(ConfigRenderOptions.concise().setFormatted(true));
    }

    /** The report in JSON that {@link #toJson} wrote; {@link IllegalArgumentException} for anything else. */
    public static LoadReport parse(String json) {
        Map<String, Object> map;
        try {
            map = ConfigFactory.parseString(json).root().unwrapped();
        } catch (ConfigException notJson) {
            throw new IllegalArgumentException("it is no JSON: " + notJson.getMessage());
        }
        return new LoadReport(
                text(map, "scenario"),
                text(map, "server"),
                text(map, "startedAt"),
                texts(part(map, "settings")),
                samples(map.get("samples")),
                Curve.of(part(map, "answers")),
                Curve.of(part(map, "deliveries")),
                Numbers.all(part(map, "figures")),
                tables(map.get("tables")),
                Numbers.all(part(map, "checks")),
                notes(map.get("notes")));
    }

    private static String text(Map<?, ?> map, String name) {
        if (map.get(name) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("it has no text '" + name + "'");
    }

    private static Map<?, ?> part(Map<?, ?> map, String name) {
        if (map.get(name) instanceof Map<?, ?> part) {
            return part;
        }
        throw new IllegalArgumentException("it has no part '" + name + "'");
    }

    private static Map<String, String> texts(Map<?, ?> map) {
        Map<String, String> texts = new LinkedHashMap<>();
        map.forEach((name, value) -> texts.put(String.valueOf(name), String.valueOf(value)));
        return texts;
    }

    /** Reports that were written before there were tables have none. */
    private static List<FigureTable> tables(Object list) {
        List<FigureTable> tables = new ArrayList<>();
        for (Object one : list instanceof List<?> many ? many : List.of()) {
            if (!(one instanceof Map<?, ?> map)) {
                throw new IllegalArgumentException("a table is no object");
            }
            tables.add(FigureTable.of(map));
        }
        return List.copyOf(tables);
    }

    private static List<Sample> samples(Object list) {
        List<Sample> samples = new ArrayList<>();
        for (Object one : list instanceof List<?> many ? many : List.of()) {
            if (!(one instanceof Map<?, ?> map)) {
                throw new IllegalArgumentException("a sample is no object");
            }
            samples.add(Sample.of(map));
        }
        return List.copyOf(samples);
    }

    private static List<String> notes(Object list) {
        return list instanceof List<?> many ? many.stream().map(String::valueOf).toList() : List.of();
    }
}
