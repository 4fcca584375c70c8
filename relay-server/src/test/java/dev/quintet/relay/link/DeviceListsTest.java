package dev.quintet.relay.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.Platform;
import dev.quintet.relay.account.Account;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.rooms.FakeSender;
import dev.quintet.relay.rooms.FakeSubscriber;
import dev.quintet.relay.rooms.Rooms;
import dev.quintet.relay.rooms.TestAccount;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeviceListsTest {
    private final Rooms rooms = new Rooms();
    private final TestAccount alice = rooms.account(1, 1);
    private final TestAccount bob = rooms.account(2, 5);
    private final FakeSender sender = new FakeSender(alice, 1);
    private final List<ListAnswer> answers = new ArrayList<>();

    @AfterEach
    void close() {
        rooms.close();
    }

    private void sendToBob(long number, int... devices) {
        rooms.submit(sender, Rooms.submission(bob, Rooms.envelopeId(1, number), 100, devices));
        rooms.commit();
    }

    private ErrorCode code(int answer) {
        return answers.get(answer).code();
    }

    @Test
    void registersOnceItIsOnDisk() {
        TestAccount carol = new TestAccount(3);

        rooms.register(carol, carol.list(1, 1), answers::add);

        assertThat(answers).isEmpty();
        rooms.commit();
        assertThat(answers).hasSize(1).allMatch(ListAnswer::isStored);
        rooms.restart();
        rooms.find(
                carol,
                found -> assertThat(found.list().signed())
                        .isEqualTo(carol.list(1, 1).signed()));
    }

    @Test
    void knowsNothingOfARegistrationThatWasNotOnDisk() {
        TestAccount carol = new TestAccount(3);
        rooms.register(carol, carol.list(1, 1), answers::add);

        rooms.restart();

        List<Account> found = new ArrayList<>();
        rooms.find(carol, found::add);
        assertThat(found).containsExactly((Account) null);
        assertThat(answers).isEmpty();
    }

    @Test
    void registersOnlyAFirstListOfOneDeviceAndOnlyOnce() {
        TestAccount carol = new TestAccount(3);
        rooms.register(carol, carol.list(2, 1), answers::add);
        rooms.register(carol, carol.list(1, 1, 2), answers::add);
        rooms.register(carol, carol.list(1, 2), answers::add);
        rooms.register(bob, bob.list(1, 1), answers::add);

        assertThat(answers)
                .extracting(ListAnswer::code)
                .containsExactly(
                        ErrorCode.INVALID_DEVICE_LIST,
                        ErrorCode.INVALID_DEVICE_LIST,
                        ErrorCode.INVALID_DEVICE_LIST,
                        ErrorCode.LIST_CONFLICT);
    }

    @Test
    void letsOneOfTwoRacingListsWinAndTellsTheOtherWhichOnceThatIsOnDisk() {
        rooms.put(bob, 1, bob.list(3, 1, 2, 3), answers::add);
        rooms.put(bob, 1, bob.list(3, 1, 2, 4), answers::add);

        assertThat(answers).isEmpty();
        rooms.commit();
        assertThat(answers.get(0).isStored()).isTrue();
        assertThat(code(1)).isEqualTo(ErrorCode.LIST_CONFLICT);
        assertThat(answers.get(1).list().signed())
                .isEqualTo(bob.list(3, 1, 2, 3).signed());
    }

    @Test
    void takesListsFromTheNewPrimaryAloneOnceTheAccountIsHandedOver() {
        rooms.put(bob, 1, bob.handover(3, 2, 1, 2, 3, 4, 5), answers::add);
        rooms.put(bob, 1, bob.listAfterHandover(3, 4, 2, 1, 2), answers::add);
        rooms.put(bob, 3, bob.listAfterHandover(3, 4, 2, 1, 2), answers::add);
        rooms.put(bob, 2, bob.listAfterHandover(3, 4, 2, 2, 3), answers::add);

        assertThat(answers).isEmpty();
        rooms.commit();
        rooms.checkpoint();
        rooms.restart();
        rooms.put(bob, 2, bob.listAfterHandover(3, 5, 2, 2), answers::add);
        rooms.commit();
        assertThat(answers)
                .extracting(ListAnswer::code)
                .containsExactly(null, ErrorCode.FORBIDDEN, ErrorCode.FORBIDDEN, null, null);
        rooms.find(bob, found -> {
            assertThat(found.list().primary().number()).isEqualTo(2);
            assertThat(found.list().device(1)).isNull();
        });
    }

    @Test
    void tellsTheNewPrimaryAndAllOthersButTheOldOneOnceTheHandoverIsOnDisk() {
        FakeSubscriber old = rooms.connect(bob, 1);
        FakeSubscriber successor = rooms.connect(bob, 2);
        FakeSubscriber companion = rooms.connect(bob, 5);
        rooms.put(bob, 1, bob.handover(3, 2, 1, 2, 3, 4, 5), answers::add);

        assertThat(successor.events()).doesNotContain("list 3");
        rooms.commit();
        assertThat(successor.events()).endsWith("list 3");
        assertThat(companion.events()).endsWith("list 3");
        assertThat(old.events()).doesNotContain("list 3");
        sendToBob(1, 1, 2, 3, 4, 5);
        assertThat(List.of(old, successor, companion))
                .allMatch(device -> device.sequences().equals(List.of(1L)));
    }

    @Test
    void letsOneOfAHandoverAndARacingListWin() {
        rooms.put(bob, 1, bob.list(3, 1, 2, 3), answers::add);
        rooms.put(bob, 1, bob.handover(3, 2, 1, 2, 3, 4, 5), answers::add);
        rooms.commit();
        assertThat(answers).extracting(ListAnswer::code).containsExactly(null, ErrorCode.LIST_CONFLICT);

        rooms.put(bob, 1, bob.handover(4, 2, 1, 2, 3), answers::add);
        rooms.put(bob, 1, bob.list(4, 1, 2), answers::add);
        rooms.commit();
        assertThat(answers.get(2).isStored()).isTrue();
        assertThat(code(3)).isEqualTo(ErrorCode.FORBIDDEN);
    }

    /** Its answer may have been lost with a connection. */
    @Test
    void answersAHandoverAgainAsStoredThoughTheOldPrimaryIsNoneAnyMore() {
        rooms.put(bob, 1, bob.handover(3, 2, 1, 2, 3, 4, 5), answers::add);
        rooms.commit();
        int entries = rooms.journal().entryCount();

        rooms.put(bob, 1, bob.handover(3, 2, 1, 2, 3, 4, 5), answers::add);

        assertThat(answers).hasSize(2).allMatch(ListAnswer::isStored);
        assertThat(rooms.journal().entryCount()).isEqualTo(entries);
    }

    @Test
    void answersTheSameListAgainAsStored() {
        rooms.put(bob, 1, bob.list(3, 1, 2), answers::add);
        rooms.put(bob, 1, bob.list(3, 1, 2), answers::add);
        rooms.commit();
        int entries = rooms.journal().entryCount();
        rooms.checkpoint();
        rooms.restart();
        rooms.put(bob, 1, bob.list(3, 1, 2), answers::add);

        assertThat(answers).hasSize(3).allMatch(ListAnswer::isStored);
        assertThat(rooms.journal().entryCount()).isEqualTo(entries);
    }

    @Test
    void forbidsCompanionsToChangeTheList() {
        rooms.put(bob, 2, bob.list(3, 1, 2), answers::add);

        assertThat(code(0)).isEqualTo(ErrorCode.FORBIDDEN);
    }

    @Test
    void neverTakesADeviceNumberASecondTime() {
        rooms.put(bob, 1, bob.list(3, 1, 2), answers::add);
        rooms.commit();
        rooms.checkpoint();
        rooms.restart();
        rooms.put(bob, 1, bob.list(4, 1, 2, 5), answers::add);
        rooms.put(bob, 1, bob.list(4, 1, 2, 6), answers::add);
        rooms.commit();

        assertThat(code(1)).isEqualTo(ErrorCode.INVALID_DEVICE_LIST);
        assertThat(answers.get(2).isStored()).isTrue();
    }

    @Test
    void refusesAListWhileTheJournalDoes() {
        rooms.journal().refuse(Journal.NO_SPACE);
        rooms.put(bob, 1, bob.list(3, 1), answers::add);
        rooms.journal().refuse(Journal.OVERLOADED);
        rooms.put(bob, 1, bob.list(3, 1), answers::add);
        rooms.journal().refuse(0);
        rooms.put(bob, 1, bob.list(3, 1), answers::add);
        rooms.commit();

        assertThat(code(0)).isEqualTo(ErrorCode.STORAGE_UNAVAILABLE);
        assertThat(code(1)).isEqualTo(ErrorCode.OVERLOADED);
        assertThat(answers.get(2).isStored()).isTrue();
    }

    @Test
    void showsAListOnlyOnceItIsOnDisk() {
        List<Long> versions = new ArrayList<>();
        rooms.put(bob, 1, bob.list(3, 1, 2), answers::add);
        rooms.find(bob, found -> versions.add(found.list().version()));

        assertThat(versions).isEmpty();
        rooms.commit();
        assertThat(versions).containsExactly(3L);
    }

    @Test
    void tellsTheDevicesThatStayOnceTheListIsOnDisk() {
        FakeSubscriber companion = rooms.connect(bob, 2);
        rooms.put(bob, 1, bob.list(3, 1, 2), answers::add);

        assertThat(companion.events()).doesNotContain("list 3");
        rooms.commit();
        assertThat(companion.events()).endsWith("list 3");
    }

    // Devices that are added

    private Asking asking(int device) {
        ByteString key = bob.list(9, 1, device).device(device).identityKey().toByteString();
        return new Asking(key, Platform.LINUX, "laptop", "192.0.2.0/24");
    }

    private List<String> alertsFor(int device) {
        List<String> told = new ArrayList<>();
        rooms.find(
                bob,
                found -> found.alerts()
                        .newsFor(device)
                        .forEach(alert ->
                                told.add(alert.getDevice() + " " + alert.getName() + " " + alert.getListVersion())));
        return told;
    }

    @Test
    void remembersWhomItHasAddedUntilTheyLeave() {
        rooms.put(bob, 1, bob.list(3, 1, 2), answers::add);
        rooms.put(bob, 1, bob.list(4, 1, 2, 6), List.of(asking(6)), answers::add);
        rooms.put(bob, 1, bob.list(5, 1, 2, 6, 7), answers::add);
        rooms.commit();
        for (int restarts = 0; restarts < 2; restarts++) {
            assertThat(alertsFor(1)).containsExactly("2  2", "6 laptop 4", "7  5");
            assertThat(alertsFor(2)).containsExactly("6 laptop 4", "7  5");
            assertThat(alertsFor(6)).containsExactly("7  5");
            assertThat(alertsFor(7)).isEmpty();
            rooms.checkpoint();
            rooms.restart();
        }
        rooms.put(bob, 1, bob.list(6, 1, 7), answers::add);
        rooms.commit();

        assertThat(answers).allMatch(ListAnswer::isStored);
        assertThat(alertsFor(1)).containsExactly("7  5");
    }

    @Test
    void addsNobodyElseWhileSomebodyAsks() {
        rooms.put(bob, 1, bob.list(3, 1, 2), answers::add);
        rooms.put(bob, 1, bob.list(4, 1, 2, 7), List.of(asking(6)), answers::add);
        rooms.put(bob, 1, bob.list(4, 1, 2, 6, 7), List.of(asking(6)), answers::add);
        rooms.put(bob, 1, bob.list(4, 1), List.of(asking(6)), answers::add);
        rooms.put(bob, 1, bob.list(5, 1, 7), List.of(asking(6), asking(7)), answers::add);
        rooms.commit();

        assertThat(answers)
                .extracting(ListAnswer::code)
                .containsExactly(null, ErrorCode.INVALID_DEVICE_LIST, ErrorCode.INVALID_DEVICE_LIST, null, null);
    }

    // Identity keys

    @Test
    void knowsAnIdentityKeyOfAnotherAccountAcrossRestarts() {
        TestAccount carol = new TestAccount(3);
        for (int restarts = 0; restarts < 3; restarts++) {
            answers.clear();
            rooms.register(carol, carol.listWithKeyOf(bob, 5, 1, 1), answers::add);
            rooms.put(alice, 1, alice.listWithKeyOf(bob, 1, 2, 1, 2), answers::add);
            rooms.put(alice, 1, alice.listWithKeyOf(bob, 5, 2, 1, 2, 3), answers::add);
            rooms.commit();
            assertThat(answers)
                    .extracting(ListAnswer::code)
                    .containsExactly(
                            ErrorCode.IDENTITY_KEY_KNOWN, ErrorCode.IDENTITY_KEY_KNOWN, ErrorCode.IDENTITY_KEY_KNOWN);
            if (restarts == 1) {
                rooms.checkpoint();
            }
            rooms.restart();
        }
        answers.clear();
        rooms.put(alice, 1, alice.list(2, 1, 2, 3), answers::add);
        rooms.commit();
        assertThat(answers).allMatch(ListAnswer::isStored);
    }

    @Test
    void freesTheIdentityKeyOfARemovedDeviceWithTheNextCheckpoint() {
        rooms.put(bob, 1, bob.list(3, 1, 2), answers::add);
        rooms.commit();
        rooms.put(alice, 1, alice.listWithKeyOf(bob, 5, 2, 1, 2), answers::add);
        rooms.checkpoint();
        assertThat(rooms.identityKeysInMemory()).isZero();
        rooms.put(alice, 1, alice.listWithKeyOf(bob, 5, 2, 1, 2), answers::add);
        rooms.commit();
        rooms.put(bob, 1, bob.listWithKeyOf(bob, 5, 4, 1, 2, 6), answers::add);
        rooms.commit();

        assertThat(answers)
                .extracting(ListAnswer::code)
                .containsExactly(null, ErrorCode.IDENTITY_KEY_KNOWN, null, ErrorCode.IDENTITY_KEY_KNOWN);
    }

    @Test
    void letsADeviceComeBackToItsOwnAccountUnderAnotherNumber() {
        rooms.put(bob, 1, bob.list(3, 1, 2, 3, 4), answers::add);
        rooms.put(bob, 1, bob.listWithKeyOf(bob, 5, 4, 1, 2, 3, 6), answers::add);
        rooms.put(bob, 1, bob.listWithKeyOf(bob, 5, 5, 1, 2, 3, 7), answers::add);
        rooms.commit();
        rooms.checkpoint();
        rooms.put(alice, 1, alice.listWithKeyOf(bob, 5, 2, 1, 2), answers::add);
        rooms.commit();

        assertThat(answers)
                .extracting(ListAnswer::code)
                .containsExactly(null, null, null, ErrorCode.IDENTITY_KEY_KNOWN);
    }

    @Test
    void letsOneOfTwoAccountsOnTwoLoopsHaveAKeyThatBothWantAtOnce() {
        TestAccount carol = new TestAccount(3);
        TestAccount dora = new TestAccount(4);
        rooms.registerOnly(carol, carol.list(1, 1), answers::add);
        rooms.registerOnly(dora, dora.listWithKeyOf(carol, 1, 1, 1), answers::add);
        rooms.run();
        rooms.commit();

        assertThat(answers).extracting(ListAnswer::code).containsExactlyInAnyOrder(null, ErrorCode.IDENTITY_KEY_KNOWN);
    }

    @Test
    void leavesNoClaimBehindWhenAListIsNotStoredAfterAll() {
        rooms.checkpoint();
        rooms.journal().refuse(Journal.NO_SPACE);
        rooms.put(alice, 1, alice.list(2, 1, 2), answers::add);
        rooms.register(new TestAccount(3), new TestAccount(3).list(1, 1), answers::add);
        rooms.journal().refuse(0);
        assertThat(rooms.identityKeysInMemory()).isZero();
        rooms.putOnly(alice, 1, alice.list(2, 1, 2), answers::add);
        rooms.putOnly(alice, 1, alice.list(2, 1, 3), answers::add);
        rooms.run();
        rooms.commit();
        rooms.checkpoint();

        assertThat(answers)
                .extracting(ListAnswer::code)
                .containsExactlyInAnyOrder(
                        ErrorCode.STORAGE_UNAVAILABLE, ErrorCode.STORAGE_UNAVAILABLE, null, ErrorCode.LIST_CONFLICT);
        assertThat(rooms.identityKeysInMemory()).isZero();
    }

    // Devices of other accounts

    @Test
    void tellsConnectedSendersWhoWroteLatelyOnceTheListIsOnDisk() {
        FakeSubscriber writer = rooms.connect(alice, 1);
        FakeSubscriber silent = rooms.connect(rooms.account(3, 1), 1);
        sendToBob(1, 1, 2, 3, 4, 5);

        rooms.put(bob, 1, bob.list(3, 1, 2), answers::add);
        assertThat(writer.events()).doesNotContain("list 3");
        rooms.commit();

        assertThat(writer.events()).endsWith("list 3");
        assertThat(silent.events()).doesNotContain("list 3");
    }

    @Test
    void tellsASenderThatHasConnectedAgainAfterARestart() {
        sendToBob(1, 1, 2, 3, 4, 5);
        rooms.checkpoint();
        rooms.restart();
        FakeSubscriber writer = rooms.connect(alice, 1);

        rooms.put(bob, 1, bob.list(3, 1, 2), answers::add);
        rooms.commit();

        assertThat(writer.events()).endsWith("list 3");
    }

    @Test
    void tellsNobodyWhoseLastSubmissionIsLongAgo() {
        FakeSubscriber writer = rooms.connect(alice, 1);
        sendToBob(1, 1, 2, 3, 4, 5);
        rooms.pass(3_601_000);

        rooms.put(bob, 1, bob.list(3, 1, 2), answers::add);
        rooms.commit();

        assertThat(writer.events()).doesNotContain("list 3");
    }

    @Test
    void tellsNoMoreThanTheLatestSendersAndAnAccountsOwnDevicesOnce() {
        FakeSubscriber first = rooms.connect(alice, 1);
        sendToBob(1, 1, 2, 3, 4, 5);
        List<FakeSubscriber> latest = new ArrayList<>();
        for (int number = 3; number < 6; number++) {
            TestAccount account = rooms.account(number, 1);
            latest.add(rooms.connect(account, 1));
            rooms.submit(
                    new FakeSender(account, 1), Rooms.submission(bob, Rooms.envelopeId(number, 1), 100, 1, 2, 3, 4, 5));
            rooms.commit();
        }
        FakeSubscriber own = rooms.connect(bob, 2);
        rooms.submit(new FakeSender(bob, 2), Rooms.submission(bob, Rooms.envelopeId(2, 1), 100, 1, 3, 4, 5));
        rooms.commit();

        rooms.put(bob, 1, bob.list(3, 1, 2), answers::add);
        rooms.commit();

        assertThat(first.events()).doesNotContain("list 3");
        assertThat(latest).allMatch(writer -> writer.events().contains("list 3"));
        assertThat(own.events()).containsOnlyOnce("list 3");
    }

    @Test
    void readsNoAccountOnlyToTellIt() {
        sendToBob(1, 1, 2, 3, 4, 5);
        rooms.checkpoint();
        rooms.restart();
        FakeSubscriber companion = rooms.connect(bob, 2);
        int before = rooms.residentCount();

        rooms.put(bob, 1, bob.list(3, 1, 2), answers::add);
        rooms.commit();

        assertThat(companion.events()).endsWith("list 3");
        assertThat(rooms.residentCount()).isEqualTo(before);
    }

    // Removal

    @Test
    void endsARemovedDeviceAndItsMailbox() {
        FakeSubscriber removed = rooms.connect(bob, 5);
        sendToBob(1, 1, 2, 3, 4, 5);
        sendToBob(2, 1, 2, 3, 4, 5);
        rooms.checkpoint();
        assertThat(rooms.rowCount("envelopes")).isEqualTo(10);

        rooms.put(bob, 1, bob.list(3, 1, 2, 3, 4), answers::add);
        assertThat(removed.events()).doesNotContain("removed");
        rooms.commit();
        assertThat(removed.events()).endsWith("removed");
        sendToBob(3, 1, 2, 3, 4);
        rooms.checkpoint();

        assertThat(removed.sequences()).containsExactly(1L, 2L);
        assertThat(removed.events()).endsWith("removed");
        assertThat(rooms.rowCount("envelopes")).isEqualTo(12);
        assertThat(rooms.rowCount("mailboxes")).isEqualTo(4);
    }

    @Test
    void deliversNothingToARemovedDeviceWhileItsRemovalIsNotYetOnDisk() {
        FakeSubscriber removed = rooms.connect(bob, 5);
        rooms.submit(sender, Rooms.submission(bob, Rooms.envelopeId(1, 1), 100, 1, 2, 3, 4, 5));
        rooms.put(bob, 1, bob.list(3, 1, 2, 3, 4), answers::add);

        rooms.commit();

        assertThat(removed.received()).isEmpty();
        assertThat(removed.events()).endsWith("removed");
        assertThat(rooms.connect(bob, 4).sequences()).containsExactly(1L);
    }
}
