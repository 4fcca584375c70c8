package dev.quintet.relay.account;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.protocol.wire.KeyBundle;
import dev.quintet.protocol.wire.KeyBundles;
import dev.quintet.protocol.wire.OneTimePrekey;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.store.Resident;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * One request for the keys of an account's devices, from its turn to its answer.
 *
 * <p>The keys are read first, since the fold of the entry that hands them out deletes them; then the entry is appended,
 * and the answer leaves once it is durable. Meanwhile the account is pinned and no other request has its turn, so what
 * was read is still the first in its queue. A crash before the entry is durable has handed out nothing.
 *
 * <pre>
 *   begin ──durable──▶ read (read thread) ──▶ hand out: entry ──durable──▶ answer
 * </pre>
 *
 * <p><b>Thread:</b> the account's home loop, but for reading.
 */
final class HandOut {
    private final Prekeys prekeys;
    private final Resident resident;
    private final Set<Integer> devices;
    private final Consumer<KeyAnswer<KeyBundles>> answer;

    /** The keys of {@code devices}, or of all if there are none, for {@code answer}. */
    HandOut(Prekeys prekeys, Resident resident, Set<Integer> devices, Consumer<KeyAnswer<KeyBundles>> answer) {
        this.prekeys = prekeys;
        this.resident = resident;
        this.devices = devices;
        this.answer = answer;
        prekeys.ground.home().residents().pin(resident);
    }

    /** It has its turn. */
    void begin() {
        List<PrekeyPlace> places = new ArrayList<>();
        long newest = PrekeyPlace.IN_IMAGE;
        for (MemberDevice member : members()) {
            PrekeyQueue queue = queue(member.number());
            if (queue != null && !queue.isEmpty()) {
                PrekeyPlace place = queue.firstPlace();
                places.add(place);
                newest = Math.max(newest, place.position());
            }
        }
        if (places.isEmpty()) {
            handOut(List.of(), Map.of());
        } else if (newest < prekeys.ground.journal().durablePosition()) {
            // Most often so; and then it need not stand behind the hand-outs before it, which wait for the disk.
            read(places);
        } else {
            after(newest, () -> read(places));
        }
    }

    private void read(List<PrekeyPlace> places) {
        try {
            prekeys.ground.readers().execute(() -> readKeys(places));
        } catch (RejectedExecutionException full) {
            refuse(KeyAnswer.overloaded());
        }
    }

    /** On a read thread. */
    private void readKeys(List<PrekeyPlace> places) {
        Map<Integer, OneTimePrekey> read = new HashMap<>();
        try {
            for (PrekeyPlace place : places) {
                byte[] bytes = readKey(place);
                if (bytes != null) {
                    read.put(place.device(), OneTimePrekey.parseFrom(bytes));
                }
            }
        } catch (InvalidProtocolBufferException | RuntimeException | Error failed) {
            prekeys.ground.failure().accept(failed);
            return;
        }
        try {
            prekeys.ground.home().executor().execute(() -> handOut(places, read));
        } catch (RejectedExecutionException closed) {
            // The home loop has ended, and with it everybody who waits.
        }
    }

    /** Null if the disk has lost it. */
    private byte[] readKey(PrekeyPlace place) {
        byte[] bytes = place.position() == PrekeyPlace.IN_IMAGE
                ? null
                : prekeys.ground.journal().read(place.position(), place.offset(), place.length());
        // What the journal has released meanwhile is in the image.
        return bytes == null
                ? prekeys.ground
                        .rows()
                        .get(PrekeyRow.TABLE, PrekeyRow.key(resident.account(), place.device(), place.index()))
                : bytes;
    }

    /** A device may have been removed or logged out while its key was read; then none of its keys leaves. */
    private void handOut(List<PrekeyPlace> places, Map<Integer, OneTimePrekey> read) {
        List<PrekeyPlace> gone = places.stream().filter(this::isStillThere).toList();
        long position = gone.isEmpty() ? PrekeyPlace.IN_IMAGE : append(gone);
        if (position < 0 && !gone.isEmpty()) {
            refuse(KeyAnswer.byJournal(position));
            return;
        }
        for (PrekeyPlace place : gone) {
            PrekeyQueue queue = queue(place.device());
            queue.handOut(place.index() + 1);
            queue.changedAt(position);
        }
        prekeys.handedOut.increment(gone.size());
        KeyBundles bundles = bundles(read);
        List<Integer> exhausted = gone.stream()
                .map(PrekeyPlace::device)
                .filter(device -> queue(device).isNoticeDue())
                .toList();
        AccountId account = resident.account();
        long shown = Math.max(position, newestPosition());
        end();
        after(shown, () -> {
            answer.accept(KeyAnswer.granted(bundles));
            exhausted.forEach(device -> prekeys.tellExhausted(account, device));
        });
    }

    private boolean isStillThere(PrekeyPlace place) {
        return account().list().device(place.device()) != null && queue(place.device()) != null;
    }

    private long append(List<PrekeyPlace> gone) {
        ByteBuf entry = ByteBufAllocator.DEFAULT.directBuffer();
        try {
            HandedOutEntry.writeHead(entry, resident.account());
            gone.forEach(place -> HandedOutEntry.writeDevice(entry, place.device(), place.index() + 1, false));
            return prekeys.append(resident, EntryType.PREKEYS_HANDED_OUT, entry);
        } finally {
            entry.release();
        }
    }

    private KeyBundles bundles(Map<Integer, OneTimePrekey> read) {
        KeyBundles.Builder bundles =
                KeyBundles.newBuilder().setDeviceList(account().list().signed());
        for (MemberDevice member : members()) {
            KeyBundle.Builder bundle =
                    KeyBundle.newBuilder().setDevice(member.number()).setRegistrationId(member.registrationId());
            PrekeyQueue queue = queue(member.number());
            if (queue != null) {
                queue.addTo(bundle);
            }
            OneTimePrekey oneTime = read.get(member.number());
            if (oneTime == null) {
                bundle.setExhausted(true);
            } else {
                bundle.setOneTime(oneTime);
            }
            bundles.addBundles(bundle);
        }
        return bundles.build();
    }

    /** All that the bundles show has to be durable, the list and the keys without an entry of this request included. */
    private long newestPosition() {
        long newest = account().position();
        for (MemberDevice member : members()) {
            PrekeyQueue queue = queue(member.number());
            newest = queue == null ? newest : Math.max(newest, queue.position());
        }
        return newest;
    }

    private void refuse(KeyAnswer<KeyBundles> refusal) {
        end();
        answer.accept(refusal);
    }

    /** The next request may have its turn. */
    private void end() {
        AccountPrekeys keys = resident.part(prekeys.chapter);
        prekeys.ground.home().residents().unpin(resident);
        if (keys != null) {
            keys.ended();
        }
    }

    private Account account() {
        return resident.part(prekeys.accounts);
    }

    private List<MemberDevice> members() {
        return account().list().devices().stream()
                .filter(member -> devices.isEmpty() || devices.contains(member.number()))
                .toList();
    }

    private PrekeyQueue queue(int device) {
        AccountPrekeys keys = resident.part(prekeys.chapter);
        return keys == null ? null : keys.find(device);
    }

    private void after(long position, Runnable action) {
        prekeys.ground.home().afterDurable().after(position, action);
    }
}
