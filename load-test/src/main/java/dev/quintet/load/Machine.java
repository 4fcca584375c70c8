package dev.quintet.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a measurement was made on. */
final class Machine {
    private Machine() {}

    /** Processors, their model, and the kernel, in one line. */
    static String words() {
        String model = first("/proc/cpuinfo", "model name");
        String kernel = System.getProperty("os.name") + " " + System.getProperty("os.version");
        return Runtime.getRuntime().availableProcessors() + " processors, " + model + ", " + kernel;
    }

    private static String first(String file, String name) {
        try {
            return Files.readAllLines(Path.of(file)).stream()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("of unknown model");
        } catch (IOException unreadable) {
            return "of unknown model";
        }
    }
}
