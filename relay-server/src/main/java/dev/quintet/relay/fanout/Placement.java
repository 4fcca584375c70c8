package dev.quintet.relay.fanout;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.EnvelopeHeader;
import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.Submission;
import dev.quintet.protocol.wire.Accepted;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.KeyBundles;
import dev.quintet.protocol.wire.Mismatch;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.relay.account.Account;
import dev.quintet.relay.journal.EntryType;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.journal.Partitions;
import dev.quintet.relay.mailbox.HotEntry;
import dev.quintet.relay.mailbox.HotTier;
import dev.quintet.relay.mailbox.Mailbox;
import dev.quintet.relay.mailbox.SubmissionEntry;
import dev.quintet.relay.store.Resident;
import io.netty.buffer.ByteBuf;
import io.netty.util.Recycler;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One recipient of one submission, from its arrival at the recipient's home to its answer.
 *
 * <p>It is what runs at the home, takes the account when that is in memory, and runs once more when its entry is durable.
 *
 * <p><b>Thread:</b> the recipient account's home loop. <b>Memory:</b> owns one reference to the submission until it has
 * been handled; the answer does not need it. One that has stored its submission, as nearly all do, is used for another.
 */
final class Placement implements Runnable, Consumer<Resident> {
    private static final Recycler<Placement> RECYCLER = new Recycler<>() {
        @Override
        protected Placement newObject(Handle<Placement> handle) {
            return new Placement(handle);
        }
    };

    private static final int RETRY_OVERLOADED_MILLIS = 500;
    private static final int RETRY_NO_SPACE_MILLIS = 5_000;
    private static final int FEW_DEVICES = 5;

    private final Recycler.Handle<Placement> handle;
    private FanOut fanOut;
    private Answers answers;
    private Submission submission;
    private int recipient;
    private AccountId account;
    private long arrivedAtMillis;
    private Resident resident;
    private ByteBuffer bytes;
    private Mailbox[] targets = new Mailbox[FEW_DEVICES];
    private int targetCount;
    private long acceptedAtMillis;
    private int fullDevices;
    private int[] fullAmong;
    private boolean isStored;

    private Placement(Recycler.Handle<Placement> handle) {
        this.handle = handle;
    }

    /** Takes over one reference to {@code submission}. On any thread. */
    static Placement of(FanOut fanOut, Answers answers, Submission submission, int recipient, AccountId account) {
        Placement placement = RECYCLER.get();
        placement.fanOut = fanOut;
        placement.answers = answers;
        placement.submission = submission;
        placement.recipient = recipient;
        placement.account = account;
        return placement;
    }

    @Override
    public void run() {
        assert fanOut.home.isHere().getAsBoolean();
        if (isStored) {
            conclude();
            return;
        }
        arrivedAtMillis = submission.isEphemeral() ? fanOut.clock.millis() : 0;
        if (!fanOut.home.residents().with(account, this)) {
            giveUp();
        }
    }

    @Override
    public void accept(Resident loaded) {
        resident = loaded;
        Submission handled = submission;
        bytes = handled.view();
        try {
            handle();
        } finally {
            handled.release();
        }
    }

    /** Too many accounts are being read. */
    private void giveUp() {
        refuse(ErrorCode.OVERLOADED, "too many accounts are being read", RETRY_OVERLOADED_MILLIS);
        submission.release();
    }

    private void handle() {
        if (!answers.sender().isMember()) {
            // Its removal was journaled first; it hears that when it is durable, and no answer any more.
            return;
        }
        Account found = resident.part(fanOut.chapters.accounts());
        if (found == null) {
            refuse(ErrorCode.NOT_FOUND, "no such account", 0);
            return;
        }
        SenderHistory history = history();
        int slot = history == null ? -1 : history.find(submission.envelopeId());
        if (slot >= 0) {
            repeat(history.get(slot));
            return;
        }
        Mismatch mismatch = compare(found.list());
        if (mismatch != null) {
            mismatched(mismatch, found.position());
        } else if (submission.isEphemeral()) {
            deliverNow();
        } else {
            store(history);
        }
    }

