package dev.quintet.relay.account;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.KeyUpload;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.KeyBundles;
import dev.quintet.protocol.wire.KeyCount;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.journal.Partitions;
import dev.quintet.relay.store.Resident;
import io.micrometer.core.instrument.Counter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What can be done with the keys of one home loop's accounts: upload, count, hand out.
 *
 * <p>A one-time prekey is handed out at most once: the entry that says so is durable before the key leaves, and {@link
 * HandOut} appends it.
 *
 * <p><b>Thread:</b> the home loop; answers come there too. <b>Memory:</b> where each one-time prekey is that is not in
 * the image yet, trimmed as the image advances. <b>Limits:</b> {@link KeyLimits}, {@link KeyUpload#MAX_ONE_TIME}.
 * <b>Failure:</b> answers only; a disk that cannot be read stops the process by the handler given.
 */
public final class Prekeys {
    // For the hand-outs.
    final AccountChapter accounts;
    final PrekeyChapter chapter;
    final PrekeyGround ground;
    final Counter handedOut;

    private final KeyLimits limits;
    private final KeyOwners owners;
    private final PairAllowance allowance;
    private final Set<AccountPrekeys> withUploads = new LinkedHashSet<>();
    private final Counter stored;
    private final Counter exhausted;

    /** The keys of one home loop, on the rooms below; {@code owners} are told when theirs have run out. */
    public Prekeys(
            AccountChapter accounts, PrekeyChapter chapter, KeyLimits limits, PrekeyGround ground, KeyOwners owners) {
        this.accounts = accounts;
        this.chapter = chapter;
        this.limits = limits;
        this.ground = ground;
        this.owners = owners;
        allowance = new PairAllowance(
                limits.requests(),
                limits.requestPauseMillis(),
                limits.requesters() / ground.homes(),
                ground.nanoTime());
        stored = Counter.builder("quintet.prekeys.stored")
                .description("One-time prekeys that devices have uploaded")
                .register(ground.meters());
        handedOut = Counter.builder("quintet.prekeys.handed.out")
                .description("One-time prekeys that were handed out")
                .register(ground.meters());
        exhausted = Counter.builder("quintet.prekeys.exhausted")
                .description("Devices that were told that their one-time prekeys have run out")
                .register(ground.meters());
    }

    // Uploading

    /**
     * Stores what {@code device}, which is in the account's list, has uploaded and signed; answers once it is durable, or
     * with {@code INVALID_KEYS}.
     */
    public void put(Resident resident, int device, KeyUpload upload, Consumer<KeyAnswer<KeyCount>> answer) {
        PrekeyQueue queue = findOrNew(resident, device);
        int count = upload.oneTime().size();
        int highestId =
                count == 0 ? queue.highestId() : upload.oneTime().get(count - 1).getId();
        String broken = check(queue, upload);
        if (broken != null) {
            answer.accept(KeyAnswer.refused(ErrorCode.INVALID_KEYS, broken, 0));
            return;
        }
        ByteBuf entry = ByteBufAllocator.DEFAULT.directBuffer();
        try {
            PrekeyEntry.write(entry, resident.account(), device, queue.end(), highestId, upload);
            long position = append(resident, EntryType.PREKEYS, entry);
            if (position < 0) {
                answer.accept(KeyAnswer.byJournal(position));
                return;
            }
            take(resident, queue, entry, position);
            stored.increment(count);
            KeyCount after = queue.toCount();
            ground.home().afterDurable().after(position, () -> answer.accept(KeyAnswer.granted(after)));
        } finally {
            entry.release();
        }
    }

    private String check(PrekeyQueue queue, KeyUpload upload) {
        if (upload.oneTime().isEmpty()) {
            return null;
        }
        if (upload.oneTime().get(0).getId() <= queue.highestId()) {
            return "the ids of one-time prekeys are not above " + queue.highestId() + ", which was uploaded before";
        }
        if (queue.count() + upload.oneTime().size() > limits.stored()) {
            return "more than " + limits.stored() + " one-time prekeys would be stored; there are " + queue.count();
        }
        return null;
    }

    private void take(Resident resident, PrekeyQueue queue, ByteBuf entry, long position) {
        long first = queue.end();
        queue.put(
                PrekeyEntry.signedPrekey(entry),
                PrekeyEntry.lastResort(entry),
                first,
                PrekeyEntry.count(entry),
                PrekeyEntry.highestId(entry));
        queue.uploaded(first, position, PrekeyEntry.offsets(entry));
        AccountPrekeys keys = resident.part(chapter);
        if (keys == null) {
            keys = new AccountPrekeys(resident.account());
            resident.setPart(chapter, keys);
        }
        if (keys.find(queue.device()) == null) {
            keys.add(queue);
        }
        withUploads.add(keys);
    }

    /** Tells how many keys {@code device} has stored, durably. */
    public void count(Resident resident, int device, Consumer<KeyAnswer<KeyCount>> answer) {
        PrekeyQueue queue = findOrNew(resident, device);
        KeyCount count = queue.toCount();
        ground.home().afterDurable().after(queue.position(), () -> answer.accept(KeyAnswer.granted(count)));
    }

    // Handing out

    /**
     * Finds an account and hands out keys of its devices to {@code requester}.
     *
     * @param devices which ones; none stands for all
     * @return false if too many accounts are being read: no answer will come
     */
    public boolean get(
            AccountId account, AccountId requester, List<Integer> devices, Consumer<KeyAnswer<KeyBundles>> answer) {
        return ground.home().residents().with(account, resident -> handOut(resident, requester, devices, answer));
    }

    /** The same for an account that is in memory. */
    public void handOut(
            Resident resident, AccountId requester, List<Integer> devices, Consumer<KeyAnswer<KeyBundles>> answer) {
        if (resident.part(accounts) == null) {
            answer.accept(KeyAnswer.refused(ErrorCode.NOT_FOUND, "no such account", 0));
            return;
        }
        int waitMillis = allowance.take(requester, resident.account());
        if (waitMillis > 0) {
            String message = "too many requests for the keys of this account";
            answer.accept(KeyAnswer.refused(ErrorCode.RATE_LIMITED, message, waitMillis));
            return;
        }
        AccountPrekeys keys = resident.part(chapter);
        if (keys == null) {
            new HandOut(this, resident, Set.copyOf(devices), answer).begin();
        } else if (keys.admits()) {
            keys.begin(new HandOut(this, resident, Set.copyOf(devices), answer));
        } else {
            answer.accept(KeyAnswer.overloaded());
        }
    }

    /** Appends an entry about the keys of {@code resident}; answers its position or the journal's refusal. */
    long append(Resident resident, EntryType type, ByteBuf entry) {
        long position = ground.journal().append(Partitions.of(resident.account()), type, entry);
        if (position >= 0) {
            ground.home().residents().changed(resident, position);
        }
        return position;
    }

    // Telling the owner

    /** {@code device} has connected: tells it if its keys have run out while it was away. */
    public void connected(Resident resident, int device) {
        PrekeyQueue queue = find(resident, device);
        if (queue != null && queue.isNoticeDue()) {
            AccountId account = resident.account();
            ground.home().afterDurable().after(queue.position(), () -> tellExhausted(account, device));
        }
    }

    /** The last one-time prekey of {@code device} is durably gone: tells it, if it is connected and does not know. */
    void tellExhausted(AccountId account, int device) {
        // If the account cannot be read now, the device is not connected, and is told when it is.
        ground.home().residents().with(account, resident -> {
            PrekeyQueue queue = find(resident, device);
            if (queue != null && queue.isNoticeDue() && owners.tellKeysExhausted(resident, device)) {
                exhausted.increment();
                rememberTold(resident, queue);
            }
        });
    }

    private void rememberTold(Resident resident, PrekeyQueue queue) {
        queue.setTold(true);
        ByteBuf entry = ByteBufAllocator.DEFAULT.directBuffer();
        try {
            HandedOutEntry.writeHead(entry, resident.account());
            HandedOutEntry.writeDevice(entry, queue.device(), queue.first(), true);
            long position = append(resident, EntryType.PREKEYS_HANDED_OUT, entry);
            if (position >= 0) {
                queue.changedAt(position);
            }
        } finally {
            entry.release();
        }
    }

    // Ending and trimming

    /** The device is out: the entry that removes it has ended its keys. */
    public void end(Resident resident, int device) {
        AccountPrekeys keys = resident.part(chapter);
        if (keys != null) {
            keys.remove(device);
        }
    }

    /** The image holds everything below {@code position}: what it holds need not be remembered here. */
    public void imageAdvanced(long position) {
        withUploads.removeIf(keys -> keys.imageAdvanced(position));
    }

    private PrekeyQueue find(Resident resident, int device) {
        AccountPrekeys keys = resident.part(chapter);
        return keys == null ? null : keys.find(device);
    }

    private PrekeyQueue findOrNew(Resident resident, int device) {
        PrekeyQueue found = find(resident, device);
        return found == null ? new PrekeyQueue(device) : found;
    }
}
