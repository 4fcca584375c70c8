package dev.quintet.relay.simulation;

import com.google.protobuf.ByteString;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.wire.Accepted;
import dev.quintet.protocol.wire.Deliver;
import dev.quintet.protocol.wire.GapReason;
import dev.quintet.protocol.wire.Mismatch;
import dev.quintet.protocol.wire.OneTimePrekey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What was sent, answered and delivered, held against the promises: at once where that is possible, else at the end. */
final class Ledger {
    private final Map<EnvelopeId, Parcel> parcels = new LinkedHashMap<>();
    private final Set<ByteString> keys = new HashSet<>();

    void add(Parcel parcel) {
        parcels.put(parcel.id(), parcel);
    }

    int count() {
        return parcels.size();
    }

    private static void demand(boolean isKept, Promise promise, String otherwise, Object... arguments) {
        if (!isKept) {
            throw new Violation(promise, String.format(otherwise, arguments));
        }
    }

    // Answers

    /** The sender was told that {@code wording}, sent at {@code sentStamp}, is accepted. */
    void accepted(Wording wording, long sentStamp, Accepted answer) {
        Letter letter = wording.letter();
        demand(!wording.isRefused(), Promise.ALL_OR_NOTHING, "%s was refused and is accepted", wording);
        demand(
                letter.stored() == null || letter.stored() == wording,
                Promise.ALL_OR_NOTHING,
                "%s is accepted beside %s",
                wording,
                letter.stored());
        int ownDevice = ownDevice(letter);
        demand(
                letter.recipient().hasHad(wording.addressees(), ownDevice, wording.earliestVersion()),
                Promise.ALL_OR_NOTHING,
                "%s is accepted for %s, and no list from version %d on is so",
                wording,
                wording.addressees(),
                wording.earliestVersion());
        for (int device : answer.getFullDevicesList()) {
            demand(
                    wording.addressees().containsKey(device)
                            && !letter.sequences().containsKey(device),
                    Promise.ALL_OR_NOTHING,
                    "%s was refused for the full device %d, which it is not for or which has it",
                    wording,
                    device);
        }
        wording.accept(sentStamp);
        letter.accept(wording, answer.getAcceptedAtMillis(), answer.getFullDevicesList());
    }

    /** What was accepted before was sent again. */
    void repeated(Wording wording, Accepted answer) {
        Letter letter = wording.letter();
        demand(
                letter.acceptedAtMillis() == answer.getAcceptedAtMillis()
                        && List.copyOf(letter.fullDevices()).equals(answer.getFullDevicesList()),
                Promise.ONCE_BY_ID,
                "%s got another answer: %s",
                wording,
                answer);
    }

    /** The sender was told that {@code wording} is not for exactly the recipient's devices. */
    DeviceList mismatched(Wording wording, Mismatch answer) {
        Letter letter = wording.letter();
        demand(
                letter.stored() != wording,
                Promise.ALL_OR_NOTHING,
                "%s was stored, and then answered with a mismatch",
                wording);
        DeviceList list = letter.recipient().confirm(answer.getDeviceList(), wording.sentVersion());
        Map<Integer, Integer> expected = SimulatedAccount.addresseesOf(list, ownDevice(letter));
        Map<Integer, Integer> sent = wording.addressees();
        List<Integer> missing = new ArrayList<>(expected.keySet());
        missing.removeAll(sent.keySet());
        List<Integer> extra = new ArrayList<>(sent.keySet());
        extra.removeAll(expected.keySet());
        List<Integer> stale = sent.keySet().stream()
                .filter(device ->
                        expected.containsKey(device) && !expected.get(device).equals(sent.get(device)))
                .toList();
        demand(
                !(missing.isEmpty() && extra.isEmpty() && stale.isEmpty())
                        && answer.getMissingList().equals(missing)
                        && answer.getExtraList().equals(extra)
                        && answer.getStaleList().equals(stale),
                Promise.ALL_OR_NOTHING,
                "%s for %s, where %s are, got %s",
                wording,
                sent,
                expected,
                answer);
        wording.refuse();
        return list;
    }

    private static int ownDevice(Letter letter) {
        SimulatedDevice sender = letter.parcel().sender();
        return letter.recipient() == sender.account() ? sender.number() : 0;
    }

    // Keys

    /** Somebody got a one-time prekey of {@code owner}. */
    void handedOut(SimulatedDevice owner, OneTimePrekey key) {
        demand(
                key.getKey().equals(owner.keys().key(key.getId())),
                Promise.KEYS_GO_ONCE,
                "%s never made %s",
                owner,
                key);
        demand(keys.add(key.getKey()), Promise.KEYS_GO_ONCE, "%s of %s was handed out twice", key.getId(), owner);
    }

    /** One-time prekeys that were handed out. */
    int keyCount() {
        return keys.size();
    }

    // Deliveries

    /** A device got something: what it is, after all that can be told of it at once. */
    Letter delivered(SimulatedDevice device, DeviceSession session, Deliver delivery) {
        Parcel parcel = parcels.get(EnvelopeId.of(delivery.getEnvelopeId()));
        Letter letter = parcel == null ? null : parcel.find(device.account());
        Wording wording = letter == null ? null : letter.wording(Wording.numberIn(delivery.getCiphertext()));
        demand(wording != null, Promise.ALL_OR_NOTHING, "%s got what nobody sent: %s", device, delivery);
        checkContent(device, wording, delivery);
        checkStanding(device, wording);
        checkRemovals(device, session, wording);
        if (!parcel.isEphemeral()) {
            letter.deliver(wording);
        }
        return letter;
    }

