package dev.quintet.benchmarks;

import java.util.Collection;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs every benchmark in a short form, in under three minutes, and prints a table: time and allocation of one
 * operation.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar [PART OF A NAME]}; for a number to be written down, run one class
 * in its long form by {@code java -cp benchmarks/target/benchmarks.jar org.openjdk.jmh.Main -prof gc NAME}.
 */
public final class Benchmarks {
    private static final String ALLOCATION = "gc.alloc.rate.norm";

    private Benchmarks() {}

    /** The first argument, if there is one, is a regular expression that names must contain. */
    public static void main(String[] arguments) throws RunnerException {
        OptionsBuilder options = new OptionsBuilder();
        options.include(arguments.length == 0 ? "Benchmark" : arguments[0])
                .forks(1)
                .warmupIterations(2)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(3)
                .measurementTime(TimeValue.seconds(1))
                .addProfiler(GCProfiler.class)
                .verbosity(VerboseMode.SILENT);
        System.out.println("Short form, 3 x 1 s each; compare within this table only.");
        print(new Runner(options.build()).run());
    }

    private static void print(Collection<RunResult> results) {
        String row = "%-48s %12s %8s %-6s %12s%n";
        System.out.printf(row, "benchmark", "time", "+-", "unit", "bytes/op");
        for (RunResult result : results) {
            Result<?> time = result.getPrimaryResult();
            Result<?> allocation = result.getSecondaryResults().get(ALLOCATION);
            System.out.printf(
                    Locale.ROOT,
                    row,
                    shortName(result.getParams().getBenchmark()),
                    number(time.getScore()),
                    number(time.getScoreError()),
                    time.getScoreUnit(),
                    number(allocation.getScore()));
        }
    }

    /** Class and method. */
    private static String shortName(String benchmark) {
        int classDot = benchmark.lastIndexOf('.', benchmark.lastIndexOf('.') - 1);
        return benchmark.substring(classDot + 1);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
