package dev.quintet.relay.store;

import static dev.quintet.relay.store.RowsContract.FIRST;
import static dev.quintet.relay.store.RowsContract.SECOND;
import static dev.quintet.relay.store.RowsContract.key;
import static dev.quintet.relay.store.RowsContract.put;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A page shows the rows with its own changes on top. */
class FoldPageTest {
    private final MemoryRows rows = new MemoryRows();
    private final FoldPage page = new FoldPage(rows, 8 << 20);

    @Test
    void showsItsChangesOverTheRows() {
        rows.write(List.of(put(FIRST, key(1, 1), 1), put(FIRST, key(1, 2), 2), put(FIRST, key(1, 3), 3)));

        page.put(FIRST, key(1, 2), new byte[] {9});
        page.delete(FIRST, key(1, 3));

        assertThat(page.get(FIRST, key(1, 1))).containsExactly(1);
        assertThat(page.get(FIRST, key(1, 2))).containsExactly(9);
        assertThat(page.get(FIRST, key(1, 3))).isNull();
        assertThat(page.get(SECOND, key(1, 1))).isNull();
        assertThat(rows.get(FIRST, key(1, 3))).containsExactly(3);
    }

    @Test
    void forgetsARowThatCameAndWentInThePage() {
        page.put(FIRST, key(1, 1), new byte[] {1});
        page.delete(FIRST, key(1, 1));
        page.delete(FIRST, key(1, 2));

        assertThat(changes()).isEmpty();
    }

    @Test
    void deletesARowOfTheImageThatThePageHasReplaced() {
        rows.write(List.of(put(FIRST, key(1, 1), 1)));

        page.put(FIRST, key(1, 1), new byte[] {2});
        page.delete(FIRST, key(1, 1));
        rows.write(changes());

        assertThat(rows.get(FIRST, key(1, 1))).isNull();
    }

    @Test
    void tellsAnEmptyValueFromADeletedRow() {
        rows.write(List.of(put(FIRST, key(1, 1), 1)));

        page.put(FIRST, key(1, 1), new byte[0]);

        assertThat(page.get(FIRST, key(1, 1))).isEmpty();
        assertThat(changes())
                .singleElement()
                .satisfies(change -> assertThat(change.value()).isEmpty());
    }

    @Test
    void deletesAllRowsWithAPrefixOldAndNew() {
        rows.write(List.of(put(FIRST, key(1, 1), 1), put(FIRST, key(2, 1), 2), put(FIRST, key(-1, -1), 3)));
        page.put(FIRST, key(1, 7), new byte[] {7});
        page.put(FIRST, key(-1, 8), new byte[] {8});

        page.deleteAll(FIRST, Arrays.copyOf(key(1, 0), 16));
        page.deleteAll(FIRST, Arrays.copyOf(key(-1, 0), 16));
        page.put(FIRST, key(1, 9), new byte[] {9});
        rows.write(changes());

        assertThat(rows.dump()).hasSize(2);
        assertThat(rows.get(FIRST, key(2, 1))).containsExactly(2);
        assertThat(rows.get(FIRST, key(1, 9))).containsExactly(9);
    }

    @Test
    void isFullAfterSoManyBytesAndEmptyOnceTheyAreTakenOut() {
        for (int i = 0; i < 8; i++) {
            assertThat(page.isFull()).isFalse();
            page.put(FIRST, key(1, i), new byte[1 << 20]);
        }
        assertThat(page.isFull()).isTrue();

        page.clear();

        assertThat(page.isFull()).isFalse();
        assertThat(changes()).isEmpty();
    }

    @Test
    void isFullOfManySmallRows() {
        for (int i = 0; i < 80_000; i++) {
            page.put(FIRST, key(1, i), new byte[0]);
        }

        assertThat(page.isFull()).isTrue();
    }

    @Test
    void passesOnAtOnceWhatIsPutWhileItIsBeingWritten() {
        rows.write(List.of(put(FIRST, key(1, 1), 1)));
        page.put(FIRST, key(1, 1), new byte[] {2});
        var written = new ArrayList<RowChange>();

        page.open(written::add);
        page.put(FIRST, key(1, 2), new byte[] {3});

        assertThat(written).extracting(change -> (int) change.value()[0]).containsExactly(2, 3);
        assertThat(page.get(FIRST, key(1, 1))).containsExactly(2);
        assertThat(page.bytes()).isEqualTo(Page.ROW_BYTES + 21);
    }

    @Test
    void countsWhatIsGatheredElsewhere() {
        page.expect(9 << 20);
        assertThat(page.isFull()).isTrue();

        page.expect(-(2 << 20));

        assertThat(page.isFull()).isFalse();
    }

    private List<RowChange> changes() {
        var changes = new ArrayList<RowChange>();
        page.open(changes::add);
        return changes;
    }
}
