package dev.quintet.relay.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** RocksDB as it is set up here, on a real disk. */
class RocksRowsTest extends RowsContract {
    private static final List<Table> TABLES = List.of(FIRST, SECOND);
    private static final StoreConfig CONFIG = StoreConfig.defaults();

    @TempDir
    Path directory;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @Override
    Rows open() {
        return RocksRows.open(directory.resolve("image"), TABLES, CONFIG, meters);
    }

    /** What is on the disk while RocksDB is open and idle is what a killed process leaves behind. */
    @Override
    Rows killed(Rows killed) {
        Path copy = directory.resolve("left behind");
        try {
            Files.createDirectory(copy);
            try (var files = Files.newDirectoryStream(directory.resolve("image"))) {
                for (Path file : files) {
                    Files.copy(file, copy.resolve(file.getFileName()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        killed.close();
        return RocksRows.open(copy, TABLES, CONFIG, meters);
    }

    @Test
    void keepsWhatWasFlushedOverARestart() {
        write(put(FIRST, key(1, 1), 1), put(SECOND, key(1, 1), 2));
        rows.flush();
        rows.close();

        rows = open();

        assertThat(rows.get(FIRST, key(1, 1))).containsExactly(1);
        assertThat(rows.get(SECOND, key(1, 1))).containsExactly(2);
    }

    @Test
    void keepsTheTablesTogetherWhenItIsKilledInTheMiddle() throws IOException, InterruptedException {
        rows.close();
        Path killed = directory.resolve("killed");
        var child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWriter.class.getName(),
                        killed.toString())
                .inheritIO()
                .start();
        assertThat(child.waitFor()).isEqualTo(KilledWriter.STATUS);

        rows = RocksRows.open(killed, TABLES, CONFIG, meters);

        int kept = 0;
        while (rows.get(FIRST, key(1, kept)) != null) {
            kept++;
        }
        assertThat(kept).isBetween(1, KilledWriter.ROWS);
        for (int i = 0; i < KilledWriter.ROWS; i++) {
            assertThat(rows.get(SECOND, key(1, i)) != null).isEqualTo(i < kept);
        }
    }

    /** Writes more than fits into memory, never flushes, and dies while RocksDB is at work. */
    static final class KilledWriter {
        static final int ROWS = 60;
        static final int STATUS = 9;

        private KilledWriter() {}

        public static void main(String[] arguments) {
            Rows rows = RocksRows.open(Path.of(arguments[0]), TABLES, CONFIG, new SimpleMeterRegistry());
            var random = new Random(1);
            for (int i = 0; i < ROWS; i++) {
                byte[] value = new byte[1 << 20];
                random.nextBytes(value);
                rows.write(List.of(new RowChange(FIRST, key(1, i), value), put(SECOND, key(1, i), i)));
            }
            Runtime.getRuntime().halt(STATUS);
        }
    }

    @Test
    void staysWithinItsMemoryWhateverTheNumberOfRows() {
        for (int batch = 0; batch < 50; batch++) {
            assertThat(rows.write(manyRows(batch, 2_000))).isTrue();
        }
        rows.flush();
        for (int i = 0; i < 100_000; i += 7) {
            assertThat(rows.get(FIRST, key(i, i))).hasSize(512);
        }

        double bytes = meters.find("quintet.store.native.memory").gauges().stream()
                .mapToDouble(Gauge::value)
                .sum();
        assertThat(bytes).isBetween(1.0, 1.1 * (CONFIG.cacheBytes() + CONFIG.memtableBytes()));
    }

    private static List<RowChange> manyRows(int batch, int count) {
        var changes = new ArrayList<RowChange>();
        for (int i = batch * count; i < (batch + 1) * count; i++) {
            changes.add(new RowChange(FIRST, key(i, i), new byte[512]));
        }
        return changes;
    }

    @Test
    void givesBackTheSpaceOfDeletedRowsThoughDeletionsTakeLittleThemselves() {
        List<RowChange> written = manyRows(0, 20_000);
        rows.write(written);
        rows.flush();
        long fullBytes = tableBytes();

        rows.write(written.stream()
                .map(row -> new RowChange(row.table(), row.key(), null))
                .toList());
        rows.flush();

        await().untilAsserted(() -> assertThat(tableBytes()).isLessThan(fullBytes / 10));
    }

    private long tableBytes() {
        String[] tables = directory.resolve("image").toFile().list((unused, name) -> name.endsWith(".sst"));
        return Stream.of(tables)
                .mapToLong(name ->
                        directory.resolve("image").resolve(name).toFile().length())
                .sum();
    }

    @Test
    void leavesNoUnpackedLibraryBehind() throws IOException {
        try (var files = Files.list(directory.resolve("image"))) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.contains("rocksdbjni"));
        }
    }

    @Test
    void refusesADirectoryThatIsInUse() {
        assertThatThrownBy(this::open).isInstanceOf(StoreException.class).hasMessageContaining("cannot open the image");
    }

    @Test
    void refusesTablesOfANewerVersionAndLeavesThemAlone() {
        write(put(SECOND, key(1, 1), 1));
        rows.flush();
        rows.close();

        assertThatThrownBy(() -> RocksRows.open(directory.resolve("image"), List.of(FIRST), CONFIG, meters))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("\"second\"");

        rows = open();
        assertThat(rows.get(SECOND, key(1, 1))).containsExactly(1);
    }

    @Test
    void answersAReadAfterTheEndWithAnError() {
        rows.close();

        assertThatThrownBy(() -> rows.get(FIRST, key(1, 1)))
                .isInstanceOf(StoreException.class)
                .hasMessage("the image is closed");
    }

    @Test
    void reportsADamagedFile() throws IOException {
        write(put(FIRST, key(1, 1), 1));
        rows.flush();
        rows.close();
        try (var tables = Files.newDirectoryStream(directory.resolve("image"), "*.sst")) {
            for (Path table : tables) {
                byte[] bytes = Files.readAllBytes(table);
                bytes[3] ^= 1;
                Files.write(table, bytes);
            }
        }

        rows = open();

        assertThatThrownBy(() -> rows.get(FIRST, key(1, 1)))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("cannot read the image");
    }
}
