package dev.quintet.relay.store;

/** The rows for tests keep the same promises as the real ones. */
class MemoryRowsTest extends RowsContract {
    @Override
    Rows open() {
        return new MemoryRows();
    }

    @Override
    Rows killed(Rows killed) {
        ((MemoryRows) killed).crash();
        return killed;
    }
}