    /** What was accepted from this sender, or null if nothing was. */
    private SenderHistory history() {
        RecentSubmissions recent = resident.part(fanOut.chapters.recent());
        Sender sender = answers.sender();
        return recent == null ? null : recent.find(sender.account(), sender.device());
    }

    /** To be filled at once. */
    private SenderHistory newHistory() {
        RecentSubmissions recent = resident.part(fanOut.chapters.recent());
        if (recent == null) {
            recent = new RecentSubmissions();
            resident.setPart(fanOut.chapters.recent(), recent);
        }
        Sender sender = answers.sender();
        return recent.of(sender.account(), sender.device());
    }

    /** The list goes out in the answer, so it has to be durable. */
    private void mismatched(Mismatch mismatch, long listPosition) {
        fanOut.meters.mismatched();
        List<Integer> unknown = new ArrayList<>(mismatch.getMissingList());
        unknown.addAll(mismatch.getStaleList());
        if (submission.wantsKeys() && !unknown.isEmpty() && answers.takeKeyRoom(unknown.size())) {
            AccountId requester = answers.sender().account();
            fanOut.prekeys.handOut(
                    resident,
                    requester,
                    unknown,
                    keys -> answer(keys.isGranted() ? withKeys(mismatch, keys.value()) : mismatch, listPosition));
        } else {
            answer(mismatch, listPosition);
        }
    }

    private static Mismatch withKeys(Mismatch mismatch, KeyBundles keys) {
        return mismatch.toBuilder().addAllKeys(keys.getBundlesList()).build();
    }

    private void answer(Mismatch mismatch, long listPosition) {
        RecipientAnswer answer = Answers.answerOf(account).setMismatch(mismatch).build();
        fanOut.home.afterDurable().after(listPosition, () -> answers.answer(recipient, answer));
    }

    private Mismatch compare(DeviceList list) {
        Sender sender = answers.sender();
        int ownDevice = account.equals(sender.account()) ? sender.device() : 0;
        return ExactDevices.compare(list, submission, recipient, ownDevice);
    }

    // Repeating

    private void repeat(SenderHistory.Remembered remembered) {
        if (remembered.digest() != digest()) {
            refuse(ErrorCode.ID_CONFLICT, "this envelope id was used with other content", 0);
            return;
        }
        fanOut.meters.repeated();
        acceptedAtMillis = remembered.acceptedAtMillis();
        fullDevices = remembered.fullDevices();
        int[] devices = devices();
        fanOut.home.afterDurable().after(remembered.position(), () -> answerAccepted(devices));
    }

    // Ephemeral

    private void deliverNow() {
        acceptedAtMillis = arrivedAtMillis;
        long lateAtMillis =
                arrivedAtMillis + (submission.isCall() ? fanOut.limits.callMillis() : fanOut.limits.ephemeralMillis());
        int waitMillis = submission.isCallOffer()
                ? fanOut.calls.waitMillis(answers.sender().account(), account)
                : 0;
        if (fanOut.clock.millis() > lateAtMillis) {
            refuse(ErrorCode.OVERLOADED, "it took too long to read the account", RETRY_OVERLOADED_MILLIS);
        } else if (waitMillis > 0) {
            refuse(ErrorCode.RATE_LIMITED, "too many calls to this account", waitMillis);
        } else {
            boolean isHeard = deliverNow(lateAtMillis);
            fanOut.meters.ephemeral();
            answerCall(isHeard);
        }
    }

    /** Answers whether any device is connected. */
    private boolean deliverNow(long lateAtMillis) {
        EnvelopeHeader header = header();
        boolean isHeard = false;
        for (int index = 0; index < count(); index++) {
            int envelope = submission.firstEnvelope(recipient) + index;
            Mailbox mailbox = fanOut.mailboxes.mailbox(resident, submission.device(envelope));
            ByteBuffer ciphertext = range(offset(envelope), length(envelope));
            isHeard |= fanOut.mailboxes.deliverNow(mailbox, header, lateAtMillis, ciphertext);
        }
        return isHeard;
    }

