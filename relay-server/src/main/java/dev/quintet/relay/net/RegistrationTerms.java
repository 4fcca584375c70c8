package dev.quintet.relay.net;

import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.Handle;
import dev.quintet.protocol.Statement;
import dev.quintet.protocol.wire.HandleToken;
import java.util.HexFormat;

/**
 * Who may have which handle: whoever asks first, or whoever brings a token of the operator's own backend.
 *
 * @param tokenKey the backend's Ed25519 public key, 64 hexadecimal digits; empty: no token is asked for
 */
public record RegistrationTerms(String tokenKey) {
    /** Throws {@link IllegalArgumentException} if there is a key and it is none. */
    public RegistrationTerms {
        if (!tokenKey.isEmpty()) {
            parse(tokenKey);
        }
    }

    /** No token is asked for. */
    public static RegistrationTerms open() {
        return new RegistrationTerms("");
    }

    /** Whether no token is asked for. */
    boolean isOpen() {
        return tokenKey.isEmpty();
    }

    /** Whether the owner of this account key may have the handle, or none. Verifies a signature: not for event loops. */
    boolean isProved(Handle handle, Ed25519Key accountKey, HandleToken token, long nowMillis) {
        if (isOpen() || handle == null) {
            return true;
        }
        long expiresAtMillis = token.getExpiresAtMillis();
        return nowMillis < expiresAtMillis
                && parse(tokenKey)
                        .verify(
                                Statement.handle(accountKey, expiresAtMillis, handle),
                                token.getSignature().toByteArray());
    }

    private static Ed25519Key parse(String tokenKey) {
        try {
            return Ed25519Key.of(HexFormat.of().parseHex(tokenKey));
        } catch (IllegalArgumentException none) {
            throw new IllegalArgumentException(
                    "tokenKey must be an Ed25519 public key in 64 hexadecimal digits: " + none.getMessage());
        }
    }
}
