package dev.quintet.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A new folder that goes away with the command, by a signal too, unless it is kept. */
final class TemporaryFolder implements AutoCloseable {
    private static final int TRIES = 10;
    private static final long PAUSE_MILLIS = 100;

    private final Path path;
    private final boolean isKept;
    private final Thread onExit = new Thread(this::delete, "quintet-folder-delete");

    TemporaryFolder(String prefix, boolean isKept) {
        this.isKept = isKept;
        try {
            path = Files.createTempDirectory(prefix);
        } catch (IOException exception) {
            throw new CommandFailure("cannot make a temporary folder: " + exception.getMessage());
        }
        Runtime.getRuntime().addShutdownHook(onExit);
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        delete();
        try {
            Runtime.getRuntime().removeShutdownHook(onExit);
        } catch (IllegalStateException alreadyExiting) {
            // Then the hook has done it, or does it now.
        }
    }

    /** Tries for a second: a process that is being killed may still write. */
    private void delete() {
        if (isKept) {
            return;
        }
        String obstacle = deleteOnce();
        for (int tries = 1; obstacle != null && tries < TRIES; tries++) {
            Sleep.millis(PAUSE_MILLIS);
            obstacle = deleteOnce();
        }
        if (obstacle != null) {
            System.err.println("quintet: " + path + " could not be deleted: " + obstacle);
        }
    }

    /** What was in the way, or null. */
    private String deleteOnce() {
        if (!Files.exists(path)) {
            return null;
        }
        try (Stream<Path> tree = Files.walk(path)) {
            List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
            for (Path one : deepestFirst) {
                Files.deleteIfExists(one);
            }
            return null;
        } catch (IOException | UncheckedIOException exception) {
            return exception.getMessage();
        }
    }
}
