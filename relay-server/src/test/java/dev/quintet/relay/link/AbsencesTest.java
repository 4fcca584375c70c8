package dev.quintet.relay.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.KeyBundle;
import dev.quintet.protocol.wire.KeyBundles;
import dev.quintet.protocol.wire.Mismatch;
import dev.quintet.protocol.wire.OneTimePrekey;
import dev.quintet.protocol.wire.PutKeys;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.relay.account.Account;
import dev.quintet.relay.account.ClockLimits;
import dev.quintet.relay.account.KeyAnswer;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.journal.LogOutReason;
import dev.quintet.relay.rooms.FakeSender;
import dev.quintet.relay.rooms.FakeSubscriber;
import dev.quintet.relay.rooms.Rooms;
import dev.quintet.relay.rooms.TestAccount;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AbsencesTest {
    private static final long MINUTE = 60_000;
    private static final long DAY = 24 * 60 * MINUTE;

    private Rooms rooms = new Rooms(ClockLimits.defaults());
    private TestAccount alice = rooms.account(1, 1);
    private TestAccount bob = rooms.account(2, 3);
    private FakeSender sender = new FakeSender(alice, 1);
    private final List<ListAnswer> answers = new ArrayList<>();
    private long submissions;

    @AfterEach
    void close() {
        rooms.close();
    }

    private void startWith(ClockLimits clocks) {
        rooms.close();
        rooms = new Rooms(clocks);
        alice = rooms.account(1, 1);
        bob = rooms.account(2, 3);
        sender = new FakeSender(alice, 1);
    }

    private RecipientAnswer sendToBob(int... devices) {
        long request = rooms.submit(sender, Rooms.submission(bob, Rooms.envelopeId(1, ++submissions), 100, devices));
        rooms.commit();
        return sender.answer(request);
    }

    private DeviceList bobsList() {
        List<Account> found = new ArrayList<>();
        rooms.find(bob, found::add);
        rooms.commit();
        return found.get(0).list();
    }

    private LogOutReason reasonOf(int device) {
        List<LogOutReason> reasons = new ArrayList<>();
        rooms.find(bob, found -> reasons.add(found.outReason(device)));
        rooms.commit();
        return reasons.get(0);
    }

    private void put(DeviceList list) {
        rooms.put(bob, 1, list, answers::add);
        rooms.commit();
    }

    private ListAnswer lastAnswer() {
        return answers.get(answers.size() - 1);
    }

    /** The primary is here once a day. */
    private void passWithPrimary(int days) {
        for (int day = 0; day < days; day++) {
            rooms.pass(DAY);
            rooms.see(bob, 1);
        }
        rooms.commit();
    }

    // The primary

    @Test
    void logsTheCompanionsOutWhenThePrimaryHasBeenAwayFor14DaysAndNotBefore() {
        rooms.pass(14 * DAY - MINUTE);
        assertThat(sendToBob(1, 2, 3).hasAccepted()).isTrue();
        rooms.pass(MINUTE);

        Mismatch mismatch = sendToBob(1, 2, 3).getMismatch();

        assertThat(mismatch.getExtraList()).containsExactly(2, 3);
        assertThat(mismatch.getMissingList()).isEmpty();
        assertThat(mismatch.getDeviceList().getLoggedOutList()).containsExactly(2, 3);
        assertThat(mismatch.getDeviceList().getContent())
                .isEqualTo(bob.list(2, 1, 2, 3).signed().getContent());
        assertThat(sendToBob(1).hasAccepted()).isTrue();
        assertThat(reasonOf(2)).isEqualTo(LogOutReason.PRIMARY_INACTIVE);
        assertThat(reasonOf(1)).isNull();
    }

    @Test
    void logsNobodyOutWhileThePrimaryComesBackInTime() {
        rooms.pass(14 * DAY - MINUTE);
        rooms.see(bob, 1);
        rooms.commit();
        rooms.restart();
        rooms.pass(14 * DAY - MINUTE);

        assertThat(bobsList().loggedOut()).isEmpty();
        rooms.pass(MINUTE + MINUTE);
        assertThat(bobsList().loggedOut()).containsExactly(2, 3);
    }

    @Test
    void takesThePrimaryForPresentWhenItHasSignedAList() {
        rooms.pass(13 * DAY);
        put(bob.list(3, 1, 2, 3));
        rooms.restart();
        rooms.pass(14 * DAY - MINUTE);
        assertThat(bobsList().loggedOut()).isEmpty();
        rooms.pass(2 * MINUTE);

        assertThat(bobsList().loggedOut()).containsExactly(2, 3);
    }

    @Test
    void warnsTheCompanionsFromDay10WithTheDaysThatAreLeft() {
        rooms.pass(10 * DAY - MINUTE);
        assertThat(rooms.daysLeft(bob)).isZero();
        rooms.pass(MINUTE);
        assertThat(rooms.daysLeft(bob)).isEqualTo(4);
        rooms.pass(DAY);
        assertThat(rooms.daysLeft(bob)).isEqualTo(3);
        rooms.pass(3 * DAY - 2 * MINUTE);
        assertThat(rooms.daysLeft(bob)).isEqualTo(1);
        rooms.see(bob, 1);
        assertThat(rooms.daysLeft(bob)).isZero();
    }

    @Test
    void cutsCompanionsOnceTheirLogOutIsOnDiskAndDeliversNothingMeanwhile() {
        FakeSubscriber companion = rooms.connect(bob, 2);
        sendToBob(1, 2, 3);
        rooms.pass(14 * DAY - MINUTE);
        rooms.submit(sender, Rooms.submission(bob, Rooms.envelopeId(1, ++submissions), 100, 1, 2, 3));
        rooms.pass(MINUTE);
        rooms.see(bob, 2);

        assertThat(companion.events()).noneMatch(event -> event.startsWith("logged out"));
        rooms.commit();
        assertThat(companion.sequences()).containsExactly(1L);
        assertThat(companion.events()).endsWith("logged out PRIMARY_INACTIVE");
    }

    @Test
    void keepsThePrimarysMailboxAndLetsItGoOn() {
        sendToBob(1, 2, 3);
        rooms.pass(20 * DAY);
        assertThat(sendToBob(1).hasAccepted()).isTrue();

        assertThat(rooms.connect(bob, 1).sequences()).containsExactly(1L, 2L);
    }

    @Test
    void takesADeviceThatIsConnectedForPresentHoweverLongItWasNotLookedAt() {
        rooms.connect(bob, 1);
        rooms.pass(40 * DAY);

        assertThat(bobsList().loggedOut()).containsExactly(2, 3);
        assertThat(reasonOf(2)).isEqualTo(LogOutReason.DEVICE_INACTIVE);
    }

    // Companions

    @Test
    void logsACompanionOutThatHasBeenAwayFor30DaysAndTellsTheOthers() {
        passWithPrimary(29);
        rooms.see(bob, 2);
        FakeSubscriber primary = rooms.connect(bob, 1);
        rooms.pass(DAY - MINUTE);
        assertThat(sendToBob(1, 2, 3).hasAccepted()).isTrue();
        rooms.pass(MINUTE);

        assertThat(sendToBob(1, 2, 3).getMismatch().getExtraList()).containsExactly(3);
        assertThat(reasonOf(3)).isEqualTo(LogOutReason.DEVICE_INACTIVE);
        assertThat(primary.events()).endsWith("list 2 without [3]");
    }

    @Test
    void countsFromTheListForADeviceThatNeverCame() {
        passWithPrimary(20);
        rooms.see(bob, 2);
        rooms.see(bob, 3);
        put(bob.list(3, 1, 2, 3, 4));
        passWithPrimary(29);
        assertThat(bobsList().loggedOut()).isEmpty();

        passWithPrimary(1);

        assertThat(bobsList().loggedOut()).containsExactly(2, 3, 4);
    }

    // On disk

    @Test
    void journalsThatADeviceIsHereAtMostOnceADay() {
        for (int hour = 0; hour < 72; hour++) {
            rooms.see(bob, 2);
            rooms.pass(60 * MINUTE);
        }
        rooms.commit();

        assertThat(rooms.journal().countOf(EntryType.LAST_SEEN)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void knowsAfterARestartWhoIsLoggedOutAndWhy(boolean isInImage) {
        rooms.pass(14 * DAY + MINUTE);
        bobsList();
        if (isInImage) {
            rooms.checkpoint();
        }
        rooms.restart();

        assertThat(bobsList().loggedOut()).containsExactly(2, 3);
        assertThat(reasonOf(3)).isEqualTo(LogOutReason.PRIMARY_INACTIVE);
        assertThat(sendToBob(1).hasAccepted()).isTrue();
    }

    @Test
    void saysOfADeviceThatWasTakenOffTheListLaterStillWhyItWasLoggedOut() {
        rooms.pass(14 * DAY + MINUTE);
        rooms.see(bob, 1);
        put(bob.list(3, 1, 3));
        put(bob.list(3, 1));
        rooms.checkpoint();
        rooms.restart();

        assertThat(answers).extracting(ListAnswer::isStored).containsExactly(false, true);
        assertThat(reasonOf(2)).isEqualTo(LogOutReason.PRIMARY_INACTIVE);
    }

    @Test
    void changesNothingWhileTheJournalRefusesAndTriesAgain() {
        rooms.pass(14 * DAY + MINUTE);
        rooms.journal().refuse(Journal.OVERLOADED);
        assertThat(bobsList().loggedOut()).isEmpty();
        rooms.journal().refuse(0);

        assertThat(bobsList().loggedOut()).containsExactly(2, 3);
    }

    // The clock

    @ParameterizedTest
    @ValueSource(longs = {14 * DAY, 365 * DAY, -14 * DAY})
    void logsNobodyOutWhenTheClockJumps(long millis) {
        rooms.jump(millis);

        assertThat(bobsList().loggedOut()).isEmpty();
        assertThat(rooms.isClockTrusted()).isFalse();
        rooms.pass(59 * MINUTE);
        assertThat(bobsList().loggedOut()).isEmpty();
    }

    @Test
    void logsOutOnceTheClockHasAgreedForAnHourAndNotWhoeverCameBackMeanwhile() {
        TestAccount carol = rooms.account(3, 2);
        rooms.jump(20 * DAY);
        assertThat(rooms.isClockTrusted()).isFalse();
        rooms.see(carol, 1);
        rooms.pass(60 * MINUTE);
        assertThat(rooms.isClockTrusted()).isTrue();

        assertThat(bobsList().loggedOut()).containsExactly(2, 3);
        rooms.find(carol, found -> assertThat(found.list().loggedOut()).isEmpty());
    }

    @Test
    void expiresNothingWhenTheClockJumps() {
        sendToBob(1, 2, 3);
        rooms.checkpoint();
        rooms.jump(60 * DAY);
        rooms.sweep();
        rooms.commit();

        assertThat(rooms.connect(bob, 2).received()).noneMatch(FakeSubscriber.Received::isGap);
        rooms.pass(60 * MINUTE);
        assertThat(rooms.isClockTrusted()).isTrue();
        assertThat(rooms.connect(bob, 1).received()).allMatch(FakeSubscriber.Received::isGap);
    }

    @Test
    void logsNobodyOutAfterARestartWithAWrongClockHoweverOftenItStarts() {
        rooms.noteTime();
        rooms.commit();
        rooms.jump(365 * DAY);
        for (int start = 0; start < 3; start++) {
            rooms.restart();
            rooms.noteTime();
            rooms.see(alice, 1);
            rooms.commit();
            assertThat(bobsList().loggedOut()).isEmpty();
        }
        rooms.pass(60 * MINUTE);
        assertThat(bobsList().loggedOut()).containsExactly(2, 3);
    }

    // The next list

    @Test
    void refusesAListThatStillNamesWhoWasLoggedOut() {
        rooms.pass(14 * DAY + MINUTE);
        rooms.see(bob, 1);
        put(bob.list(3, 1, 2));
        assertThat(lastAnswer().code()).isEqualTo(ErrorCode.INVALID_DEVICE_LIST);
        assertThat(lastAnswer().message()).isEqualTo("device 2 was logged out: link it again or leave it out");

        put(bob.list(3, 1));

        assertThat(lastAnswer().isStored()).isTrue();
        assertThat(bobsList().loggedOut()).isEmpty();
        put(bob.list(4, 1, 2));
        assertThat(lastAnswer().code()).isEqualTo(ErrorCode.INVALID_DEVICE_LIST);
        put(bob.list(4, 1, 4));
        assertThat(lastAnswer().isStored()).isTrue();
    }

    @Test
    void givesADeviceThatIsLinkedAgainItsMailboxBackWhereItStopped() {
        FakeSubscriber before = rooms.connect(bob, 2);
        sendToBob(1, 2, 3);
        sendToBob(1, 2, 3);
        sendToBob(1, 2, 3);
        rooms.acknowledge(bob, 2, before, 1);
        rooms.commit();
        rooms.disconnect(bob, 2, before);
        rooms.pass(14 * DAY + MINUTE);
        assertThat(sendToBob(1).hasAccepted()).isTrue();
        rooms.checkpoint();
        rooms.restart();
        rooms.see(bob, 1);

        put(bob.listWithLinkedAgain(3, 2, 1, 2));

        assertThat(lastAnswer().isStored()).isTrue();
        assertThat(sendToBob(1, 2).hasAccepted()).isTrue();
        FakeSubscriber after = rooms.connect(bob, 2);
        assertThat(after.sequences()).containsExactly(2L, 3L, 4L);
        assertThat(after.received().get(1).header().id()).isEqualTo(Rooms.envelopeId(1, 3));
        assertThat(after.received().get(2).header().id()).isEqualTo(Rooms.envelopeId(1, 5));
        rooms.checkpoint();
        rooms.restart();
        assertThat(rooms.connect(bob, 2).sequences()).containsExactly(2L, 3L, 4L);
        assertThat(bobsList().loggedOut()).isEmpty();
    }

    @Test
    void endsWhatIsSealedAfter14DaysAndLetsNobodyBackToIt() {
        sendToBob(1, 2, 3);
        rooms.pass(14 * DAY);
        bobsList();
        rooms.checkpoint();
        assertThat(rooms.rowCount("mailboxes")).isEqualTo(3);
        rooms.pass(14 * DAY - MINUTE);
        bobsList();
        rooms.checkpoint();
        assertThat(rooms.rowCount("mailboxes")).isEqualTo(3);

        rooms.pass(MINUTE + MINUTE);
        bobsList();
        rooms.commit();
        rooms.checkpoint();

        assertThat(rooms.rowCount("mailboxes")).isEqualTo(1);
        assertThat(rooms.rowCount("envelopes")).isEqualTo(1);
        rooms.see(bob, 1);
        put(bob.listWithLinkedAgain(3, 2, 1, 2));
        assertThat(lastAnswer().message()).contains("its mailbox has ended");
        put(bob.list(3, 1, 4));
        assertThat(lastAnswer().isStored()).isTrue();
    }

    @Test
    void sealsNothingIfToldSo() {
        startWith(new ClockLimits(14 * 86_400, 30 * 86_400, 4 * 86_400, 0, 86_400, 600, 3_600));
        sendToBob(1, 2, 3);
        rooms.pass(14 * DAY + MINUTE);
        bobsList();
        rooms.checkpoint();

        assertThat(rooms.rowCount("mailboxes")).isEqualTo(1);
        rooms.see(bob, 1);
        put(bob.listWithLinkedAgain(3, 2, 1, 2));
        assertThat(lastAnswer().code()).isEqualTo(ErrorCode.INVALID_DEVICE_LIST);
    }

    @Test
    void neverSealsWhatThePrimaryRemoves() {
        sendToBob(1, 2, 3);
        put(bob.list(3, 1, 3));
        put(bob.listWithLinkedAgain(4, 2, 1, 2, 3));
        rooms.checkpoint();

        assertThat(lastAnswer().code()).isEqualTo(ErrorCode.INVALID_DEVICE_LIST);
        assertThat(rooms.rowCount("mailboxes")).isEqualTo(2);
    }

    @Test
    void handsOutNoKeysOfADeviceThatIsLoggedOutAndAllOfThemOnceItIsBack() {
        PutKeys.Builder keys = PutKeys.newBuilder();
        for (int id = 1; id <= 3; id++) {
            keys.addOneTime(OneTimePrekey.newBuilder().setId(id).setKey(ByteString.copyFrom(new byte[32])));
        }
        rooms.putKeys(
                bob, 2, keys.build(), stored -> assertThat(stored.isGranted()).isTrue());
        rooms.commit();
        rooms.pass(14 * DAY + MINUTE);
        assertThat(devicesWithKeys()).containsExactly(1);
        rooms.checkpoint();
        assertThat(rooms.rowCount("prekeys")).isEqualTo(3);
        rooms.see(bob, 1);

        put(bob.listWithLinkedAgain(3, 2, 1, 2));

        assertThat(devicesWithKeys()).containsExactly(1, 2);
        rooms.countKeys(bob, 2, count -> assertThat(count.value().getOneTime()).isEqualTo(2));
    }

    private List<Integer> devicesWithKeys() {
        List<KeyAnswer<KeyBundles>> bundles = new ArrayList<>();
        rooms.getKeys(bob, alice, List.of(), bundles::add);
        rooms.commit();
        return bundles.get(0).value().getBundlesList().stream()
                .map(KeyBundle::getDevice)
                .toList();
    }
}
