package dev.quintet.load;

import dev.quintet.client.DeviceAddress;
import java.util.function.Function;

/** The checker's verdict as a table. */
final class Summary {
    private Summary() {}

    /** @param names what to call a device */
    static void print(Screen screen, DeliveryReport report, Function<DeviceAddress, String> names) {
        screen.line(String.format("  %-10s %10s %10s %12s", "device", "expected", "delivered", "redelivered"));
        report.devices()
                .forEach((device, count) -> screen.line(String.format(
                        "  %-10s %10s %10s %12s",
                        names.apply(device),
                        Words.count(count.expected()),
                        Words.count(count.delivered()),
                        Words.count(count.redelivered()))));
        screen.line("");
        totals(screen, report);
    }

    /** Only the totals and what was found. */
    static void totals(Screen screen, DeliveryReport report) {
        screen.line(String.format(
                "  submitted %s   accepted %s   refused %s   unanswered %s   delivered %s",
                Words.count(report.submitted()),
                Words.count(report.accepted()),
                Words.count(report.refused()),
                Words.count(report.unanswered()),
                Words.count(report.delivered())));
        screen.line(String.format(
                "  lost %s   duplicated %s   out of order %s   unexpected %s   damaged %s   holes %s   gaps %s",
                Words.count(report.lost()),
                Words.count(report.duplicated()),
                Words.count(report.outOfOrder()),
                Words.count(report.unexpected()),
                Words.count(report.damaged()),
                Words.count(report.holes()),
                Words.count(report.gaps())));
        report.findings().forEach(finding -> screen.line("  " + finding));
    }
}
