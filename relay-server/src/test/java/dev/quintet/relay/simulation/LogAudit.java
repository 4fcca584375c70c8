package dev.quintet.relay.simulation;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.EnvelopeHeader;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.protocol.wire.SignedDeviceList;
import dev.quintet.relay.journal.DeviceListEntry;
import dev.quintet.relay.journal.Entry;
import dev.quintet.relay.journal.Journal;
import dev.quintet.relay.mailbox.SubmissionEntry;
import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Reads the journal at every commit, each entry once and in order, and holds it to what must be true at each place in it,
 * whatever the relay has in memory. It outlives the processes of a run.
 */
final class LogAudit {
    private final Map<AccountId, AuditedAccount> accounts = new HashMap<>();
    private long position;

    /** What the entries so far say of one account. */
    private static final class AuditedAccount {
        private final Set<Integer> present = new HashSet<>();
        private DeviceList list;
    }

    /** Reads what has become durable since the last time. */
    void read(Journal journal) {
        long durable = journal.durablePosition();
        position = Math.min(position, durable);
        journal.replay(position, durable, this::check);
        position = durable;
    }

    private void check(Entry entry) {
        switch (entry.type()) {
            case DEVICE_LIST -> checkList(entry.body());
            case SUBMISSION -> checkSubmission(entry.body());
            default -> {}
        }
    }

    /** A device is there from the first list that names it until an entry says that it is removed. */
    private void checkList(ByteBuf body) {
        AuditedAccount account =
                accounts.computeIfAbsent(DeviceListEntry.account(body), unused -> new AuditedAccount());
        account.list = list(DeviceListEntry.signedList(body));
        account.list.listed().forEach(device -> account.present.add(device.number()));
        for (int index = 0; index < DeviceListEntry.removedCount(body); index++) {
            account.present.remove(DeviceListEntry.removed(body, index));
        }
        if (account.present.size() > DeviceList.MAX_DEVICES) {
            throw new Violation(
                    Promise.FIVE_AT_MOST,
                    "with list " + account.list.version() + " an account has the devices " + account.present);
        }
    }

    /** The list in an entry. */
    static DeviceList list(byte[] signed) {
        try {
            return DeviceList.parseKnown(SignedDeviceList.parseFrom(signed));
        } catch (InvalidProtocolBufferException broken) {
            throw new Violation(Promise.LISTS_ONLY_ADVANCE, "the journal has a list that is none", broken);
        }
    }

    /** It is in exactly the mailboxes of the list that holds at its place. */
    private void checkSubmission(ByteBuf body) {
        AccountId recipient = SubmissionEntry.recipient(body);
        EnvelopeHeader header = SubmissionEntry.header(body);
        DeviceList list = accounts.get(recipient).list;
        int ownDevice = header.fromAccount().equals(recipient) ? header.fromDevice() : 0;
        Set<Integer> expected = list.devices().stream()
                .map(MemberDevice::number)
                .filter(number -> number != ownDevice)
                .collect(Collectors.toSet());
        List<Integer> stored = IntStream.range(0, SubmissionEntry.deviceCount(body))
                .mapToObj(index -> SubmissionEntry.device(body, index))
                .toList();
        if (stored.size() != expected.size() || !expected.containsAll(stored)) {
            throw new Violation(
                    Promise.ALL_OR_NOTHING,
                    header.id() + " is stored for " + stored + ", and list " + list.version() + " has " + expected);
        }
    }
}
