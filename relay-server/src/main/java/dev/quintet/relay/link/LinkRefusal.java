package dev.quintet.relay.link;

import dev.quintet.protocol.wire.ErrorCode;

/**
 * Why something about a link offer was not done.
 *
 * @param code for programs
 * @param message for a developer
 * @param retryAfterMillis when to try again; 0 for never
 */
public record LinkRefusal(ErrorCode code, String message, int retryAfterMillis) {
    static LinkRefusal of(ErrorCode code, String message) {
        return new LinkRefusal(code, message, 0);
    }
}
