package dev.quintet.load;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * A relay's metrics at one moment: the sum over all labels by name. Empty if they cannot be had.
 *
 * @param sums value by name of the metric
 */
record MetricsPage(Map<String, Double> sums) {
    private static final int TIMEOUT_MILLIS = 2_000;

    /** Nothing is known. */
    static final MetricsPage NONE = new MetricsPage(Map.of());

    /** Reads {@code url}, Prometheus text. */
    static MetricsPage read(URI url) {
        try {
            URLConnection connection = url.toURL().openConnection();
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            try (InputStream text = connection.getInputStream()) {
                return parse(new String(text.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException | IllegalArgumentException unreachable) {
            return NONE;
        }
    }

    /** Reads Prometheus text; what is no sample is passed over. */
    static MetricsPage parse(String text) {
        Map<String, Double> sums = new HashMap<>();
        for (String line : text.split("\n")) {
            int space = line.lastIndexOf(' ');
            if (space > 0 && !line.startsWith("#")) {
                add(sums, line.substring(0, space).split("\\{", 2)[0].strip(), line.substring(space + 1));
            }
        }
        return new MetricsPage(sums);
    }

    private static void add(Map<String, Double> sums, String name, String value) {
        try {
            sums.merge(name, Double.parseDouble(value), Double::sum);
        } catch (NumberFormatException noNumber) {
            // Then it is no sample.
        }
    }

    /** How much a counter has risen since {@code before}; 0 if it is not there. */
    double since(MetricsPage before, String name) {
        return sums.getOrDefault(name, 0.0) - before.sums.getOrDefault(name, 0.0);
    }

    /** The mean of a summary or histogram since {@code before}; 0 if nothing was recorded. */
    double meanSince(MetricsPage before, String name) {
        double count = since(before, name + "_count");
        return count == 0 ? 0 : since(before, name + "_sum") / count;
    }
}
