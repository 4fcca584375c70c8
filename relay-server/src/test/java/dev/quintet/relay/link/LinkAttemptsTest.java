package dev.quintet.relay.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.Handle;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.rooms.FakeSubscriber;
import dev.quintet.relay.rooms.Rooms;
import dev.quintet.relay.rooms.TestAccount;
import dev.quintet.relay.rooms.TestJournal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How often an account is asked by handle, over power cuts. */
class LinkAttemptsTest {
    private static final Handle HANDLE = Handle.of("+447700900123");

    private final List<LinkParty> newDevices = new ArrayList<>();

    /** Counts what it is told. */
    private static final class CountingParty implements LinkParty {
        private int told;

        @Override
        public void tell(ServerFrame.Builder frame) {
            told++;
        }

        @Override
        public void ended(ServerFrame.Builder last) {}
    }

    private static TestAccount known(Rooms rooms, int number, int devices) {
        TestAccount account = rooms.account(number, devices);
        rooms.putHandle(account, HANDLE, answer -> {});
        rooms.commit();
        return account;
    }

    private void ask(Rooms rooms, TestAccount account) {
        LinkParty newDevice = new CountingParty();
        newDevices.add(newDevice);
        rooms.askByHandle(account, HANDLE, newDevice, "device " + newDevices.size());
    }

    /** How many of all requests since the last start a primary that comes now hears of. */
    private static int heard(Rooms rooms, TestAccount account) {
        CountingParty primary = new CountingParty();
        rooms.lookForRequests(account, primary);
        return primary.told;
    }

    @Test
    void bringsFiveInAnHourBeforeThePrimary() {
        try (Rooms rooms = new Rooms()) {
            TestAccount alice = known(rooms, 1, 1);
            for (int asked = 0; asked < 6; asked++) {
                ask(rooms, alice);
            }
            rooms.commit();
            assertThat(heard(rooms, alice)).isEqualTo(5);
            rooms.pass(TimeUnit.HOURS.toMillis(1));
            ask(rooms, alice);
            rooms.commit();
            assertThat(heard(rooms, alice)).isEqualTo(6);
        }
    }

    @Test
    void tellsThePrimaryOnlyOnceTheAttemptIsOnDisk() {
        try (Rooms rooms = new Rooms()) {
            TestAccount alice = known(rooms, 1, 1);
            FakeSubscriber primary = rooms.connect(alice, 1);
            ask(rooms, alice);
            assertThat(primary.events()).doesNotContain("link requested");
            assertThat(heard(rooms, alice)).isZero();
            rooms.commit();
            assertThat(primary.events()).contains("link requested");
            assertThat(heard(rooms, alice)).isOne();
        }
    }

    /** Three, a power cut, one, a checkpoint and another cut, one: five. */
    private int heardAfterPowerCuts(TestJournal journal) {
        try (Rooms rooms = Rooms.over(journal)) {
            TestAccount alice = known(rooms, 1, 1);
            rooms.checkpoint();
            int heard = 0;
            for (int asked : new int[] {3, 1, 4}) {
                for (int count = 0; count < asked; count++) {
                    ask(rooms, alice);
                }
                if (journal.isHonest()) {
                    rooms.commit();
                }
                heard += heard(rooms, alice);
                if (asked == 1 && journal.isHonest()) {
                    rooms.checkpoint();
                }
                rooms.restart();
            }
            return heard;
        }
    }

    @Test
    void countsOverPowerCuts() {
        assertThat(heardAfterPowerCuts(TestJournal.honest())).isEqualTo(5);
    }

    /** The negative control: a disk that forgets attempts lets more through. */
    @Test
    void isFoundOutWhenTheDiskLies() {
        assertThat(heardAfterPowerCuts(TestJournal.lying())).isGreaterThan(5);
    }

    @Test
    void asksNobodyForAnAccountWithoutAPlaceOrWithoutThatHandle() {
        try (Rooms rooms = new Rooms()) {
            TestAccount full = known(rooms, 1, 5);
            TestAccount other = rooms.account(2, 1);
            int entries = rooms.journal().entryCount();
            ask(rooms, full);
            ask(rooms, other);
            rooms.commit();
            assertThat(heard(rooms, full)).isZero();
            assertThat(heard(rooms, other)).isZero();
            assertThat(rooms.journal().entryCount()).isEqualTo(entries);
        }
    }

    @Test
    void countsATimeAheadOfTheClockAsRecentAndATimeOnce() {
        AttemptTimes times = new AttemptTimes(5_000, 6_000);
        assertThat(times.at(1_000).count()).isEqualTo(2);
        assertThat(times.plus(6_000).count()).isEqualTo(2);
        assertThat(times.free(6_000)).isEqualTo(6_001);
        assertThat(AttemptTimes.ofRow(times.toRow()).millis()).containsExactly(5_000, 6_000);
        assertThat(times.at(3_605_500).millis()).containsExactly(6_000);
    }
}
