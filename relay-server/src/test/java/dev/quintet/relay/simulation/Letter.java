package dev.quintet.relay.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/** The part of a {@link Parcel} for one account: stored for exactly its devices once, in one of its wordings. */
final class Letter {
    private final Parcel parcel;
    private final SimulatedAccount recipient;
    private final List<Wording> wordings = new ArrayList<>();
    private final Map<Integer, Long> sequences = new HashMap<>();
    private final Set<Integer> fullDevices = new HashSet<>();
    private Wording accepted;
    private Wording delivered;
    private long acceptedAtMillis;

    Letter(Parcel parcel, SimulatedAccount recipient) {
        this.parcel = parcel;
        this.recipient = recipient;
    }

    /** Another wording, for these devices with these registration ids. */
    Wording word(SortedMap<Integer, Integer> addressees) {
        Wording wording = new Wording(this, wordings.size() + 1, addressees);
        wordings.add(wording);
        return wording;
    }

    /** The wording with this number, or null. */
    Wording wording(int number) {
        return number >= 1 && number <= wordings.size() ? wordings.get(number - 1) : null;
    }

    Parcel parcel() {
        return parcel;
    }

    SimulatedAccount recipient() {
        return recipient;
    }

    /** The wording that its sender knows to be accepted, or null. */
    Wording accepted() {
        return accepted;
    }

    void accept(Wording wording, long atMillis, List<Integer> full) {
        accepted = wording;
        acceptedAtMillis = atMillis;
        fullDevices.addAll(full);
    }

    long acceptedAtMillis() {
        return acceptedAtMillis;
    }

    /** Devices whose mailbox had no room, as the sender was told. */
    Set<Integer> fullDevices() {
        return fullDevices;
    }

    /** The wording that some device has seen, or null. */
    Wording delivered() {
        return delivered;
    }

    void deliver(Wording wording) {
        delivered = wording;
    }

    /** The wording that is known to be stored, by whatever sign, or null. */
    Wording stored() {
        return accepted == null ? delivered : accepted;
    }

    /** Whether it may be stored without anybody knowing. */
    boolean isUnknown() {
        return stored() == null && wordings.stream().anyMatch(wording -> !wording.isRefused() && wording.wasSent());
    }

    /** Under which sequence each device has it. */
    Map<Integer, Long> sequences() {
        return sequences;
    }

    @Override
    public String toString() {
        return parcel + "->" + recipient;
    }
}
