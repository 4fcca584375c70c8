package dev.quintet.relay.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.quintet.protocol.Handle;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.link.ListAnswer;
import dev.quintet.relay.rooms.Rooms;
import dev.quintet.relay.rooms.TestAccount;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Handles over restarts and checkpoints; Alice and Bob live on different loops. */
class HandlesTest {
    private static final Handle HANDLE = Handle.of("+447700900123");
    private static final Handle OTHER = Handle.of("alice");

    private final Rooms rooms = new Rooms();
    private final TestAccount alice = rooms.account(1, 1);
    private final TestAccount bob = rooms.account(2, 1);
    private final List<HandleAnswer> answers = new ArrayList<>();

    @AfterEach
    void close() {
        rooms.close();
    }

    private ErrorCode put(TestAccount account, Handle handle) {
        answers.clear();
        rooms.putHandle(account, handle, answers::add);
        rooms.commit();
        assertThat(answers).hasSize(1);
        return answers.get(0).code();
    }

    private void assertOnlyAliceHasIt() {
        assertThat(rooms.hasHandle(alice, HANDLE)).isTrue();
        assertThat(put(bob, HANDLE)).isEqualTo(ErrorCode.HANDLE_TAKEN);
        assertThat(rooms.hasHandle(alice, HANDLE)).isTrue();
        assertThat(rooms.hasHandle(bob, HANDLE)).isFalse();
    }

    @Test
    void answersOnceItIsOnDisk() {
        rooms.putHandle(alice, HANDLE, answers::add);
        assertThat(answers).isEmpty();
        rooms.commit();
        assertThat(answers).allMatch(HandleAnswer::isStored).hasSize(1);
    }

    @Test
    void belongsToTheFirstInMemoryAndInTheImageAndAfterARestart() {
        put(alice, HANDLE);
        assertOnlyAliceHasIt();
        rooms.checkpoint();
        assertThat(rooms.handlesInMemory()).isZero();
        assertOnlyAliceHasIt();
        rooms.restart();
        assertOnlyAliceHasIt();
    }

    @Test
    void belongsToTheFirstAfterAPowerCutWithoutACheckpoint() {
        put(alice, HANDLE);
        rooms.restart();
        assertOnlyAliceHasIt();
    }

    @Test
    void givesARacedHandleToOneOfTwo() {
        rooms.putHandle(alice, HANDLE, answers::add);
        rooms.putHandle(bob, HANDLE, answers::add);
        rooms.commit();
        assertThat(answers).extracting(HandleAnswer::code).containsExactlyInAnyOrder(null, ErrorCode.HANDLE_TAKEN);
    }

    @Test
    void forgetsAHandleThatWasNotOnDisk() {
        rooms.putHandle(alice, HANDLE, answers::add);
        rooms.restart();
        assertThat(rooms.hasHandle(alice, HANDLE)).isFalse();
        assertThat(put(bob, HANDLE)).isNull();
    }

    @Test
    void takesTheSameHandleAgain() {
        assertThat(put(alice, HANDLE)).isNull();
        assertThat(put(alice, HANDLE)).isNull();
        rooms.checkpoint();
        assertThat(put(alice, HANDLE)).isNull();
        assertOnlyAliceHasIt();
    }

    @Test
    void freesAHandleOnceTheImageKnowsThatItWasGivenUp() {
        put(alice, HANDLE);
        assertThat(put(alice, OTHER)).isNull();
        assertThat(rooms.hasHandle(alice, HANDLE)).isFalse();
        assertThat(put(bob, HANDLE)).isEqualTo(ErrorCode.HANDLE_TAKEN);
        rooms.checkpoint();
        assertThat(put(bob, HANDLE)).isNull();
        assertThat(put(alice, HANDLE)).isEqualTo(ErrorCode.HANDLE_TAKEN);
        rooms.checkpoint();
        assertThat(rooms.hasHandle(bob, HANDLE)).isTrue();
        assertThat(rooms.hasHandle(alice, OTHER)).isTrue();
        assertThat(rooms.rowCount("accounts_by_handle")).isEqualTo(2);
    }

    @Test
    void takesAHandleAway() {
        put(alice, HANDLE);
        rooms.checkpoint();
        assertThat(put(alice, null)).isNull();
        assertThat(rooms.hasHandle(alice, HANDLE)).isFalse();
        rooms.checkpoint();
        assertThat(rooms.rowCount("handles")).isZero();
        assertThat(rooms.rowCount("accounts_by_handle")).isZero();
    }

    @Test
    void givesAClaimBackWhenTheJournalRefuses() {
        rooms.journal().refuse(Journal.NO_SPACE);
        assertThat(put(alice, HANDLE)).isEqualTo(ErrorCode.STORAGE_UNAVAILABLE);
        rooms.journal().refuse(Journal.OVERLOADED);
        assertThat(put(alice, HANDLE)).isEqualTo(ErrorCode.OVERLOADED);
        rooms.journal().refuse(0);
        assertThat(put(bob, HANDLE)).isNull();
    }

    @Test
    void keepsWhatItHasWhenTheJournalRefusesTheNext() {
        put(alice, HANDLE);
        rooms.journal().refuse(Journal.NO_SPACE);
        assertThat(put(alice, HANDLE)).isEqualTo(ErrorCode.STORAGE_UNAVAILABLE);
        rooms.journal().refuse(0);
        assertOnlyAliceHasIt();
    }

    @Test
    void registersWithAHandleOrNotAtAll() {
        TestAccount carol = new TestAccount(3);
        List<ListAnswer> registered = new ArrayList<>();
        put(alice, HANDLE);
        rooms.register(carol, carol.list(1, 1), HANDLE, registered::add);
        rooms.commit();
        assertThat(registered.get(0).code()).isEqualTo(ErrorCode.HANDLE_TAKEN);
        rooms.find(carol, found -> assertThat(found).isNull());

        rooms.register(carol, carol.list(1, 1), OTHER, registered::add);
        rooms.commit();
        rooms.commit();
        assertThat(registered.get(1).isStored()).isTrue();
        assertThat(rooms.hasHandle(carol, OTHER)).isTrue();
    }
}
