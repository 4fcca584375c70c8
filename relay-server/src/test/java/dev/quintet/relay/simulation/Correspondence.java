package dev.quintet.relay.simulation;

import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.RecipientAnswer;
import dev.quintet.protocol.wire.ServerFrame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one device writes, until each packet of it is answered: new parcels, the same again after a mismatch or a loss, and
 * now and then what was accepted long ago, or a forgery of that.
 */
final class Correspondence {
    private static final int MOST_PACKETS = 6;

    private final Simulation simulation;
    private final SimulatedDevice writer;
    private final Map<SimulatedAccount, DeviceList> known = new HashMap<>();
    private final List<Packet> outbox = new ArrayList<>();
    private final List<Parcel> accepted = new ArrayList<>();
    private int parcelCount;

    Correspondence(Simulation simulation, SimulatedDevice writer) {
        this.simulation = simulation;
        this.writer = writer;
    }

    /** Whether nothing waits for an answer. */
    boolean isDone() {
        return outbox.isEmpty();
    }

    /** From now on it writes to the devices of this list. */
    void learn(SimulatedAccount recipient, DeviceList list) {
        known.put(recipient, list);
    }

    /** A connection has ended, and with it the hope for answers on it. */
    void over(DeviceSession session) {
        outbox.removeIf(packet -> packet.session() == session && packet.purpose() != Packet.Purpose.SUBMIT);
        outbox.stream().filter(packet -> packet.session() == session).forEach(Packet::lose);
    }

    /** Writes something new to some accounts; it leaves later. */
    void compose() {
        if (outbox.size() >= MOST_PACKETS || simulation.ledger().count() >= Simulation.MOST_PARCELS) {
            return;
        }
        Parcel parcel = new Parcel(writer, ++parcelCount, simulation.random());
        List<Wording> wordings = new ArrayList<>();
        for (SimulatedAccount recipient : simulation.accounts()) {
            if (recipient.isRegistered() && simulation.random().nextInt(3) == 0) {
                TreeMap<Integer, Integer> addressees = addressees(recipient);
                if (simulation.random().nextInt(12) == 0) {
                    mistake(addressees);
                }
                if (!addressees.isEmpty()) {
                    wordings.add(parcel.letterTo(recipient).word(addressees));
                }
            }
        }
        if (!wordings.isEmpty()) {
            simulation.ledger().add(parcel);
            outbox.add(new Packet(Packet.Purpose.SUBMIT, wordings));
        }
    }

    private TreeMap<Integer, Integer> addressees(SimulatedAccount recipient) {
        DeviceList list = known.getOrDefault(recipient, recipient.confirmed());
        return SimulatedAccount.addresseesOf(list, recipient == writer.account() ? writer.number() : 0);
    }

    private void mistake(TreeMap<Integer, Integer> addressees) {
        switch (simulation.random().nextInt(3)) {
            case 0 -> addressees.put(SimulatedAccount.MOST_DEVICES + 1, 1);
            case 1 -> addressees.pollFirstEntry();
            default -> addressees.replaceAll((device, registrationId) -> registrationId + 1000);
        }
    }

    /** Repeats what was accepted, or tries to replace it by something else. */
    void trySomethingOld() {
        if (accepted.isEmpty() || outbox.size() >= MOST_PACKETS) {
            return;
        }
        Parcel parcel = accepted.get(simulation.random().nextInt(accepted.size()));
        for (Letter letter : parcel.letters()) {
            if (letter.accepted() != null && simulation.random().nextBoolean()) {
                outbox.add(new Packet(Packet.Purpose.REPEAT, List.of(letter.accepted())));
            } else if (letter.accepted() != null) {
                Wording forged = letter.word(letter.accepted().addressees());
                if (!parcel.isShared()) {
                    outbox.add(new Packet(Packet.Purpose.FORGE, List.of(forged)));
                }
            }
        }
    }

    /** Sends what is due and comes first; false if there is nothing. */
    boolean sendNext(DeviceSession session) {
        for (Packet packet : outbox) {
            if (packet.isDue(writer.nowMillis())) {
                send(session, packet);
                return true;
            }
        }
        return false;
    }

    private void send(DeviceSession session, Packet packet) {
        simulation.trace().add("%s sends %s", writer, packet);
        packet.send(session, simulation.stamp());
        session.send(ClientFrame.newBuilder().setSubmit(packet.toWire()), answer -> {
            outbox.remove(packet);
            answered(packet, answer);
        });
    }

    private void answered(Packet packet, ServerFrame frame) {
        if (frame.hasError()) {
            for (Wording wording : packet.wordings()) {
                failed(packet, wording, frame.getError());
            }
            return;
        }
        if (!frame.hasSubmitAnswer()
                || frame.getSubmitAnswer().getAnswersCount()
                        != packet.wordings().size()) {
            writer.unexpected(packet.toString(), frame);
        }
        for (int index = 0; index < packet.wordings().size(); index++) {
            answered(
                    packet,
                    packet.wordings().get(index),
                    frame.getSubmitAnswer().getAnswers(index));
        }
    }

    private void answered(Packet packet, Wording wording, RecipientAnswer answer) {
        simulation.trace().add("%s is told of %s: %s", writer, wording, answer.getOutcomeCase());
        switch (answer.getOutcomeCase()) {
            case ACCEPTED -> accepted(packet, wording, answer);
            case MISMATCH -> mismatched(packet, wording, answer);
            default -> failed(packet, wording, answer.getError());
        }
    }

    private void accepted(Packet packet, Wording wording, RecipientAnswer answer) {
        switch (packet.purpose()) {
            case SUBMIT -> {
                simulation.ledger().accepted(wording, packet.sentStamp(), answer.getAccepted());
                if (!wording.letter().parcel().isEphemeral()) {
                    accepted.add(wording.letter().parcel());
                }
            }
            case REPEAT -> simulation.ledger().repeated(wording, answer.getAccepted());
            default -> throw new Violation(Promise.ONCE_BY_ID, wording + " was forged and is accepted");
        }
    }

    private void mismatched(Packet packet, Wording wording, RecipientAnswer answer) {
        if (packet.purpose() != Packet.Purpose.SUBMIT) {
            throw new Violation(Promise.ONCE_BY_ID, packet + " got " + answer + ", though it was accepted before");
        }
        Letter letter = wording.letter();
        learn(letter.recipient(), simulation.ledger().mismatched(wording, answer.getMismatch()));
        TreeMap<Integer, Integer> addressees = addressees(letter.recipient());
        if (!addressees.isEmpty()) {
            outbox.add(new Packet(Packet.Purpose.SUBMIT, List.of(letter.word(addressees))));
        }
    }

    /** This attempt has stored nothing. */
    private void failed(Packet packet, Wording wording, Error error) {
        boolean isExpected = packet.purpose() == Packet.Purpose.FORGE && error.getCode() == ErrorCode.ID_CONFLICT;
        if (!isExpected && !SimulatedDevice.isTemporary(error.getCode())) {
            throw new Violation(Promise.ONCE_BY_ID, packet + " got " + error);
        }
        if (packet.purpose() != Packet.Purpose.SUBMIT) {
            return;
        }
        if (!wording.isDoubtful() && simulation.random().nextInt(6) == 0) {
            simulation.trace().add("%s gives %s up", writer, wording);
            wording.refuse();
            return;
        }
        Packet again = new Packet(Packet.Purpose.SUBMIT, List.of(wording));
        again.waitUntil(writer.nowMillis() + simulation.random().nextInt(1 + error.getRetryAfterMillis()));
        outbox.add(again);
    }
}
