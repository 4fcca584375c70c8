package dev.quintet.client;

import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.ErrorCode;
import io.netty.handler.ssl.NotSslRecordException;
import java.security.cert.CertificateException;
import java.util.EnumSet;
import java.util.Set;

/**
 * Why there is no connection, or no longer one.
 *
 * @param kind what happened, for programs
 * @param code with {@link Kind#REFUSED} the relay's code, otherwise {@link ErrorCode#ERROR_CODE_UNSPECIFIED}
 * @param message one line for people
 * @param reconnectAfterMillis the pause that the relay asked for, 0 if it asked for none
 */
public record Disconnection(Kind kind, ErrorCode code, String message, long reconnectAfterMillis) {
    private static final Set<ErrorCode> FINAL_CODES = EnumSet.of(
            ErrorCode.VERSION_UNSUPPORTED,
            ErrorCode.MALFORMED,
            ErrorCode.FRAME_TOO_LARGE,
            ErrorCode.WRONG_STATE,
            ErrorCode.LOGIN_FAILED,
            ErrorCode.DEVICE_REMOVED,
            ErrorCode.PRIMARY_INACTIVE,
            ErrorCode.DEVICE_INACTIVE,
            ErrorCode.REPLACED,
            ErrorCode.UNKNOWN_FRAME,
            ErrorCode.IDENTITY_KEY_KNOWN,
            ErrorCode.INVALID_DEVICE_LIST);

    /** What happened. */
    public enum Kind {
        /** Nothing answers at the address. */
        UNREACHABLE,
        /** There is TLS, but not with a certificate that is trusted. */
        UNTRUSTED,
        /** The bytes that came are not this protocol, or break its rules. */
        NOT_UNDERSTOOD,
        /** Relay and client have no version in common. */
        VERSION_UNSUPPORTED,
        /** The relay ended the connection and said why. */
        REFUSED,
        /** The relay announced that it goes away, and went. */
        GOING_AWAY,
        /** The connection ended without a word. */
        CUT,
        /** Nothing came for too long. */
        SILENT,
        /** The app asked for it. */
        REQUESTED
    }

    static Disconnection of(Kind kind, String message) {
        return new Disconnection(kind, ErrorCode.ERROR_CODE_UNSPECIFIED, message, 0);
    }

    static Disconnection refused(Error error) {
        String message = "the relay closed the connection: " + error.getCode()
                + (error.getMessage().isEmpty() ? "" : " (" + error.getMessage() + ")");
        return new Disconnection(Kind.REFUSED, error.getCode(), message, error.getRetryAfterMillis());
    }

    /** What went wrong before the login, in or below TLS. */
    static Disconnection beforeLogin(RelayAddress relay, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return of(Kind.UNTRUSTED, relay + " cannot be trusted: " + cause.getMessage());
            }
            if (cause instanceof NotSslRecordException) {
                return of(Kind.NOT_UNDERSTOOD, relay + " does not speak TLS");
            }
        }
        return of(Kind.CUT, "the connection to " + relay + " broke before the login was done: " + failure.getMessage());
    }

    /** Whether connecting again would end the same way, so that the device does not try. */
    public boolean isFinal() {
        return kind == Kind.VERSION_UNSUPPORTED || kind == Kind.REFUSED && FINAL_CODES.contains(code);
    }
}
