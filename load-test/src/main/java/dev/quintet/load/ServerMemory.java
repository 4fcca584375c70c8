package dev.quintet.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The memory of a relay after its garbage is collected.
 *
 * @param resident bytes that the process has
 * @param heap bytes of live objects; 0 if its metrics do not say
 */
record ServerMemory(long resident, long heap) {
    private static final long COLLECT_SECONDS = 30;

    /** What the collection has freed goes back to the kernel some time after. */
    private static final long RETURN_MILLIS = 3_000;

    /** Live objects after the last collection. */
    private static final String HEAP = "jvm_gc_live_data_size_bytes";

    /** Of a relay that the load has started: its JVM is asked to collect first. */
    static ServerMemory of(LoadTarget target) {
        collect(target.relay().orElseThrow().pid());
        long resident = target.watch().orElseThrow().residentBytes();
        return new ServerMemory(resident, Math.round(target.page().sums().getOrDefault(HEAP, 0.0)));
    }

    /** Has a JVM collect its garbage, and give back to the kernel what it no longer needs. */
    static void collect(long pid) {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        try {
            Process collecting = new ProcessBuilder(jcmd.toString(), String.valueOf(pid), "GC.run")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            collecting.waitFor(COLLECT_SECONDS, TimeUnit.SECONDS);
            Sleep.millis(RETURN_MILLIS);
        } catch (IOException absent) {
            throw new CommandFailure("cannot have the relay collect its garbage: " + absent.getMessage());
        } catch (InterruptedException exception) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted");
        }
    }
}