    private static void checkContent(SimulatedDevice device, Wording wording, Deliver delivery) {
        Parcel parcel = wording.letter().parcel();
        ByteString ciphertext = wording.ciphertext(device.number());
        AccountId from = AccountId.of(delivery.getFromAccount());
        boolean isSame = delivery.getCiphertext().equals(ciphertext)
                && from.equals(parcel.sender().account().id())
                && delivery.getFromDevice() == parcel.sender().number()
                && delivery.getClass_() == parcel.envelopeClass()
                && delivery.getUrgent() == parcel.isUrgent()
                && delivery.getSequence() == 0 == parcel.isEphemeral();
        demand(isSame, Promise.ALL_OR_NOTHING, "%s got %s as %s", device, wording, delivery);
    }

    private static void checkStanding(SimulatedDevice device, Wording wording) {
        Letter letter = wording.letter();
        demand(
                wording.addressees().containsKey(device.number()),
                Promise.ALL_OR_NOTHING,
                "%s got %s, which is for %s",
                device,
                wording,
                wording.addressees());
        // An ephemeral one is not remembered: an attempt whose answer was lost may have been delivered all the same.
        boolean isAgain = letter.parcel().isEphemeral() && wording.isDoubtful();
        demand(
                !wording.isRefused() || isAgain,
                Promise.ALL_OR_NOTHING,
                "%s got %s, which was refused",
                device,
                wording);
        demand(wording.wasSent(), Promise.ONCE_BY_ID, "%s got %s, which was forged", device, wording);
        demand(
                letter.parcel().isEphemeral() || letter.stored() == null || letter.stored() == wording,
                Promise.ALL_OR_NOTHING,
                "%s got %s, though %s is stored",
                device,
                wording,
                letter.stored());
        demand(
                !letter.fullDevices().contains(device.number()),
                Promise.ALL_OR_NOTHING,
                "%s got %s, for which it had no room",
                device,
                wording);
    }

    private static void checkRemovals(SimulatedDevice device, DeviceSession session, Wording wording) {
        SimulatedDevice sender = wording.letter().parcel().sender();
        long stamp = wording.earliestStamp();
        demand(stamp <= device.removedStamp(), Promise.REMOVED_IS_OUT, "%s got %s, but is removed", device, wording);
        demand(
                stamp <= sender.removedStamp(),
                Promise.REMOVED_IS_OUT,
                "%s got %s of a removed device",
                device,
                wording);
        demand(
                stamp <= session.replacedStamp(),
                Promise.FIVE_AT_MOST,
                "%s got %s on a connection that was replaced before",
                device,
                wording);
    }

    // The end

    /** Everything has been answered, and every device has taken all that waited. */
    void finish(List<SimulatedAccount> accounts) {
        for (SimulatedAccount account : accounts) {
            for (SimulatedDevice device : account.devices()) {
                if (device.isListed()) {
                    checkArrivals(device);
                    checkOrder(device);
                }
            }
        }
    }

    private void checkArrivals(SimulatedDevice device) {
        long full = 0;
        long missing = 0;
        long unknown = 0;
        for (Parcel parcel : parcels.values()) {
            Letter letter = parcel.find(device.account());
            if (letter == null || parcel.isEphemeral() || letter.sequences().containsKey(device.number())) {
                continue;
            }
            if (letter.stored() == null) {
                unknown += letter.isUnknown() ? 1 : 0;
            } else if (letter.stored().addressees().containsKey(device.number())) {
                boolean isFull = letter.fullDevices().contains(device.number());
                full += isFull ? 1 : 0;
                missing += isFull ? 0 : 1;
                checkMayBeMissing(device, letter, isFull);
            }
        }
        checkGaps(device, full, missing, unknown);
    }

    private static void checkMayBeMissing(SimulatedDevice device, Letter letter, boolean isFull) {
        boolean hasExpired = letter.accepted() != null
                && letter.acceptedAtMillis() + letter.parcel().timeToLiveMillis() <= device.nowMillis();
        demand(
                isFull || hasExpired || letter.accepted() == null,
                Promise.ACCEPTED_IS_ON_DISK,
                "%s never got %s",
                device,
                letter);
    }

    /** What is not known to its sender may be missing for either reason. */
    private static void checkGaps(SimulatedDevice device, long full, long missing, long unknown) {
        long saidFull = device.inbox().lost(GapReason.MAILBOX_FULL);
        long saidExpired = device.inbox().lost(GapReason.EXPIRED);
        demand(
                saidFull >= full && saidFull + saidExpired >= full + missing,
                Promise.ACCEPTED_IS_ON_DISK,
                "%s misses %d for a full mailbox and %d others, and was told of %d and %d expired",
                device,
                full,
                missing,
                saidFull,
                saidExpired);
        demand(
                saidFull + saidExpired <= full + missing + unknown,
                Promise.ORDER,
                "%s misses %d for a full mailbox and %d others and maybe %d more, and was told of %d and %d expired",
                device,
                full,
                missing,
                unknown,
                saidFull,
                saidExpired);
    }

    /** A letter that came must not be older than one that came before it: accepted before that was even sent. */
    private static void checkOrder(SimulatedDevice device) {
        Map<SimulatedDevice, Wording> newest = new HashMap<>();
        for (Map.Entry<Long, Inbox.Item> entry : new TreeMap<>(device.inbox().items()).entrySet()) {
            if (entry.getValue().isGap()) {
                continue;
            }
            Wording wording = entry.getValue().letter().stored();
            SimulatedDevice sender = wording.letter().parcel().sender();
            Wording before = newest.get(sender);
            demand(
                    before == null || wording.acceptedStamp() == 0 || wording.acceptedStamp() >= before.earliestStamp(),
                    Promise.ORDER,
                    "%s got %s after %s",
                    device,
                    wording,
                    before);
            if (before == null || wording.earliestStamp() > before.earliestStamp()) {
                newest.put(sender, wording);
            }
        }
    }
}
