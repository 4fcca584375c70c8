package dev.quintet.relay.server;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.security.cert.X509Certificate;

/**
 * All meters of the process, and their text for Prometheus.
 *
 * <p>The rooms get {@link #registry} by constructor and name their meters {@code quintet.…}; this class adds the JVM's,
 * the process's and those that belong to no room.
 *
 * <p><b>Thread:</b> any. <b>Limits:</b> no meter has a label with unbounded values, so their number is fixed.
 */
final class Metrics implements AutoCloseable {
    /** What a relay that was not packaged calls itself. */
    private static final String NO_VERSION = "development";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();

    Metrics() {
        // Prometheus reserves the ending _count, and wants CPU time in seconds: promtool rejects these two.
        registry.config()
                .meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"))
                .meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"));
        new JvmMemoryMetrics().bindTo(registry);
        collections.bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        Gauge.builder("quintet.build.info", () -> 1)
                .description("Always 1; the version of the relay and of the JDK that runs it")
                .tag("version", version())
                .tag("java", Runtime.version().toString())
                .register(registry);
    }

    /** For the rooms' meters. */
    MeterRegistry registry() {
        return registry;
    }

    /** Watches the file system that holds {@code directory}. */
    void watchDisk(Path directory) {
        Gauge.builder("quintet.disk.free", directory, path -> path.toFile().getUsableSpace())
                .description("Bytes that the relay may still write to the data directory's file system")
                .baseUnit("bytes")
                .register(registry);
    }

    /** Shows when {@code certificate} ends. */
    void watchCertificate(X509Certificate certificate) {
        Gauge.builder(
                        "quintet.tls.certificate.not.after.timestamp",
                        certificate,
                        watched -> watched.getNotAfter().toInstant().getEpochSecond())
                .description("When the relay's certificate ends, in seconds since 1970")
                .baseUnit("seconds")
                .register(registry);
    }

    /** Everything, in Prometheus' text format 0.0.4. */
    String text() {
        return registry.scrape("text/plain; version=0.0.4; charset=utf-8");
    }

    /** The relay's version. */
    static String version() {
        String version = Metrics.class.getPackage().getImplementationVersion();
        return version == null ? NO_VERSION : version;
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
