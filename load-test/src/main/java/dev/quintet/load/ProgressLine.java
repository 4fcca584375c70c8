package dev.quintet.load;

import dev.quintet.load.report.Sample;
import java.util.Locale;

/** One second of a load in one line, with a bar that says how far it is. */
final class ProgressLine {
    private static final int BAR = 16;
    private static final double MEBIBYTE = 1 << 20;

    private ProgressLine() {}

    /** @param seconds in all; very many if nobody knows */
    static String of(String words, int second, int seconds, Sample sample) {
        return String.format(
                Locale.ROOT,
                "%-9s %s %4d s %9s accepted/s %10s delivered/s  p50 %8s p99 %8s  server %5.1f µs each %4d %% %5.0f MiB",
                words,
                bar(second, seconds),
                second,
                Words.count(Math.round(sample.accepted())),
                Words.count(Math.round(sample.delivered())),
                Words.micros(Math.round(sample.deliveryP50Micros())),
                Words.micros(Math.round(sample.deliveryP99Micros())),
                sample.cpuMicrosPerDelivery(),
                Math.round(sample.serverCpuMicros() / 10_000),
                sample.serverBytes() / MEBIBYTE);
    }

    private static String bar(int done, int all) {
        int full = (int) ((long) BAR * done / all);
        return "[" + "=".repeat(full) + " ".repeat(BAR - full) + "]";
    }
}