    /** Only who calls is told whether anybody is there. */
    private void answerCall(boolean isHeard) {
        if (submission.isCallOffer()) {
            Sender sender = answers.sender();
            CallName name = new CallName(account, sender.account(), sender.device(), submission.envelopeId());
            fanOut.calls.offer(name, isHeard);
        }
        if (submission.isCall() && !isHeard) {
            Accepted accepted = Accepted.newBuilder()
                    .setAcceptedAtMillis(acceptedAtMillis)
                    .setNobodyConnected(true)
                    .build();
            answers.answer(
                    recipient, Answers.answerOf(account).setAccepted(accepted).build());
        } else {
            answers.accept(recipient, account, acceptedAtMillis);
        }
    }

    // Storing

    /** With what was accepted from this sender before, or null. */
    private void store(SenderHistory before) {
        acceptedAtMillis = fanOut.clock.millis();
        EnvelopeHeader header = header();
        long digest = digest();
        assignMailboxes();
        int slot = before == null ? 0 : before.nextSlot();
        ByteBuf entry = write(header, digest, slot);
        long position = append(entry);
        if (position < 0) {
            refuseByJournal(position);
            return;
        }
        fanOut.home.residents().changed(resident, position);
        SenderHistory history = before == null ? newHistory() : before;
        history.put(
                slot,
                submission.envelopeId(),
                new SenderHistory.Remembered(digest, position, acceptedAtMillis, fullDevices));
        fill(entry, position, header);
        fullAmong = fullDevices == 0 ? null : devices();
        isStored = true;
        fanOut.home.afterDurable().after(position, this);
    }

    private void conclude() {
        answerAccepted(fullAmong);
        for (int index = 0; index < targetCount; index++) {
            fanOut.mailboxes.pump(targets[index]);
        }
        recycle();
    }

    private void recycle() {
        Arrays.fill(targets, 0, targetCount, null);
        fanOut = null;
        answers = null;
        submission = null;
        account = null;
        resident = null;
        bytes = null;
        fullDevices = 0;
        fullAmong = null;
        isStored = false;
        handle.recycle(this);
    }

    /** Keeps {@code entry} if it was appended, else releases it. */
    private long append(ByteBuf entry) {
        long position = Journal.OVERLOADED;
        try {
            position = fanOut.journal.append(Partitions.of(account), EntryType.SUBMISSION, entry);
            return position;
        } finally {
            if (position < 0) {
                entry.release();
            }
        }
    }

    private void assignMailboxes() {
        targetCount = count();
        if (targets.length < targetCount) {
            targets = new Mailbox[targetCount];
        }
        for (int index = 0; index < targetCount; index++) {
            int envelope = submission.firstEnvelope(recipient) + index;
            targets[index] = fanOut.mailboxes.mailbox(resident, submission.device(envelope));
            if (!fanOut.mailboxes.admits(targets[index], length(envelope))) {
                fullDevices |= 1 << index;
            }
        }
    }

    private ByteBuf write(EnvelopeHeader header, long digest, int slot) {
        int bytes = SubmissionEntry.HEAD_BYTES + targetCount * SubmissionEntry.DEVICE_BYTES;
        int ciphertexts = bytes;
        for (int index = 0; index < targetCount; index++) {
            bytes += isFull(index) ? 0 : submission.ciphertextLength(submission.firstEnvelope(recipient) + index);
        }
        ByteBuf entry = HotTier.BUFFERS.directBuffer(bytes + submission.sharedLength());
        SubmissionEntry.writeHead(entry, account, header, slot, targetCount);
        SubmissionEntry.setTerms(entry, expiresAtMillis(), digest);
        int next = ciphertexts;
        for (int index = 0; index < targetCount; index++) {
            int envelope = submission.firstEnvelope(recipient) + index;
            int length = isFull(index) ? 0 : length(envelope);
            long sequence = isFull(index)
                    ? fanOut.mailboxes.gapSequence(targets[index])
                    : fanOut.mailboxes.nextSequence(targets[index]);
            SubmissionEntry.writeDevice(entry, submission.device(envelope), sequence, next, length);
            next += submission.sharedLength() == 0 ? length : 0;
        }
        return writeCiphertexts(entry);
    }

