package dev.quintet.relay.journal;

/**
 * What a journal entry can be. The body's layout belongs to the room that appends it; the numbers are on disk and
 * never change.
 */
public enum EntryType {
    /** Fills a gap that no entry fits into. */
    PADDING(0, false, true),
    /** Names the durable position at the time of writing, so that recovery can tell damage from a torn tail. */
    MARKER(1, false, true),
    /** A new version of an account's device list, the first one included. */
    DEVICE_LIST(2, true, false),
    /** The envelopes of one submission for one recipient account. */
    SUBMISSION(3, true, false),
    /** One device has taken over all envelopes up to a sequence. */
    ACKNOWLEDGEMENT(4, false, true),
    /** Envelopes of one mailbox that nobody will fetch any more. */
    EXPIRY(5, false, true),
    /** Keys that a device has uploaded. */
    PREKEYS(6, true, false),
    /** One-time prekeys of an account's devices that were handed out. */
    PREKEYS_HANDED_OUT(7, false, false),
    /** A device was connected; at most once a day for each. */
    LAST_SEEN(8, false, true),
    /** Devices of an account that were logged out, or whose sealed mailboxes end. */
    LOGGED_OUT(9, false, false),
    /** A device asks by handle to join an account. */
    LINK_ATTEMPT(10, true, false),
    /** The handle that an account has from now on. */
    HANDLE(11, true, false);

    private static final EntryType[] BY_NUMBER = byNumber();

    private final byte number;
    private final boolean growing;
    private final boolean patient;

    EntryType(int number, boolean growing, boolean patient) {
        this.number = (byte) number;
        this.growing = growing;
        this.patient = patient;
    }

    private static EntryType[] byNumber() {
        EntryType[] types = new EntryType[Byte.MAX_VALUE];
        for (EntryType type : values()) {
            types[type.number] = type;
        }
        return types;
    }

    /** The type with this number, or null if this version knows none. */
    public static EntryType of(byte number) {
        return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
    }

    /** The number on disk. */
    public byte number() {
        return number;
    }

    /** Whether it makes the state larger; such entries are refused when the disk is full. */
    public boolean isGrowing() {
        return growing;
    }

    /** Whether nobody waits for it to be durable, so that it may wait a moment for others: see {@link CommitPace}. */
    public boolean isPatient() {
        return patient;
    }
}
