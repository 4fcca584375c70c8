package dev.quintet.relay.account;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.KeyUpload;
import dev.quintet.protocol.wire.DeviceEnvelope;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.KeyBundle;
import dev.quintet.protocol.wire.KeyBundles;
import dev.quintet.protocol.wire.KeyCount;
import dev.quintet.protocol.wire.Mismatch;
import dev.quintet.protocol.wire.OneTimePrekey;
import dev.quintet.protocol.wire.PutKeys;
import dev.quintet.protocol.wire.Recipient;
import dev.quintet.protocol.wire.Submit;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.link.ListAnswer;
import dev.quintet.relay.rooms.FakeSender;
import dev.quintet.relay.rooms.FakeSubscriber;
import dev.quintet.relay.rooms.Rooms;
import dev.quintet.relay.rooms.TestAccount;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PrekeysTest {
    private static final ByteString KEY = ByteString.copyFrom(new byte[32]);

    private final Rooms rooms = new Rooms();
    private final TestAccount alice = rooms.account(1, 1);
    private final TestAccount bob = rooms.account(2, 5);
    private final List<KeyAnswer<KeyCount>> counts = new ArrayList<>();
    private final List<KeyAnswer<KeyBundles>> bundles = new ArrayList<>();
    private final List<ListAnswer> lists = new ArrayList<>();
    private int requester = 100;

    @AfterEach
    void close() {
        rooms.close();
    }

    /** When what was uploaded comes into the image. */
    enum Checkpoint {
        NEVER {
            @Override
            void run(Rooms rooms) {}
        },
        AT_ONCE {
            @Override
            void run(Rooms rooms) {
                rooms.checkpoint();
            }
        },
        BEFORE_THE_LOOPS_HEAR_OF_IT {
            @Override
            void run(Rooms rooms) {
                rooms.checkpointOnly();
            }
        },
        WITH_A_RESTART {
            @Override
            void run(Rooms rooms) {
                rooms.restart();
            }
        };

        abstract void run(Rooms rooms);
    }

    private static PutKeys.Builder oneTime(int first, int last) {
        PutKeys.Builder keys = PutKeys.newBuilder();
        for (int id = first; id <= last; id++) {
            keys.addOneTime(oneTime(id));
        }
        return keys;
    }

    private static OneTimePrekey oneTime(int id) {
        return OneTimePrekey.newBuilder()
                .setId(id)
                .setKey(ByteString.copyFromUtf8("one-time prekey, of 32 bytes: " + 10_000 + id))
                .build();
    }

    private PutKeys.Builder repeated(int device, int id) {
        return PutKeys.newBuilder()
                .setSignedPrekey(KeyUpload.signedPrekey(bob.id(), device, id, KEY, bob.identity(device)))
                .setLastResort(KeyUpload.lastResortKey(bob.id(), device, id, KEY, bob.identity(device)));
    }

    private KeyAnswer<KeyCount> upload(int device, PutKeys.Builder keys) {
        counts.clear();
        rooms.putKeys(bob, device, keys.build(), counts::add);
        rooms.commit();
        assertThat(counts).hasSize(1);
        return counts.get(0);
    }

    private KeyCount count(int device) {
        counts.clear();
        rooms.countKeys(bob, device, counts::add);
        assertThat(counts).hasSize(1);
        return counts.get(0).value();
    }

    /** As somebody who has not asked before. */
    private List<KeyBundle> fetch(Integer... devices) {
        bundles.clear();
        rooms.getKeys(bob, new TestAccount(requester++), List.of(devices), bundles::add);
        rooms.commit();
        assertThat(bundles).hasSize(1);
        assertThat(bundles.get(0).isGranted()).as(bundles.get(0).message()).isTrue();
        return bundles.get(0).value().getBundlesList();
    }

    @Test
    void countsWhatIsStoredOnceItIsOnDisk() {
        rooms.putKeys(bob, 2, oneTime(5, 14).build(), counts::add);

        assertThat(counts).isEmpty();
        rooms.commit();
        assertThat(counts.get(0).value())
                .isEqualTo(KeyCount.newBuilder()
                        .setOneTime(10)
                        .setHighestOneTimeId(14)
                        .build());
        upload(2, repeated(2, 7));
        assertThat(count(2))
                .isEqualTo(KeyCount.newBuilder()
                        .setOneTime(10)
                        .setHighestOneTimeId(14)
                        .setHasSignedPrekey(true)
                        .setHasLastResort(true)
                        .build());
        assertThat(count(3)).isEqualTo(KeyCount.getDefaultInstance());
    }

    @ParameterizedTest
    @EnumSource
    void handsOutEachOneTimePrekeyOnceAndInOrder(Checkpoint checkpoint) {
        upload(2, oneTime(1, 3));
        upload(2, oneTime(10, 12));

        List<Integer> ids = new ArrayList<>();
        for (int fetch = 0; fetch < 6; fetch++) {
            checkpoint.run(rooms);
            ids.add(fetch(2).get(0).getOneTime().getId());
        }

        assertThat(ids).containsExactly(1, 2, 3, 10, 11, 12);
        checkpoint.run(rooms);
        assertThat(fetch(2)).allMatch(KeyBundle::getExhausted).noneMatch(KeyBundle::hasOneTime);
        rooms.checkpoint();
        assertThat(rooms.rowCount("prekeys")).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void handsOutTheKeysOfAllDevicesByOneEntry(Checkpoint checkpoint) {
        for (int device = 1; device <= 5; device++) {
            upload(device, oneTime(device * 10, device * 10 + 1));
            upload(device, repeated(device, device));
        }
        checkpoint.run(rooms);
        int entries = rooms.journal().entryCount();

        List<KeyBundle> all = fetch();

        assertThat(rooms.journal().entryCount()).isEqualTo(entries + 1);
        assertThat(all).extracting(KeyBundle::getDevice).containsExactly(1, 2, 3, 4, 5);
        assertThat(all).extracting(bundle -> bundle.getOneTime().getId()).containsExactly(10, 20, 30, 40, 50);
        assertThat(all).extracting(KeyBundle::getRegistrationId).containsExactly(1001, 1002, 1003, 1004, 1005);
        for (KeyBundle bundle : all) {
            var identity = bob.identity(bundle.getDevice()).publicKey();
            assertThat(KeyUpload.isSignedBy(bundle.getSignedPrekey(), bob.id(), bundle.getDevice(), identity))
                    .isTrue();
            assertThat(KeyUpload.isSignedBy(bundle.getLastResort(), bob.id(), bundle.getDevice(), identity))
                    .isTrue();
            assertThat(bundle.getExhausted()).isFalse();
        }
        assertThat(bundles.get(0).value().getDeviceList())
                .isEqualTo(bob.list(2, 1, 2, 3, 4, 5).signed());
    }

    @Test
    void answersOnceTheHandOutIsOnDisk() {
        upload(2, oneTime(1, 2));

        rooms.getKeys(bob, alice, List.of(2), bundles::add);

        assertThat(bundles).isEmpty();
        rooms.restart();
        assertThat(bundles).isEmpty();
        assertThat(fetch(2).get(0).getOneTime().getId()).isEqualTo(1);
        rooms.restart();
        assertThat(fetch(2).get(0).getOneTime().getId()).isEqualTo(2);
    }

    @Test
    void handsOutDifferentKeysToThoseWhoAskAtTheSameTime() {
        upload(2, oneTime(1, 40));
        rooms.checkpoint();

        for (int asking = 0; asking < 40; asking++) {
            rooms.getKeysOnly(bob, new TestAccount(200 + asking), List.of(2), bundles::add);
        }
        rooms.run();
        rooms.commit();

        assertThat(bundles)
                .hasSize(40)
                .extracting(answer -> answer.value().getBundles(0).getOneTime().getId())
                .doesNotHaveDuplicates();
    }

    @Test
    void letsNoMoreThanSomeWait() {
        upload(2, oneTime(1, 100));

        for (int asking = 0; asking < 100; asking++) {
            rooms.getKeysOnly(bob, new TestAccount(200 + asking), List.of(2), bundles::add);
        }
        rooms.run();
        rooms.commit();

        assertThat(bundles).hasSize(100);
        assertThat(bundles.stream().filter(KeyAnswer::isGranted)).hasSize(1 + AccountPrekeys.WAITING);
        assertThat(bundles.stream().filter(answer -> !answer.isGranted()))
                .allMatch(answer -> answer.code() == ErrorCode.OVERLOADED && answer.retryAfterMillis() > 0);
    }

    @Test
    void refusesIdsThatDoNotRiseAboveEveryIdBefore() {
        upload(2, oneTime(1, 10));
        for (int fetch = 0; fetch < 10; fetch++) {
            fetch(2);
        }

        for (int first : new int[] {1, 10}) {
            assertThat(upload(2, oneTime(first, 20)).code()).isEqualTo(ErrorCode.INVALID_KEYS);
            rooms.restart();
        }

        assertThat(count(2).getOneTime()).isZero();
        assertThat(upload(2, oneTime(11, 20)).value().getOneTime()).isEqualTo(10);
        assertThat(upload(3, oneTime(1, 10)).isGranted()).isTrue();
    }

    @Test
    void storesAThousandAndRefusesOneMoreWhole() {
        for (int first = 1; first <= 1_000; first += 100) {
            assertThat(upload(2, oneTime(first, first + 99)).isGranted()).isTrue();
        }
        PutKeys.Builder more =
                oneTime(2_000, 2_000).setSignedPrekey(repeated(2, 9).getSignedPrekey());

        KeyAnswer<KeyCount> answer = upload(2, more);

        assertThat(answer.code()).isEqualTo(ErrorCode.INVALID_KEYS);
        assertThat(answer.message()).contains("1000");
        assertThat(count(2))
                .isEqualTo(KeyCount.newBuilder()
                        .setOneTime(1_000)
                        .setHighestOneTimeId(1_000)
                        .build());
        fetch(2);
        assertThat(upload(2, more).isGranted()).isTrue();
    }

    @Test
    void replacesTheKeysThatAreNotOneTime() {
        upload(2, repeated(2, 1));
        rooms.checkpoint();

        upload(2, repeated(2, 2).clearLastResort());

        for (Checkpoint checkpoint : Checkpoint.values()) {
            checkpoint.run(rooms);
            KeyBundle bundle = fetch(2).get(0);
            assertThat(bundle.getSignedPrekey().getId()).isEqualTo(2);
            assertThat(bundle.getLastResort().getId()).isEqualTo(1);
            assertThat(bundle.getExhausted()).isTrue();
        }
    }

    @Test
    void hasNoKeysOfADeviceThatNeverUploaded() {
        assertThat(fetch(4))
                .containsExactly(KeyBundle.newBuilder()
                        .setDevice(4)
                        .setRegistrationId(1004)
                        .setExhausted(true)
                        .build());
    }

    @Test
    void leavesOutDevicesThatAreNotInTheList() {
        assertThat(fetch(4, 9)).extracting(KeyBundle::getDevice).containsExactly(4);
    }

    @Test
    void knowsNoKeysOfAnUnknownAccount() {
        rooms.getKeys(new TestAccount(77), alice, List.of(), bundles::add);

        assertThat(bundles).extracting(KeyAnswer::code).containsExactly(ErrorCode.NOT_FOUND);
    }

    @Test
    void limitsHowOftenAnAccountIsAskedByAnother() {
        upload(2, oneTime(1, 20));
        for (int fetch = 0; fetch < 8; fetch++) {
            rooms.getKeys(bob, alice, List.of(2), bundles::add);
            rooms.commit();
        }
        assertThat(bundles.subList(0, 6)).allMatch(KeyAnswer::isGranted);
        assertThat(bundles.subList(6, 8)).extracting(KeyAnswer::code).containsOnly(ErrorCode.RATE_LIMITED);
        int waitMillis = bundles.get(7).retryAfterMillis();
        assertThat(waitMillis).isBetween(590_000, 600_001);
        assertThat(fetch(2).get(0).getOneTime().getId()).isEqualTo(7);

        bundles.clear();
        rooms.pass(waitMillis);
        rooms.getKeys(bob, alice, List.of(2), bundles::add);
        rooms.getKeys(bob, alice, List.of(2), bundles::add);
        rooms.commit();

        assertThat(bundles).filteredOn(KeyAnswer::isGranted).hasSize(1);
    }

    @Test
    void tellsTheOwnerOnceWhenTheLastOneIsGone() {
        FakeSubscriber owner = rooms.connect(bob, 2);
        FakeSubscriber other = rooms.connect(bob, 3);
        upload(2, oneTime(1, 2));
        fetch(2);
        assertThat(owner.events()).doesNotContain("keysExhausted");

        rooms.getKeys(bob, alice, List.of(2), bundles::add);
        assertThat(owner.events()).doesNotContain("keysExhausted");
        rooms.commit();

        fetch(2);
        fetch();
        assertThat(owner.events()).containsOnlyOnce("keysExhausted");
        assertThat(other.events()).doesNotContain("keysExhausted");
        assertThat(rooms.counted("quintet.prekeys.exhausted")).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void tellsAnOwnerThatWasAwayOnceAtItsNextConnection(Checkpoint checkpoint) {
        upload(2, oneTime(1, 1));
        fetch(2);
        checkpoint.run(rooms);

        FakeSubscriber owner = rooms.connect(bob, 2);
        rooms.commit();
        rooms.disconnect(bob, 2, owner);
        checkpoint.run(rooms);
        FakeSubscriber again = rooms.connect(bob, 2);

        assertThat(owner.events()).containsOnlyOnce("keysExhausted");
        assertThat(again.events()).doesNotContain("keysExhausted");
        upload(2, oneTime(2, 2));
        fetch(2);
        assertThat(again.events()).containsOnlyOnce("keysExhausted");
    }

    @Test
    void saysNothingToAnOwnerThatNeverHadOneTimePrekeys() {
        FakeSubscriber owner = rooms.connect(bob, 2);
        upload(2, repeated(2, 1));
        fetch(2);

        assertThat(owner.events()).doesNotContain("keysExhausted");
    }

    @ParameterizedTest
    @EnumSource
    void endsTheKeysOfARemovedDeviceWithIt(Checkpoint checkpoint) {
        upload(2, oneTime(1, 10));
        upload(3, oneTime(1, 10));
        checkpoint.run(rooms);

        rooms.put(bob, 1, bob.list(3, 1, 3, 4, 5), lists::add);
        rooms.commit();

        assertThat(fetch(2, 3)).extracting(KeyBundle::getDevice).containsExactly(3);
        checkpoint.run(rooms);
        assertThat(fetch()).extracting(KeyBundle::getDevice).containsExactly(1, 3, 4, 5);
        rooms.checkpoint();
        assertThat(rooms.rowCount("keys")).isEqualTo(1);
        assertThat(rooms.rowCount("prekeys")).isEqualTo(8);
    }

    @Test
    void handsOutNothingOfADeviceThatIsRemovedMeanwhile() {
        upload(2, oneTime(1, 10));
        rooms.getKeysOnly(bob, alice, List.of(), bundles::add);

        rooms.put(bob, 1, bob.list(3, 1, 3), lists::add);
        rooms.commit();

        assertThat(bundles).hasSize(1);
        KeyBundles value = bundles.get(0).value();
        assertThat(value.getDeviceList())
                .isIn(bob.list(2, 1, 2, 3, 4, 5).signed(), bob.list(3, 1, 3).signed());
        assertThat(value.getBundlesCount())
                .isEqualTo(
                        DeviceList.parseKnown(value.getDeviceList()).devices().size());
    }

    @Test
    void storesAndHandsOutNothingWhenTheJournalRefuses() {
        upload(2, oneTime(1, 10));
        rooms.journal().refuse(Journal.NO_SPACE);
        assertThat(upload(2, oneTime(11, 20)).code()).isEqualTo(ErrorCode.STORAGE_UNAVAILABLE);
        rooms.journal().refuse(Journal.OVERLOADED);
        rooms.getKeys(bob, alice, List.of(2), bundles::add);
        rooms.journal().refuse(0);

        assertThat(bundles).extracting(KeyAnswer::code).containsExactly(ErrorCode.OVERLOADED);
        assertThat(count(2).getOneTime()).isEqualTo(10);
        assertThat(fetch(2).get(0).getOneTime().getId()).isEqualTo(1);
        assertThat(upload(2, oneTime(11, 20)).isGranted()).isTrue();
    }

    @Test
    void goesOnBehindAKeyThatTheDiskHasLost() {
        upload(2, oneTime(1, 1));
        rooms.journal().damageNewest();
        upload(2, oneTime(2, 2));

        assertThat(fetch(2).get(0).hasOneTime()).isFalse();
        assertThat(fetch(2).get(0).getOneTime().getId()).isEqualTo(2);
    }

    // Mismatch

    private static Submit.Builder strangers(EnvelopeId id, TestAccount to) {
        return Submit.newBuilder()
                .setEnvelopeId(id.toByteString())
                .setWantKeys(true)
                .addRecipients(Recipient.newBuilder()
                        .setAccount(to.id().toByteString())
                        .addDevices(
                                DeviceEnvelope.newBuilder().setDevice(1).setCiphertext(ByteString.copyFromUtf8("?"))));
    }

    private Mismatch mismatch(FakeSender sender, Submit.Builder submission) {
        long request = rooms.submit(sender, submission);
        rooms.commit();
        return sender.answer(request).getMismatch();
    }

    @Test
    void givesAStrangerListAndKeysInOneRoundTrip() {
        for (int device = 1; device <= 5; device++) {
            upload(device, oneTime(device * 10, device * 10 + 5));
            upload(device, repeated(device, device));
        }
        FakeSender sender = new FakeSender(alice, 1);
        EnvelopeId id = Rooms.envelopeId(1, 1);

        Mismatch mismatch = mismatch(sender, strangers(id, bob));

        DeviceList list = DeviceList.parseKnown(mismatch.getDeviceList());
        assertThat(mismatch.getKeysList()).extracting(KeyBundle::getDevice).containsExactly(1, 2, 3, 4, 5);
        assertThat(mismatch.getKeysList())
                .extracting(bundle -> bundle.getOneTime().getId())
                .containsExactly(10, 20, 30, 40, 50);
        Recipient.Builder recipient = Recipient.newBuilder().setAccount(bob.id().toByteString());
        list.devices()
                .forEach(device -> recipient.addDevices(DeviceEnvelope.newBuilder()
                        .setDevice(device.number())
                        .setRegistrationId(device.registrationId())
                        .setCiphertext(ByteString.copyFromUtf8("sealed"))));
        long second = rooms.submit(
                sender,
                Submit.newBuilder()
                        .setEnvelopeId(id.toByteString())
                        .setWantKeys(true)
                        .addRecipients(recipient));
        rooms.commit();
        assertThat(sender.answer(second).hasAccepted()).isTrue();
    }

    @Test
    void givesKeysOfMissingAndStaleDevicesOnly() {
        for (int device = 1; device <= 5; device++) {
            upload(device, oneTime(1, 5));
        }
        FakeSender sender = new FakeSender(alice, 1);
        Submit.Builder submission =
                Rooms.submission(bob, Rooms.envelopeId(1, 1), 10, 1, 2, 3, 4).setWantKeys(true);
        submission.getRecipientsBuilder(0).getDevicesBuilderList().get(1).setRegistrationId(5);

        Mismatch mismatch = mismatch(sender, submission);

        assertThat(mismatch.getKeysList()).extracting(KeyBundle::getDevice).containsExactly(2, 5);
        assertThat(count(1).getOneTime()).isEqualTo(5);
        assertThat(count(2).getOneTime()).isEqualTo(4);
    }

    @Test
    void givesNoKeysUnlessAskedNorWhereOnlyExtraDevicesAreNamed() {
        upload(2, oneTime(1, 5));
        FakeSender sender = new FakeSender(alice, 1);

        Mismatch notAsked =
                mismatch(sender, strangers(Rooms.envelopeId(1, 1), bob).setWantKeys(false));
        Mismatch extra = mismatch(
                sender,
                Rooms.submission(bob, Rooms.envelopeId(1, 2), 10, 1, 2, 3, 4, 5, 6)
                        .setWantKeys(true));

        assertThat(notAsked.getKeysList()).isEmpty();
        assertThat(extra.getExtraList()).containsExactly(6);
        assertThat(extra.getKeysList()).isEmpty();
        assertThat(count(2).getOneTime()).isEqualTo(5);
    }

    @Test
    void givesTheMismatchWithoutKeysToWhoAsksTooOften() {
        upload(2, oneTime(1, 20));
        FakeSender sender = new FakeSender(alice, 1);
        for (int submission = 1; submission <= 6; submission++) {
            assertThat(mismatch(sender, strangers(Rooms.envelopeId(1, submission), bob))
                            .getKeysCount())
                    .isEqualTo(5);
        }

        Mismatch limited = mismatch(sender, strangers(Rooms.envelopeId(1, 7), bob));

        assertThat(limited.getDeviceList()).isEqualTo(bob.list(2, 1, 2, 3, 4, 5).signed());
        assertThat(limited.getKeysList()).isEmpty();
        assertThat(count(2).getOneTime()).isEqualTo(14);
    }
}
