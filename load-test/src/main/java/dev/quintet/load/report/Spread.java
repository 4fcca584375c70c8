package dev.quintet.load.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A few measurements of one thing.
 *
 * @param least the smallest
 * @param median the middle one
 * @param most the largest
 */
public record Spread(double least, double median, double most) {
    /** Of one value at least. */
    public static Spread of(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(sorted[0], median, sorted[sorted.length - 1]);
    }

    List<Double> toList() {
        return List.of(least, median, most);
    }

    /** The median, with the others in brackets. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.2f (%.2f–%.2f)", median, least, most);
    }
}
