package dev.quintet.load;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Makes a relay's disk forget what its journal has got since: a disk that lied about having it. */
final class JournalTail {
    private final Map<Path, Long> usedBytes = new HashMap<>();

    /** Remembers how much of each segment is used now. */
    JournalTail(Path dataDirectory) throws IOException {
        for (Path segment : segments(dataDirectory)) {
            usedBytes.put(segment, used(segment));
        }
    }

    /** Overwrites what has come since with zeros, the content of a segment that is not written. */
    void forget() throws IOException {
        long forgotten = 0;
        for (Map.Entry<Path, Long> segment : usedBytes.entrySet()) {
            long usedNow = used(segment.getKey());
            try (RandomAccessFile file = new RandomAccessFile(segment.getKey().toFile(), "rw")) {
                file.seek(segment.getValue());
                file.write(new byte[(int) (usedNow - segment.getValue())]);
            }
            forgotten += usedNow - segment.getValue();
        }
        if (forgotten == 0) {
            throw new IllegalStateException("nothing came since");
        }
    }

    private static List<Path> segments(Path dataDirectory) throws IOException {
        try (Stream<Path> files = Files.list(dataDirectory.resolve("journal"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    /** Up to and including the last byte that is not zero. */
    private static long used(Path segment) throws IOException {
        byte[] bytes = Files.readAllBytes(segment);
        int used = bytes.length;
        while (used > 0 && bytes[used - 1] == 0) {
            used--;
        }
        return used;
    }
}
