package dev.quintet.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What accounts cost at start of which no device is there. */
@Command(
        name = "sleeping",
        description = {
            "Starts relays on data directories with ever more accounts asleep: time from start to ready, and memory then.",
            "",
            "The registrations are written into the journal by this process and folded into the image by a relay that is then "
                    + "ended; only starts after that are counted, which find the files in the kernel's cache.",
            ""
        })
final class LoadSleeping implements Callable<Integer> {
    /** What a relay folds in a start that must not take longer than a minute. */
    private static final int FOLDED_AT_ONCE = 200_000;

    private static final double MEBIBYTE = 1 << 20;
    private static final double MILLI = 1e6;

    @Option(
            names = "--accounts",
            split = ",",
            defaultValue = "10000,100000,1000000",
            description = "How many, rising; five devices each (default: ${DEFAULT-VALUE}).")
    private List<Integer> accounts;

    @Option(
            names = "--starts",
            defaultValue = "5",
            description = "Starts for each number; the median is shown (default: ${DEFAULT-VALUE}).")
    private int starts;

    @Option(
            names = "--jvm",
            paramLabel = "OPTION",
            description = "An option for the relay's JVM, e.g. --jvm=-Xmx256m; may be repeated.")
    private List<String> jvmOptions = List.of();

    @Spec
    private CommandSpec spec;

    /** One start: its time in nanoseconds, resident bytes when ready and after a collection. */
    private record Start(long nanos, long resident, long collected) {}

    @Override
    public Integer call() {
        boolean isRising = accounts.stream().sorted().toList().equals(accounts);
        if (!isRising || accounts.get(0) < 1 || starts < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--accounts must be rising numbers from 1 on, and --starts 1 at least");
        }
        Screen screen = new Screen(spec.commandLine().getOut());
        try (TemporaryFolder folder = new TemporaryFolder("quintet-sleeping-", false)) {
            measure(folder.path(), screen);
        }
        return 0;
    }

    private void measure(Path folder, Screen screen) {
        SleepingAccounts sleeping = new SleepingAccounts(1);
        startAndEnd(folder);
        screen.line("  accounts     data MiB   start to ready ms   resident MiB   ... after a collection");
        int there = 0;
        for (int count : accounts) {
            while (there < count) {
                int more = Math.min(FOLDED_AT_ONCE, count - there);
                sleeping.append(folder.resolve("data"), more);
                startAndEnd(folder);
                there += more;
                screen.live("  " + Words.count(there) + " accounts written");
            }
            screen.line(row(count, folder, starts(folder)));
        }
    }

    private void startAndEnd(Path folder) {
        try (RelayProcess relay = relay(folder)) {
            relay.start();
        }
    }

    private RelayProcess relay(Path folder) {
        return new RelayProcess(folder, jvmOptions, List.of("--plain"));
    }

    private List<Start> starts(Path folder) {
        List<Start> measured = new ArrayList<>();
        for (int start = 0; start < starts; start++) {
            try (RelayProcess relay = relay(folder)) {
                long startNanos = System.nanoTime();
                relay.start();
                long nanos = System.nanoTime() - startNanos;
                ProcessWatch watch = new ProcessWatch(relay.pid());
                long resident = watch.residentBytes();
                ServerMemory.collect(relay.pid());
                measured.add(new Start(nanos, resident, watch.residentBytes()));
            }
        }
        return measured;
    }

    private static String row(int count, Path folder, List<Start> measured) {
        return String.format(
                Locale.ROOT,
                "%,10d %,12.0f %,19.0f %,14.1f %,24.1f",
                count,
                bytes(folder.resolve("data")) / MEBIBYTE,
                median(measured.stream().map(Start::nanos)) / MILLI,
                median(measured.stream().map(Start::resident)) / MEBIBYTE,
                median(measured.stream().map(Start::collected)) / MEBIBYTE);
    }

    private static double median(Stream<Long> values) {
        List<Long> sorted = values.sorted().toList();
        return sorted.get(sorted.size() / 2);
    }

    private static long bytes(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
    }
}
