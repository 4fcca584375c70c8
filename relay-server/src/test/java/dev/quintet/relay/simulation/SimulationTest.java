package dev.quintet.relay.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Runs the whole relay from many seeds, each on one thread.
 *
 * <p>{@code -Dquintet.simulation.seeds=100000} runs more of them, {@code -Dquintet.simulation.first=5000} others, and
 * {@code -Dquintet.simulation.seed=17} one alone, with what happened in it.
 */
final class SimulationTest {
    private static final String SEED = "quintet.simulation.seed";
    private static final int STEPS = 3_000;
    private static final int CONTROL_SEEDS = 100;
    private static final int SHOWN_LINES = 200;

    /** What a seed has led to. */
    private record Outcome(long seed, Violation violation, int powerCuts, int parcels, int keys, long hash) {}

    @Test
    void keepsItsPromisesWhateverHappens() {
        Long only = Long.getLong(SEED);
        if (only != null) {
            System.out.println(explain(only));
            assertThat(run(only, Flaw.NONE, Trace.off()).violation()).isNull();
            return;
        }
        long first = Long.getLong("quintet.simulation.first", 0);
        long count = Long.getLong("quintet.simulation.seeds", 2_000);
        Optional<Outcome> broken = LongStream.range(first, first + count)
                .parallel()
                .mapToObj(seed -> run(seed, Flaw.NONE, Trace.off()))
                .filter(outcome -> outcome.violation() != null)
                .findAny();
        broken.ifPresent(outcome -> {
            throw new AssertionError(explain(outcome.seed()), outcome.violation());
        });
    }

    private static Outcome run(long seed, Flaw flaw, Trace trace) {
        Simulation simulation = new Simulation(seed, flaw, STEPS, trace);
        Violation violation = null;
        try {
            simulation.run();
        } catch (Violation found) {
            violation = found;
        }
        return new Outcome(
                seed,
                violation,
                simulation.powerCutCount(),
                simulation.ledger().count(),
                simulation.ledger().keyCount(),
                trace.hash());
    }

    /** Runs a seed again, and tells how that went. */
    private static String explain(long seed) {
        Trace trace = Trace.on();
        Violation violation = run(seed, Flaw.NONE, trace).violation();
        return trace.tail(SHOWN_LINES) + "\n\nseed " + seed
                + (violation == null ? " breaks nothing" : " breaks " + violation.getMessage())
                + "\nrepeat it by: mvn -pl relay-server -am test -Dtest=SimulationTest#keeps*"
                + " -Dsurefire.failIfNoSpecifiedTests=false -D" + SEED + "=" + seed;
    }

    @Test
    void goesTheSameWayFromTheSameSeed() {
        for (long seed = 0; seed < 20; seed++) {
            assertThat(run(seed, Flaw.NONE, Trace.off()).hash())
                    .as("seed %d", seed)
                    .isEqualTo(run(seed, Flaw.NONE, Trace.on()).hash());
        }
    }

    @Test
    void cutsThePowerWhileThereIsTraffic() {
        Outcome sum = LongStream.range(0, 20)
                .mapToObj(seed -> run(seed, Flaw.NONE, Trace.off()))
                .reduce((one, other) -> new Outcome(
                        0,
                        null,
                        one.powerCuts() + other.powerCuts(),
                        one.parcels() + other.parcels(),
                        one.keys() + other.keys(),
                        0))
                .orElseThrow();
        assertThat(sum.powerCuts()).isGreaterThan(20);
        assertThat(sum.parcels()).isGreaterThan(200);
        assertThat(sum.keys()).isGreaterThan(20);
    }

    /** The negative controls: a relay with a flaw breaks the promise that the flaw is about. */
    @ParameterizedTest
    @CsvSource({
        "FORCE_PRETENDED, ACCEPTED_IS_ON_DISK",
        "ANSWERS_TOO_EARLY, ACCEPTED_IS_ON_DISK",
        "ACKNOWLEDGEMENTS_FORGOTTEN, ACKNOWLEDGED_IS_GONE",
        "REPETITIONS_FORGOTTEN, ONCE_BY_ID",
        "DELIVERIES_SKIPPED, ORDER",
        "LISTS_FORGOTTEN, LISTS_ONLY_ADVANCE",
        "LISTS_FORGOTTEN, ALL_OR_NOTHING",
        "REMOVALS_FORGOTTEN, FIVE_AT_MOST",
        "KEYS_FORGOTTEN, KEYS_GO_ONCE",
        "FRAMES_LATE, REMOVED_IS_OUT"
    })
    void noticesABrokenPromise(Flaw flaw, Promise promise) {
        Map<Promise, Long> found = LongStream.range(0, CONTROL_SEEDS)
                .parallel()
                .mapToObj(seed -> run(seed, flaw, Trace.off()))
                .filter(outcome -> outcome.violation() != null)
                .collect(Collectors.groupingBy(outcome -> outcome.violation().promise(), Collectors.counting()));
        assertThat(found).as("what %d seeds have found", CONTROL_SEEDS).containsKey(promise);
    }
}
