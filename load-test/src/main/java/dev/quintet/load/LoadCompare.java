package dev.quintet.load;

import dev.quintet.load.Contestant.Turn;
import dev.quintet.load.drive.DriveFailure;
import dev.quintet.load.drive.DriveVerdict;
import dev.quintet.load.floor.FloorTransport;
import dev.quintet.load.report.Comparison;
import dev.quintet.load.report.Comparison.Standing;
import dev.quintet.load.report.Spread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
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
                    + "from Maven Central the first time. --seconds means nothing here. With all defaults it takes about ten "
                    + "minutes.",
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
            names = "--only",
            paramLabel = "NAMES",
            split = ",",
            description =
                    "Only these, with commas: floor-acknowledge, relay, relay-tls, floor-log, floor-forward, redis, "
                            + "mosquitto, hivemq.")
    private List<String> only = List.of();

    @Option(
            names = "--transport",
            defaultValue = "EPOLL",
            description = "Of relay and floors: epoll, io_uring or nio (default: ${DEFAULT-VALUE}).")
    private FloorTransport transport;

    @Option(
            names = "--jvm",
            paramLabel = "OPTION",
            description = "Of relay and floors: an option for the JVM; may be repeated.")
    private List<String> jvmOptions = List.of();

    @Mixin
    private LoadOptions options;

    private final List<String> notes = new ArrayList<>();
    private final List<Contestant> measured = new ArrayList<>();
    private Screen screen;
    private boolean isBroken;

    @Override
    public Integer call() {
        options.check();
        options.demand(rounds >= 1 && turnSeconds >= 1, "--rounds and --turn must be 1 at least");
        options.demand(rate > 0, "--rate must be above 0, not " + rate);
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
            if (options.warmUpSeconds() > 0) {
                arena.saturate(0, options.warmUpSeconds());
            }
            measured.add(arena.contestant());
            screen.line("started    " + name);
        } catch (CommandFailure | DriveFailure failure) {
            leaveOut(name, failure.getMessage());
        }
    }

    private void leaveOut(String name, String why) {
        notes.add(name + " is left out: " + why);
        screen.line("left out   " + name + ": " + why);
    }

    private void play(List<Arena> arenas, Interruption interruption) {
        List<Arena> playing = new ArrayList<>(arenas);
        playing.removeIf(arena -> !measured.contains(arena.contestant()));
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
        String name = arena.contestant().name();
        boolean isLeftOut = notes.stream().anyMatch(note -> note.startsWith(name + " "));
        long violations = verdict.violations() - (isLeftOut ? verdict.lost() : 0);
        if (violations > 0) {
            isBroken = true;
            notes.add(name + " broke its word " + violations + " times: " + String.join("; ", verdict.findings()));
        }
    }

    // The report

    private void report(Instant startedAt) {
        List<Standing> standings = new ArrayList<>();
        for (String workload : List.of(Arena.SATURATE, Arena.STEADY)) {
            measured.stream()
                    .filter(contestant -> !contestant.turns(workload).isEmpty())
                    .forEach(contestant -> standings.add(standing(contestant, workload)));
        }
        Comparison comparison = new Comparison(startedAt.toString(), options.settings(), standings, notes);
        print(comparison);
        write(comparison);
    }

    private Standing standing(Contestant contestant, String workload) {
        List<Turn> turns = contestant.turns(workload);
        return new Standing(
                contestant.name(),
                workload,
                spread(turns, Turn::cpuMicros),
                ratio(turns, workload),
                spread(turns, Turn::deliveredPerSecond),
                spread(turns, Turn::answerP50Micros),
                spread(turns, Turn::deliveryP99Micros),
                contestant.outlivesPowerCut());
    }

    private static Spread spread(List<Turn> turns, ToDoubleFunction<Turn> value) {
        return Spread.of(turns.stream().mapToDouble(value).toArray());
    }

    /** Round by round against the floor, so that what disturbs the machine for a while disturbs both. */
    private Spread ratio(List<Turn> turns, String workload) {
        List<Turn> floor = measured.stream()
                .filter(contestant -> contestant.name().equals(Contestants.FLOOR))
                .flatMap(contestant -> contestant.turns(workload).stream())
                .toList();
        int both = Math.min(turns.size(), floor.size());
        if (both == 0) {
            return Spread.of(0);
        }
        double[] ratios = new double[both];
        for (int round = 0; round < both; round++) {
            ratios[round] = turns.get(round).cpuMicros() / floor.get(round).cpuMicros();
        }
        return Spread.of(ratios);
    }

    private void print(Comparison comparison) {
        for (String workload : comparison.workloads()) {
            screen.line("");
            screen.line(workload);
            screen.line(row(Comparison.HEADINGS));
            comparison.standings(workload).forEach(standing -> screen.line(row(standing.cells())));
        }
        screen.line("");
        notes.forEach(screen::line);
    }

    private static String row(List<String> cells) {
        StringBuilder row = new StringBuilder(String.format("  %-18s", cells.get(0)));
        Stream.of(1, 2).forEach(column -> row.append(String.format(" %22s", cells.get(column))));
        Stream.of(3, 4, 5).forEach(column -> row.append(String.format(" %16s", cells.get(column))));
        return row.append("  ").append(cells.get(6)).toString();
    }

    private void write(Comparison comparison) {
        String name = "compare-" + ReportFiles.stamp(comparison.startedAt());
        Path json = options.out().resolve(name + ".json");
        Path html = options.out().resolve(name + ".html");
        try {
            Files.createDirectories(options.out());
            Files.writeString(json, comparison.toJson());
            Files.writeString(html, comparison.toHtml());
        } catch (IOException exception) {
            throw new CommandFailure("cannot write to " + options.out() + ": " + exception.getMessage());
        }
        screen.line("report     " + json + ", " + html);
    }
}
