package dev.quintet.load.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/**
 * Lines over a common axis, as a picture in SVG that stands inside an HTML page.
 *
 * <p><b>Thread:</b> one.
 */
final class LineChart {
    private static final String[] COLOURS = {"#1f6fb2", "#d1495b", "#3d8b5f", "#8a5fb0"};
    private static final int WIDTH = 640;
    private static final int HEIGHT = 260;
    private static final int LEFT = 66;
    private static final int RIGHT = 14;
    private static final int TOP = 34;
    private static final int BOTTOM = 34;
    private static final int LINES = 4;

    private final String title;
    private final String unit;
    private final List<Mark> marks;
    private final boolean isLogarithmic;
    private final List<Line> lines = new ArrayList<>();

    /** A place on the horizontal axis with what is written under it. */
    record Mark(double at, String text) {}

    private record Line(String name, double[] at, double[] values) {}

    /**
     * @param unit of the values
     * @param marks of the horizontal axis, rising; the axis reaches from the first to the last
     * @param isLogarithmic whether ten times as much is always as far
     */
    LineChart(String title, String unit, List<Mark> marks, boolean isLogarithmic) {
        this.title = title;
        this.unit = unit;
        this.marks = marks;
        this.isLogarithmic = isLogarithmic;
    }

    /** One more line through these points; both arrays have the same length. */
    LineChart add(String name, double[] at, double[] values) {
        lines.add(new Line(name, at, values));
        return this;
    }

    /** The picture. */
    String toSvg() {
        double top = lines.stream()
                .flatMapToDouble(line -> Arrays.stream(line.values))
                .max()
                .orElse(0);
        double highest = top <= 0 ? 1 : rounded(top);
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT, "<svg viewBox=\"0 0 %d %d\" role=\"img\"><title>%s</title>%n", WIDTH, HEIGHT, title));
        svg.append(text(LEFT, 16, "start", "title", title + ", " + unit));
        appendAxes(svg, highest);
        for (int index = 0; index < lines.size(); index++) {
            appendLine(svg, lines.get(index), COLOURS[index % COLOURS.length], index, highest);
        }
        return svg.append("</svg>\n").toString();
    }

    private double rounded(double top) {
        double power = Math.pow(10, Math.floor(Math.log10(top)));
        if (isLogarithmic) {
            return top <= power ? power : 10 * power;
        }
        for (double step : new double[] {1, 2, 2.5, 4, 5, 10}) {
            if (top <= step * power) {
                return step * power;
            }
        }
        return top;
    }

    private void appendAxes(StringBuilder svg, double highest) {
        for (int line = 0; line <= LINES; line++) {
            double value = isLogarithmic ? highest / Math.pow(10, LINES - line) : highest * line / LINES;
            double y = y(value, highest);
            svg.append(String.format(
                    Locale.ROOT, "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>%n", LEFT, WIDTH - RIGHT, y, y));
            svg.append(text(LEFT - 6, y + 4, "end", "axis", Figures.brief(value)));
        }
        for (Mark mark : marks) {
            svg.append(text(x(mark.at), HEIGHT - 12, "middle", "axis", mark.text));
        }
    }

    private void appendLine(StringBuilder svg, Line line, String colour, int index, double highest) {
        StringBuilder points = new StringBuilder();
        for (int point = 0; point < line.at.length; point++) {
            points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(line.at[point]), y(line.values[point], highest)));
        }
        svg.append("<polyline stroke=\"" + colour + "\" points=\""
                + points.toString().strip() + "\"/>\n");
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"16\" text-anchor=\"end\" fill=\"%s\">%s</text>%n",
                WIDTH - RIGHT - 150 * (lines.size() - 1 - index),
                colour,
                line.name));
    }

    private static String text(double x, double y, String anchor, String kind, String words) {
        return String.format(
                Locale.ROOT,
                "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
                kind,
                x,
                y,
                anchor,
                words);
    }

    private double x(double at) {
        double first = marks.get(0).at;
        double last = marks.get(marks.size() - 1).at;
        return LEFT + (WIDTH - LEFT - RIGHT) * (last == first ? 0 : (at - first) / (last - first));
    }

    private double y(double value, double highest) {
        DoubleUnaryOperator share = isLogarithmic
                ? one -> Math.max(0, 1 + Math.log10(Math.max(one, 1e-9) / highest) / LINES)
                : one -> one / highest;
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * Math.min(1, share.applyAsDouble(value));
    }
}
