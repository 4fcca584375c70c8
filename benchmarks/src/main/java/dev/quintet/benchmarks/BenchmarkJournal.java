package dev.quintet.benchmarks;

import dev.quintet.relay.journal.Disk;
import dev.quintet.relay.journal.FileDisk;
import dev.quintet.relay.journal.FileJournal;
import dev.quintet.relay.journal.JournalConfig;
import dev.quintet.relay.journal.JournalEnvironment;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** The relay's journal, committed by whoever measures it, over a disk in memory or over files in a temporary folder. */
final class BenchmarkJournal implements AutoCloseable {
    /** Where a journal may be. */
    public enum Place {
        MEMORY,
        FILES
    }

    private final Path folder;
    private final FileJournal journal;

    /** A new one. */
    BenchmarkJournal(Place place, MeterRegistry meters) {
        try {
            folder = Files.createTempDirectory("quintet-benchmark-");
            Disk disk = place == Place.MEMORY ? new MemoryDisk() : new FileDisk(folder);
            journal = FileJournal.open(
                    JournalConfig.keepingAll(),
                    new JournalEnvironment(disk, Runnable::run, System::nanoTime, new Random(1), meters, failure -> {
                        throw new IllegalStateException("the journal failed", failure);
                    }));
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
    }

    FileJournal journal() {
        return journal;
    }

    /** Makes everything durable that was appended. */
    void commit() {
        while (journal.commit()) {
            // One batch after the other.
        }
    }

    @Override
    public void close() {
        commit();
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
    }
}
