package dev.quintet.load;

import dev.quintet.load.report.Curve;
import dev.quintet.load.report.Sample;
import org.HdrHistogram.Histogram;

/**
 * What a stretch of a load came to.
 *
 * <p><b>Thread:</b> the one that watches the load.
 */
final class LoadMeasure {
    private static final int DIGITS = 3;

    private final Histogram answers = new Histogram(DIGITS);
    private final Histogram deliveries = new Histogram(DIGITS);
    private double seconds;
    private double accepted;
    private double delivered;
    private double serverCpuMicros;
    private double driverCpuMicros;

    /** Another {@code passed} seconds of it. */
    void add(Sample sample, double passed, Histogram answered, Histogram arrived) {
        seconds += passed;
        accepted += sample.accepted() * passed;
        delivered += sample.delivered() * passed;
        serverCpuMicros += sample.serverCpuMicros() * passed;
        driverCpuMicros += sample.driverCpuMicros() * passed;
        answers.add(answered);
        deliveries.add(arrived);
    }

    /** How long it was. */
    double seconds() {
        return seconds;
    }

    /** Envelopes that came. */
    double delivered() {
        return delivered;
    }

    double acceptedPerSecond() {
        return perSecond(accepted);
    }

    double deliveredPerSecond() {
        return perSecond(delivered);
    }

    /** Processors that the server kept busy. */
    double serverProcessors() {
        return perSecond(serverCpuMicros) / 1e6;
    }

    /** Processors that the driver kept busy. */
    double driverProcessors() {
        return perSecond(driverCpuMicros) / 1e6;
    }

    private double perSecond(double value) {
        return seconds == 0 ? 0 : value / seconds;
    }

    /** The server's processor time for one delivery, in microseconds; 0 if nothing was delivered. */
    double cpuMicrosPerDelivery() {
        return delivered == 0 ? 0 : serverCpuMicros / delivered;
    }

    /** The server's processor time for one submission, in microseconds; 0 if nothing was accepted. */
    double cpuMicrosPerSubmission() {
        return accepted == 0 ? 0 : serverCpuMicros / accepted;
    }

    /** Latency of the answers. */
    Curve answers() {
        return Curve.of(answers);
    }

    /** And of the deliveries. */
    Curve deliveries() {
        return Curve.of(deliveries);
    }
}
