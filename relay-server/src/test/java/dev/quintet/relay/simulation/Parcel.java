package dev.quintet.relay.simulation;

import dev.quintet.protocol.EnvelopeId;
import dev.quintet.protocol.wire.EnvelopeClass;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Something that a device wants to say to one or more accounts under one envelope id. */
final class Parcel {
    private static final int SHORT_SECONDS = 6;
    private static final Set<EnvelopeClass> NEVER_STORED =
            EnumSet.of(EnvelopeClass.CALL, EnvelopeClass.TYPING, EnvelopeClass.PRESENCE);

    /** History, which goes to one device alone, is left out; what is stored comes more often. */
    private static final List<EnvelopeClass> CLASSES = List.of(
            EnvelopeClass.MESSAGE,
            EnvelopeClass.MESSAGE,
            EnvelopeClass.MESSAGE,
            EnvelopeClass.RECEIPT,
            EnvelopeClass.RECEIPT,
            EnvelopeClass.SYNC,
            EnvelopeClass.SYNC,
            EnvelopeClass.SYNC,
            EnvelopeClass.CALL,
            EnvelopeClass.TYPING,
            EnvelopeClass.PRESENCE);

    private final SimulatedDevice sender;
    private final EnvelopeId id;
    private final int number;
    private final int ciphertextBytes;
    private final boolean isShared;
    private final boolean isEphemeral;
    private final boolean isUrgent;
    private final EnvelopeClass envelopeClass;
    private final int timeToLiveSeconds;
    private final Map<SimulatedAccount, Letter> letters = new LinkedHashMap<>();

    Parcel(SimulatedDevice sender, int number, RandomGenerator random) {
        this.sender = sender;
        this.number = number;
        id = new EnvelopeId(random.nextLong(), (long) sender.uid() << Integer.SIZE | number);
        ciphertextBytes = random.nextInt(Wording.HEAD_BYTES, random.nextInt(6) == 0 ? Conditions.CIPHERTEXT_BYTES : 60);
        isShared = random.nextInt(4) == 0;
        isUrgent = random.nextBoolean();
        envelopeClass = CLASSES.get(random.nextInt(CLASSES.size()));
        isEphemeral = random.nextInt(8) == 0 || NEVER_STORED.contains(envelopeClass);
        timeToLiveSeconds = random.nextInt(6) == 0 ? random.nextInt(1, SHORT_SECONDS) : 0;
    }

    /** What it says to one account; made if there is nothing yet. */
    Letter letterTo(SimulatedAccount account) {
        return letters.computeIfAbsent(account, to -> new Letter(this, to));
    }

    /** What it says to one account, or null. */
    Letter find(SimulatedAccount account) {
        return letters.get(account);
    }

    Iterable<Letter> letters() {
        return letters.values();
    }

    SimulatedDevice sender() {
        return sender;
    }

    EnvelopeId id() {
        return id;
    }

    int number() {
        return number;
    }

    int ciphertextBytes() {
        return ciphertextBytes;
    }

    boolean isShared() {
        return isShared;
    }

    boolean isEphemeral() {
        return isEphemeral;
    }

    boolean isUrgent() {
        return isUrgent;
    }

    EnvelopeClass envelopeClass() {
        return envelopeClass;
    }

    int timeToLiveSeconds() {
        return timeToLiveSeconds;
    }

    /** How long an envelope of it waits, in milliseconds. */
    long timeToLiveMillis() {
        return 1000L * (timeToLiveSeconds == 0 ? Conditions.LONGEST_TIME_TO_LIVE_SECONDS : timeToLiveSeconds);
    }

    @Override
    public String toString() {
        return sender + "#" + number;
    }
}
