package dev.quintet.client;

import dev.quintet.protocol.wire.LinkCloseReason;

/** A device was not linked. The message is one line for people. */
public final class LinkFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Kind kind;

    /** Why. */
    public enum Kind {
        /** The other side does not want to. */
        REFUSED,
        /** The other side does not know the secret, or somebody is in between, or its card cannot be. */
        WRONG_CODE,
        /** The new device sees another certificate than the primary: another relay, or somebody in between. */
        OTHER_RELAY,
        /** The other side, or the connection to the relay, went away. */
        ABANDONED,
        /** Nobody came, or it was not finished in time. */
        TIMED_OUT,
        /** The other side said something that cannot be. */
        NOT_UNDERSTOOD
    }

    LinkFailedException(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    static LinkFailedException closed(LinkCloseReason reason) {
        return switch (reason) {
            case LINK_REFUSED -> new LinkFailedException(Kind.REFUSED, "the other device refused");
            case LINK_WRONG_CODE -> new LinkFailedException(Kind.WRONG_CODE, "the other device reports a wrong code");
            case LINK_CODE_DEAD -> new LinkFailedException(Kind.WRONG_CODE, "too many wrong codes; start again");
            case LINK_TIMED_OUT -> new LinkFailedException(Kind.TIMED_OUT, "it was not finished in time; start again");
            default -> new LinkFailedException(Kind.ABANDONED, "the other device went away; start again");
        };
    }

    /** Why, for programs. */
    public Kind kind() {
        return kind;
    }

    /** What the other side is told. */
    LinkCloseReason reason() {
        return switch (kind) {
            case WRONG_CODE, OTHER_RELAY, NOT_UNDERSTOOD -> LinkCloseReason.LINK_WRONG_CODE;
            case REFUSED, ABANDONED, TIMED_OUT -> LinkCloseReason.LINK_REFUSED;
        };
    }
}
