package dev.quintet.load.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Results of which each row was measured by itself.
 *
 * @param title what the rows are
 * @param headings of the values, with their units
 * @param rows in order; each has a value for each heading
 */
public record FigureTable(String title, List<String> headings, List<Row> rows) {

    /** What was measured, and what came out. */
    public record Row(String name, List<Double> values) {
        /** All cells as people read them, the name first. */
        public List<String> cells() {
            List<String> cells = new ArrayList<>(List.of(name));
            values.forEach(value -> cells.add(Figures.brief(value)));
            return cells;
        }
    }

    Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("title", title);
        map.put("headings", headings);
        map.put(
                "rows",
                rows.stream()
                        .map(row -> Map.of("name", row.name, "values", row.values))
                        .toList());
        return map;
    }

    static FigureTable of(Map<?, ?> map) {
        List<Row> rows = new ArrayList<>();
        for (Object one : list(map, "rows")) {
            if (!(one instanceof Map<?, ?> row)) {
                throw new IllegalArgumentException("a row is no object");
            }
            rows.add(new Row(String.valueOf(row.get("name")), numbers(row)));
        }
        List<String> headings =
                list(map, "headings").stream().<String>map(String::valueOf).toList();
        return new FigureTable(String.valueOf(map.get("title")), headings, List.copyOf(rows));
    }

    private static List<Double> numbers(Map<?, ?> row) {
        List<Double> numbers = new ArrayList<>();
        for (Object one : list(row, "values")) {
            if (!(one instanceof Number number)) {
                throw new IllegalArgumentException("a row has a value that is no number");
            }
            numbers.add(number.doubleValue());
        }
        return List.copyOf(numbers);
    }

    private static List<?> list(Map<?, ?> map, String name) {
        if (map.get(name) instanceof List<?> list) {
            return list;
        }
        throw new IllegalArgumentException("a table has no '" + name + "'");
    }
}
