package dev.quintet.protocol;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class when a Netty buffer was lost until its end.
 *
 * <p>Netty finds a lost buffer when the next one is tracked after a garbage collection, and only logs it. This
 * extension puts itself into Netty's leak detectors, collects garbage after each test class and fails the class with
 * all reports. JUnit finds it by {@code META-INF/services}, in every module whose tests have protocol's test jar.
 */
public final class LeakCheck implements AfterAllCallback {
    private static final Queue<String> REPORTS = new ConcurrentLinkedQueue<>();
    private static final Queue<ResourceLeakDetector<?>> DETECTORS = new ConcurrentLinkedQueue<>();

    static {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new RecordingFactory());
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (context.getRequiredTestClass().getEnclosingClass() != null) {
            return;
        }
        List<String> reports = takeReports();
        if (!reports.isEmpty()) {
            throw new AssertionError(reports.size() + " lost buffers:\n" + String.join("\n", reports));
        }
    }

    /** Collects garbage, and takes out what was reported as lost since the last call. */
    static List<String> takeReports() {
        System.gc();
        DETECTORS.forEach(LeakCheck::poll);
        List<String> reports = new ArrayList<>();
        for (String report = REPORTS.poll(); report != null; report = REPORTS.poll()) {
            reports.add(report);
        }
        return reports;
    }

    /** A detector looks at what the collector found only when it tracks something new. */
    private static <T> void poll(ResourceLeakDetector<T> detector) {
        @SuppressWarnings("unchecked")
        T probe = (T) new Object();
        var tracker = detector.track(probe);
        if (tracker != null) {
            tracker.close(probe);
        }
    }

    /** Makes detectors that report to this class. */
    private static final class RecordingFactory extends ResourceLeakDetectorFactory {
        @Override
        @SuppressWarnings("deprecation")
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                Class<T> resource, int samplingInterval, long maxActive) {
            return newResourceLeakDetector(resource, samplingInterval);
        }

        @Override
        public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int samplingInterval) {
            ResourceLeakDetector<T> detector = new RecordingDetector<>(resource, samplingInterval);
            DETECTORS.add(detector);
            return detector;
        }
    }

    /** Records what Netty's own detector would log, whatever the log level. */
    private static final class RecordingDetector<T> extends ResourceLeakDetector<T> {
        @SuppressWarnings("deprecation")
        RecordingDetector(Class<T> resource, int samplingInterval) {
            super(resource, samplingInterval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String resourceType, String records) {
            REPORTS.add(resourceType + records);
        }

        @Override
        protected void reportUntracedLeak(String resourceType) {
            REPORTS.add(resourceType);
        }
    }
}
