package dev.quintet.load.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * The percentiles of a latency, rising.
 *
 * @param count how many were measured
 * @param meanMicros their mean
 * @param points percentile and microseconds, up to the 99.99th and the largest
 */
public record Curve(double count, double meanMicros, List<Point> points) {
    private static final double[] PERCENTILES = {
        0, 10, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.75, 99.9, 99.95, 99.99, 100
    };

    /** One percentile. */
    public record Point(double percentile, double micros) {}

    /** Of values in microseconds. */
    public static Curve of(Histogram micros) {
        List<Point> points = new ArrayList<>();
        for (double percentile : PERCENTILES) {
            points.add(new Point(percentile, micros.getValueAtPercentile(percentile)));
        }
        double mean = micros.getTotalCount() == 0 ? 0 : micros.getMean();
        return new Curve(micros.getTotalCount(), mean, List.copyOf(points));
    }

    /** The value at one of the percentiles that it has. */
    public double micros(double percentile) {
        return points.stream()
                .filter(point -> point.percentile == percentile)
                .mapToDouble(Point::micros)
                .findFirst()
                .orElseThrow();
    }

    Map<String, Object> toMap() {
        Map<String, Object> micros = new LinkedHashMap<>();
        points.forEach(point -> micros.put(String.valueOf(point.percentile), point.micros));
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("count", count);
        map.put("meanMicros", meanMicros);
        map.put("micros", micros);
        return map;
    }

    static Curve of(Map<?, ?> map) {
        if (!(map.get("micros") instanceof Map<?, ?> micros)) {
            throw new IllegalArgumentException("a curve has no points");
        }
        List<Point> points = new ArrayList<>();
        for (double percentile : PERCENTILES) {
            points.add(new Point(percentile, Numbers.of(micros, String.valueOf(percentile))));
        }
        return new Curve(Numbers.of(map, "count"), Numbers.of(map, "meanMicros"), List.copyOf(points));
    }
}
