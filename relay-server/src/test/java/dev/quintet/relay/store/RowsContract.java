package dev.quintet.relay.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every kind of rows does. */
abstract class RowsContract {
    static final Table FIRST = new Table("first");
    static final Table SECOND = new Table("second");

    Rows rows;

    abstract Rows open();

    /** The rows that are left after the process was killed. */
    abstract Rows killed(Rows killed);

    @BeforeEach
    void openRows() {
        rows = open();
    }

    @AfterEach
    void closeRows() {
        rows.close();
    }

    @Test
    void readsWhatWasWrittenBeforeItIsFlushed() {
        write(put(FIRST, key(1, 1), 7));

        assertThat(rows.get(FIRST, key(1, 1))).containsExactly(7);
        assertThat(rows.mayContain(FIRST, key(1, 1))).isTrue();
        assertThat(rows.get(FIRST, key(1, 2))).isNull();
        assertThat(rows.mayContain(FIRST, key(1, 2))).isFalse();
        assertThat(rows.get(SECOND, key(1, 1))).isNull();
    }

    @Test
    void deletesRows() {
        write(put(FIRST, key(1, 1), 7), put(FIRST, key(1, 2), 8));
        write(new RowChange(FIRST, key(1, 1), null), new RowChange(FIRST, key(3, 3), null));

        assertThat(rows.get(FIRST, key(1, 1))).isNull();
        assertThat(rows.get(FIRST, key(1, 2))).containsExactly(8);
    }

    @Test
    void keepsEmptyValues() {
        write(new RowChange(FIRST, key(1, 1), new byte[0]));
        rows.flush();

        assertThat(rows.get(FIRST, key(1, 1))).isEmpty();
    }

    @Test
    void scansInOrderOfUnsignedKeysUntilTheVisitorHasEnough() {
        write(put(FIRST, key(200, 1), 1), put(FIRST, key(100, 2), 2), put(FIRST, key(100, 1), 3));
        rows.flush();
        write(put(FIRST, key(100, 255), 4));

        assertThat(values(key(0, 0), null, 9)).containsExactly(3, 2, 4, 1);
        assertThat(values(key(100, 2), key(200, 1), 9)).containsExactly(2, 4);
        assertThat(values(key(0, 0), null, 2)).containsExactly(3, 2);
        assertThat(values(key(101, 0), key(102, 0), 9)).isEmpty();
    }

    @Test
    void scansAllRowsWithAPrefix() {
        write(put(FIRST, key(1, 9), 1), put(FIRST, key(2, 1), 2), put(FIRST, key(2, 2), 3), put(FIRST, key(3, 0), 4));
        rows.flush();
        write(put(FIRST, key(-1, -1), 5));

        assertThat(valuesOf(Arrays.copyOf(key(2, 0), 16))).containsExactly(2, 3);
        assertThat(valuesOf(Arrays.copyOf(key(-1, 0), 16))).containsExactly(5);
        assertThat(valuesOf(Arrays.copyOf(key(4, 0), 16))).isEmpty();
    }

    @Test
    void losesWhatWasNotFlushedInAllTablesAlike() {
        write(put(FIRST, key(1, 1), 1), put(SECOND, key(1, 1), 1));
        assertThat(rows.flush()).isTrue();
        write(put(FIRST, key(1, 1), 2), put(SECOND, key(1, 1), 2));

        rows = killed(rows);

        assertThat(rows.get(FIRST, key(1, 1))).containsExactly(1);
        assertThat(rows.get(SECOND, key(1, 1))).containsExactly(1);
    }

    @Test
    void findsTheKeyAfterAPrefix() {
        assertThat(Rows.after(new byte[] {1, 2})).containsExactly(1, 3);
        assertThat(Rows.after(new byte[] {1, -1})).containsExactly(2);
        assertThat(Rows.after(new byte[] {-1, -1})).isNull();
        assertThat(Rows.after(new byte[] {127})).containsExactly(-128);
    }

    void write(RowChange... changes) {
        assertThat(rows.write(List.of(changes))).isTrue();
    }

    static RowChange put(Table table, byte[] key, int value) {
        return new RowChange(table, key, new byte[] {(byte) value});
    }

    /** A key as all are: the account, here 16 times the same byte, then whatever the room likes. */
    static byte[] key(int account, int row) {
        byte[] key = new byte[20];
        Arrays.fill(key, 0, 16, (byte) account);
        ByteBuffer.wrap(key).putInt(16, row);
        return key;
    }

    private List<Integer> values(byte[] from, byte[] to, int most) {
        var values = new ArrayList<Integer>();
        rows.scan(FIRST, from, to, (key, value) -> {
            values.add((int) value[0]);
            return values.size() < most;
        });
        return values;
    }

    private List<Integer> valuesOf(byte[] prefix) {
        var values = new ArrayList<Integer>();
        rows.scanAll(FIRST, prefix, (key, value) -> values.add((int) value[0]));
        return values;
    }
}