    private ByteBuf writeCiphertexts(ByteBuf entry) {
        if (submission.sharedLength() > 0) {
            return entry.writeBytes(range(submission.sharedOffset(), submission.sharedLength()));
        }
        for (int index = 0; index < targetCount; index++) {
            int envelope = submission.firstEnvelope(recipient) + index;
            if (!isFull(index)) {
                entry.writeBytes(range(submission.ciphertextOffset(envelope), submission.ciphertextLength(envelope)));
            }
        }
        return entry;
    }

    private ByteBuffer range(int offset, int length) {
        return bytes.limit(offset + length).position(offset);
    }

    private void fill(ByteBuf entry, long position, EnvelopeHeader header) {
        long expiresAtMillis = expiresAtMillis();
        int holders = targetCount - Integer.bitCount(fullDevices);
        HotEntry hot = null;
        if (holders == 0) {
            entry.release();
        } else {
            hot = fanOut.mailboxes.hold(position, header, entry, holders);
        }
        int next = SubmissionEntry.HEAD_BYTES + targetCount * SubmissionEntry.DEVICE_BYTES;
        for (int index = 0; index < targetCount; index++) {
            if (isFull(index)) {
                fanOut.mailboxes.addRefused(targets[index], position);
                continue;
            }
            int length = length(submission.firstEnvelope(recipient) + index);
            fanOut.mailboxes.add(targets[index], position, next, length, expiresAtMillis, hot);
            next += submission.sharedLength() == 0 ? length : 0;
        }
        fanOut.meters.accepted(holders, targetCount);
    }

    // Answering; the submission is gone by then

    private void answerAccepted(int[] devices) {
        if (fullDevices == 0) {
            answers.accept(recipient, account, acceptedAtMillis);
            return;
        }
        Accepted.Builder accepted = Accepted.newBuilder().setAcceptedAtMillis(acceptedAtMillis);
        for (int index = 0; index < devices.length; index++) {
            if (isFull(index)) {
                accepted.addFullDevices(devices[index]);
            }
        }
        answers.answer(
                recipient, Answers.answerOf(account).setAccepted(accepted).build());
    }

    private void refuseByJournal(long refusal) {
        if (refusal == Journal.NO_SPACE) {
            refuse(ErrorCode.STORAGE_UNAVAILABLE, "the relay's disk is full", RETRY_NO_SPACE_MILLIS);
        } else {
            refuse(ErrorCode.OVERLOADED, "the relay's disk does not keep up", RETRY_OVERLOADED_MILLIS);
        }
    }

    private void refuse(ErrorCode code, String message, int retryAfterMillis) {
        fanOut.meters.refused(code);
        Error error = Error.newBuilder()
                .setCode(code)
                .setMessage(message)
                .setRetryAfterMillis(retryAfterMillis)
                .build();
        RecipientAnswer answer = Answers.answerOf(account).setError(error).build();
        answers.answer(recipient, answer);
    }

    // What the submission says

    private int count() {
        return submission.endEnvelope(recipient) - submission.firstEnvelope(recipient);
    }

    private int[] devices() {
        int[] devices = new int[count()];
        for (int index = 0; index < devices.length; index++) {
            devices[index] = submission.device(submission.firstEnvelope(recipient) + index);
        }
        return devices;
    }

    private long digest() {
        return fanOut.digest.of(submission, recipient, bytes);
    }

    private boolean isFull(int index) {
        return (fullDevices & 1 << index) != 0;
    }

    private int offset(int envelope) {
        return submission.sharedLength() > 0 ? submission.sharedOffset() : submission.ciphertextOffset(envelope);
    }

    private int length(int envelope) {
        return submission.sharedLength() > 0 ? submission.sharedLength() : submission.ciphertextLength(envelope);
    }

    private EnvelopeHeader header() {
        Sender sender = answers.sender();
        EnvelopeId id = submission.envelopeId();
        return new EnvelopeHeader(
                sender.account(),
                sender.device(),
                id,
                acceptedAtMillis,
                submission.envelopeClass(),
                submission.isUrgent());
    }

    private long expiresAtMillis() {
        long asked = submission.timeToLiveSeconds();
        long seconds =
                asked == 0 ? fanOut.limits.timeToLiveSeconds() : Math.min(asked, fanOut.limits.timeToLiveSeconds());
        return acceptedAtMillis + TimeUnit.SECONDS.toMillis(seconds);
    }
}
