package dev.quintet.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * What the kernel says of a process: processor time and resident memory, from {@code /proc}.
 *
 * <p><b>Thread:</b> any. <b>Failure:</b> a process that has ended has used what it last had.
 */
final class ProcessWatch {
    /** Linux counts processor time for programs in hundredths of a second on every machine that we know. */
    private static final long TICK_MICROS = TimeUnit.MILLISECONDS.toMicros(10);

    /** Fields behind the command's closing bracket in {@code /proc/PID/stat}, see proc(5). */
    private static final int USER_TICKS = 11;

    private static final int SYSTEM_TICKS = 12;
    private static final long KIBIBYTE = 1024;

    private final Path folder;
    private long cpuMicros;
    private long residentBytes;

    ProcessWatch(long pid) {
        folder = Path.of("/proc", String.valueOf(pid));
    }

    /** Whether there is such a process. */
    boolean isThere() {
        return Files.isDirectory(folder);
    }

    /** Processor time of all its threads since it was started, in microseconds. */
    synchronized long cpuMicros() {
        try {
            String stat = Files.readString(folder.resolve("stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
            cpuMicros = TICK_MICROS * (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS]));
        } catch (IOException | RuntimeException ended) {
            // What was last read stands.
        }
        return cpuMicros;
    }

    /** Memory that is really there, shared libraries included, in bytes. */
    synchronized long residentBytes() {
        try {
            residentBytes = Files.readAllLines(folder.resolve("status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> KIBIBYTE * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(residentBytes);
        } catch (IOException | RuntimeException ended) {
            // What was last read stands.
        }
        return residentBytes;
    }
}
