package dev.quintet.load;

import dev.quintet.load.Contestant.Turn;
import dev.quintet.load.report.Comparison;
import dev.quintet.load.report.Comparison.Standing;
import dev.quintet.load.report.Spread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What a comparison has come to, until it is written down: who was measured, and what a reader must know.
 *
 * <p><b>Thread:</b> the command's.
 */
final class CompareResults {
    private static final List<String> WORKLOADS = List.of(Arena.SATURATE, Arena.STEADY);

    private final List<Contestant> measured = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    /** It takes part. */
    void add(Contestant contestant) {
        measured.add(contestant);
    }

    boolean has(Contestant contestant) {
        return measured.contains(contestant);
    }

    void note(String words) {
        notes.add(words);
    }

    /** Whether something was noted of it before. */
    boolean isNoted(Contestant contestant) {
        return notes.stream().anyMatch(note -> note.startsWith(contestant.name() + " "));
    }

    /** All of it. */
    Comparison comparison(String startedAt, Map<String, String> settings) {
        List<Standing> standings = new ArrayList<>();
        for (String workload : WORKLOADS) {
            measured.stream()
                    .filter(contestant -> !contestant.turns(workload).isEmpty())
                    .forEach(contestant -> standings.add(standing(contestant, workload)));
        }
        return new Comparison(startedAt, settings, standings, List.copyOf(notes));
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
                spread(turns, Turn::deliveryP50Micros),
                spread(turns, Turn::deliveryP99Micros),
                turns.stream().map(Turn::stolenPercent).toList(),
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

    /** The tables and the notes, for the terminal. */
    static void print(Screen screen, Comparison comparison) {
        for (String workload : comparison.workloads()) {
            screen.line("");
            screen.line(workload);
            screen.line(row(Comparison.HEADINGS));
            comparison.standings(workload).forEach(standing -> screen.line(row(standing.cells())));
        }
        screen.line("");
        comparison.notes().forEach(screen::line);
    }

    private static String row(List<String> cells) {
        StringBuilder row = new StringBuilder(String.format("  %-18s", cells.get(0)));
        int last = cells.size() - 1;
        for (int column = 1; column < last; column++) {
            row.append(String.format(column <= 2 ? " %22s" : " %15s", cells.get(column)));
        }
        return row.append("  ").append(cells.get(last)).toString();
    }

    /** As JSON and as HTML, in a folder that is made if it is not there. */
    static void write(Screen screen, Path folder, Comparison comparison) {
        String name = "compare-" + ReportFiles.stamp(comparison.startedAt());
        Path json = folder.resolve(name + ".json");
        Path html = folder.resolve(name + ".html");
        try {
            Files.createDirectories(folder);
            Files.writeString(json, comparison.toJson());
            Files.writeString(html, comparison.toHtml());
        } catch (IOException exception) {
            throw new CommandFailure("cannot write to " + folder + ": " + exception.getMessage());
        }
        screen.line("report     " + json + ", " + html);
    }
}
