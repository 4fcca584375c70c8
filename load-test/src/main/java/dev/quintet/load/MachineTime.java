package dev.quintet.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Time of all processors since the machine was started, from {@code /proc/stat}, see proc(5); nothing where that cannot be
 * read.
 *
 * @param ticks all of it, in hundredths of a second
 * @param stolenTicks in which the machine, itself a guest, was not given its processor although it had work
 */
record MachineTime(long ticks, long stolenTicks) {
    private static final Path SOURCE = Path.of("/proc/stat");
    private static final int STOLEN = 7;

    /** As it is now. */
    static MachineTime now() {
        try {
            return parse(Files.readString(SOURCE));
        } catch (IOException unreadable) {
            return new MachineTime(0, 0);
        }
    }

    /** From the first line of the file: user, nice, system, idle, iowait, irq, softirq, steal, and two that user contains. */
    static MachineTime parse(String stat) {
        long[] fields = stat.lines().findFirst().stream()
                .flatMap(line -> Arrays.stream(line.split(" +")).skip(1).limit(STOLEN + 1))
                .mapToLong(Long::parseLong)
                .toArray();
        return new MachineTime(Arrays.stream(fields).sum(), fields.length > STOLEN ? fields[STOLEN] : 0);
    }

    /** Of the time since {@code before}, how much was stolen, in percent. */
    double stolenPercentSince(MachineTime before) {
        long passed = ticks - before.ticks;
        return passed <= 0 ? 0 : 100.0 * (stolenTicks - before.stolenTicks) / passed;
    }
}
