package dev.quintet.benchmarks;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs every benchmark in a short form, in under three minutes, and prints a table: time and allocation of one
 * operation.
 *
 * <p>Measures in sixty iterations of 20 ms each. The fastest of them is what the code needs when nothing disturbs
 * it, and can be compared on a machine that has other work to do; the median is what it took there.
 *
 * <p>{@code java -jar benchmarks/target/benchmarks.jar [PART OF A NAME]}; one class in JMH's own long form, on a quiet
 * machine: {@code java -cp benchmarks/target/benchmarks.jar org.openjdk.jmh.Main -prof gc NAME}.
 */
public final class Benchmarks {
    private static final String ALLOCATION = "gc.alloc.rate.norm";

    private static final int FAILED = 1;
    private static final int WRONG = 2;
    private static final int WARM_UP_MILLIS = 500;
    private static final int ITERATIONS = 60;
    private static final int ITERATION_MILLIS = 20;
    private static final String ROW = "%-64s %12s %12s %-6s %10s%n";

    private Benchmarks() {}

    /** The only argument, if there is one, is a regular expression that names must contain. */
    public static void main(String[] arguments) {
        if (arguments.length > 1 || arguments.length == 1 && !isNamed(arguments[0])) {
            System.err.println("quintet: bench takes nothing, or a part of the name of one of these:");
            all().forEach(name -> System.err.println("  " + name));
            System.exit(WRONG);
        }
        OptionsBuilder options = new OptionsBuilder();
        options.include(arguments.length == 0 ? "Benchmark" : arguments[0])
                .forks(1)
                .warmupIterations(3)
                .warmupTime(TimeValue.milliseconds(WARM_UP_MILLIS))
                .measurementIterations(ITERATIONS)
                .measurementTime(TimeValue.milliseconds(ITERATION_MILLIS))
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        try {
            print(new Runner(options.build()).run());
        } catch (RunnerException failed) {
            System.err.println("quintet: a benchmark failed: " + rootOf(failed));
            System.exit(FAILED);
        }
    }

    /** JMH hides what happened behind causes and what was suppressed. */
    private static Throwable rootOf(Throwable failure) {
        if (failure.getCause() != null) {
            return rootOf(failure.getCause());
        }
        return failure.getSuppressed().length > 0 ? rootOf(failure.getSuppressed()[0]) : failure;
    }

    private static boolean isNamed(String part) {
        try {
            Pattern pattern = Pattern.compile(part);
            return all().stream().anyMatch(name -> pattern.matcher(name).find());
        } catch (PatternSyntaxException none) {
            return false;
        }
    }

    private static List<String> all() {
        OutputFormat silent = OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT);
        return BenchmarkList.defaultList().getAll(silent, List.of()).stream()
                .map(BenchmarkListEntry::getUsername)
                .toList();
    }

    private static void print(Collection<RunResult> results) {
        System.out.printf(ROW, "benchmark", "fastest", "median", "unit", "bytes/op");
        for (RunResult result : results) {
            Result<?> time = result.getPrimaryResult();
            Result<?> allocation = result.getSecondaryResults().get(ALLOCATION);
            System.out.printf(
                    ROW,
                    name(result.getParams()),
                    number(time.getStatistics().getMin()),
                    number(time.getStatistics().getPercentile(50)),
                    time.getScoreUnit(),
                    number(allocation.getScore()));
        }
    }

    /** Class and method, and its parameters in brackets. */
    private static String name(BenchmarkParams params) {
        String benchmark = params.getBenchmark();
        int classDot = benchmark.lastIndexOf('.', benchmark.lastIndexOf('.') - 1);
        String values = params.getParamsKeys().stream().map(params::getParam).collect(Collectors.joining(", "));
        return benchmark.substring(classDot + 1) + (values.isEmpty() ? "" : " (" + values + ")");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
