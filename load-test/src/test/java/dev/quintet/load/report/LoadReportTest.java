package dev.quintet.load.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reports come back from JSON as they were, and stand on a page that needs nothing else. */
class LoadReportTest {
    @Test
    void comesBackFromItsJson() {
        LoadReport report = report("relay, plain", 100);

        assertThat(LoadReport.parse(report.toJson())).isEqualTo(report);
    }

    @Test
    void readsAReportOfBeforeThereWereTables() {
        String json = report("relay, plain", 100).toJson().replace("\"tables\"", "\"unknown\"");

        assertThat(LoadReport.parse(json).tables()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[1]", "nonsense", "{\"scenario\": \"saturate\"}"})
    void refusesWhatIsNoReport(String json) {
        assertThatIllegalArgumentException().isThrownBy(() -> LoadReport.parse(json));
    }

    @Test
    void standsOnAPageThatLoadsNothing() {
        String page = new ReportPage(List.of(report("relay <plain>", 100))).toHtml();

        assertThat(page)
                .contains("relay &lt;plain&gt;", "Percentiles", "µs for each delivery", "MiB resident")
                .contains("<polyline", "delivered, 1/s", "out of order")
                .contains("<td>a &lt;row&gt;</td><td>100</td>")
                .doesNotContain("<script", "http:", "https:", "src=", "<link", "NaN", "Infinity");
    }

    @Test
    void laysTwoSideBySideWithTheirRatio() {
        String page = new ReportPage(List.of(report("relay", 100), report("floor", 150))).toHtml();

        assertThat(page).contains("<td>100</td><td>150</td><td class=\"ratio\">× 1.50</td>");
    }

    @Test
    void drawsALoadThatNeverBegan() {
        LoadReport empty = new LoadReport(
                "saturate",
                "relay",
                "now",
                Map.of(),
                List.of(),
                Curve.of(new Histogram(3)),
                Curve.of(new Histogram(3)),
                Map.of(),
                List.of(),
                Map.of(),
                List.of("cut short"));

        assertThat(new ReportPage(List.of(empty)).toHtml())
                .contains("cut short")
                .doesNotContain("NaN");
    }

    private static LoadReport report(String server, double rate) {
        Histogram micros = new Histogram(3);
        for (int value = 1; value <= 1_000; value++) {
            micros.recordValue(value);
        }
        List<Sample> samples = List.of(
                new Sample(1, 20, rate, 100, 200, 300, 400, 700, 1 << 28, 100),
                new Sample(2, 0, 0, 0, 0, 0, 0, 0, 1 << 28, 0));
        return new LoadReport(
                "saturate",
                server,
                "2026-01-02T03:04:05Z",
                Map.of("--accounts", "200", "machine", "two processors"),
                samples,
                Curve.of(micros),
                Curve.of(micros),
                Map.of("delivered, 1/s", rate),
                List.of(new FigureTable(
                        "One submission to",
                        List.of("deliveries/s"),
                        List.of(new FigureTable.Row("a <row>", List.of(rate))))),
                Map.of("out of order", 0.0),
                List.of("a note"));
    }
}
