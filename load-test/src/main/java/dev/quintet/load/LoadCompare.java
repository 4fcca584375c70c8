package dev.quintet.load;

import dev.quintet.load.Contestant.Turn;
import dev.quintet.load.drive.DriveFailure;
import dev.quintet.load.drive.DriveVerdict;
import dev.quintet.load.report.Comparison;
import dev.quintet.relay.net.Transport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The relay, floors and other servers under the same load in turns. */
@Command(
        name = "compare",
        description = {
            "Loads the relay, floors and other servers in turns, A B C A B C …, each as a process of its own.",
            "",
            "What is not installed is named and left out: Redis and Mosquitto are Debian's packages; HiveMQ CE is fetched "
                    + "from Maven Central the first time. --seconds and --warm-up mean nothing here. With all defaults "
                    + "it takes ten to fifteen minutes.",
            ""
        })
final class LoadCompare implements Callable<Integer> {
    private static final int BROKEN = 1;
    private static final int SETTLE_SECONDS = 2;

    @Option(names = "--rounds", defaultValue = "3", description = "Turns of each server (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--turn",
            paramLabel = "SECONDS",
            defaultValue = "6",
            description = "Time measured in each turn and workload (default: ${DEFAULT-VALUE}).")
    private int turnSeconds;

    @Option(
            names = "--rate",
            paramLabel = "PER-SECOND",
            defaultValue = "2000",
            description = "Submissions under the steady workload (default: ${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--warm-up-at-most",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description =
                    "Time before the first round for each server, which ends when its CPU for a delivery has differed by "
                            + "less than 5 %% in three windows of 5 s (default: ${DEFAULT-VALUE}).")
    private int mostWarmUpSeconds;

    @Option(
            names = "--only",
            paramLabel = "NAMES",
            split = ",",
            description =
                    "Only these, with commas: floor-acknowledge, relay, relay-tls, floor-log, floor-forward, redis, "
                            + "mosquitto, hivemq.")
    private List<String> only = List.of();

    @Option(
            names = "--transport",
            converter = TransportName.class,
            defaultValue = "epoll",
            description = "Of relay and floors: io-uring, epoll or nio (default: ${DEFAULT-VALUE}).")
    private Transport transport;

    @Option(
            names = "--jvm",
            paramLabel = "OPTION",
            description = "Of relay and floors: an option for the JVM; may be repeated.")
    private List<String> jvmOptions = List.of();

    @Mixin
    private LoadOptions options;

    private final CompareResults results = new CompareResults();
    private Screen screen;
    private boolean isBroken;

    @Override
    public Integer call() {
        options.check();
        options.demand(rounds >= 1 && turnSeconds >= 1, "--rounds and --turn must be 1 at least");
        options.demand(mostWarmUpSeconds >= 0, "--warm-up-at-most must be 0 at least, not " + mostWarmUpSeconds);
        options.demand(rate > 0, "--rate must be above 0, not " + rate);
        LoadedRelay.check(transport);
        ReportFiles.checkFolder(options.out());
        screen = options.screen();
        Instant startedAt = Instant.now();
        List<Arena> arenas = new ArrayList<>();
        try (TemporaryFolder folder = new TemporaryFolder("quintet-compare-", false);
                Interruption interruption = new Interruption()) {
            Contestants contestants = new Contestants(folder.path(), transport, jvmOptions);
            List<String> names = chosen(contestants);
            Descriptors.check(names.size() * options.accounts() * options.devices());
            try {
                names.forEach(name -> open(contestants, name, arenas, interruption));
                play(arenas, interruption);
                arenas.forEach(this::judge);
            } finally {
                arenas.forEach(Arena::close);
            }
            report(startedAt);
        }
        return isBroken ? BROKEN : 0;
    }

    private List<String> chosen(Contestants contestants) {
        only.forEach(name -> options.demand(
                contestants.names().contains(name),
                "--only: there is no " + name + "; there are " + String.join(", ", contestants.names())));
        return contestants.names().stream()
                .filter(name -> only.isEmpty() || only.contains(name))
                .toList();
    }

    /** Starts a contestant, and warms it up. */
    private void open(Contestants contestants, String name, List<Arena> arenas, Interruption interruption) {
        if (interruption.isAsked()) {
            return;
        }
        screen.live("starting   " + name);
        try {
            Arena arena = new Arena(contestants.start(name), options, interruption::isAsked);
            arenas.add(arena);
            screen.live("warming up " + name);
            String warmth = arena.warmUp(mostWarmUpSeconds);
            results.add(arena.contestant());
            screen.line(String.format("started    %-18s %s", name, warmth));
        } catch (CommandFailure | DriveFailure failure) {
            leaveOut(name, failure.getMessage());
        }
    }

    private void leaveOut(String name, String why) {
        results.note(name + " is left out: " + why);
        screen.line("left out   " + name + ": " + why);
    }

    private void play(List<Arena> arenas, Interruption interruption) {
        List<Arena> playing = new ArrayList<>(arenas);
        playing.removeIf(arena -> !results.has(arena.contestant()));
        for (int round = 1; round <= rounds && !interruption.isAsked(); round++) {
            for (Iterator<Arena> each = playing.iterator(); each.hasNext() && !interruption.isAsked(); ) {
                Arena arena = each.next();
                try {
                    keep(round, arena, arena.saturate(SETTLE_SECONDS, turnSeconds));
                    keep(round, arena, arena.steady(rate, SETTLE_SECONDS, turnSeconds));
                } catch (DriveFailure failure) {
                    each.remove();
                    leaveOut(arena.contestant().name() + " from round " + round + " on", failure.getMessage());
                }
            }
        }
    }

    private void keep(int round, Arena arena, Turn turn) {
        arena.contestant().turns().add(turn);
        screen.line(
                String.format("round %d    %-18s %s", round, arena.contestant().name(), turn.words()));
    }

    private void judge(Arena arena) {
        DriveVerdict verdict = arena.verdict();
        long violations = verdict.violations() - (results.isNoted(arena.contestant()) ? verdict.lost() : 0);
        if (violations > 0) {
            isBroken = true;
            results.note(arena.contestant().name() + " broke its word " + violations + " times: "
                    + String.join("; ", verdict.findings()));
        }
    }

    private void report(Instant startedAt) {
        Comparison comparison = results.comparison(startedAt.toString(), options.settings());
        CompareResults.print(screen, comparison);
        CompareResults.write(screen, options.out(), comparison);
    }
}
