package dev.quintet.relay.net;

import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.KeyCount;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.account.KeyAnswer;

/**
 * What a device is answered that asks about keys.
 *
 * @param writer to the device
 * @param meters count what was too often
 */
record KeyAnswers(FrameWriter writer, NetMeters meters) {
    private static final int OVERLOADED_MILLIS = 500;

    void count(long requestId, KeyAnswer<KeyCount> answer) {
        if (answer.isGranted()) {
            writer.send(ServerFrame.newBuilder().setRequestId(requestId).setKeyCount(answer.value()));
        } else {
            refuse(requestId, answer);
        }
    }

    void refuse(long requestId, KeyAnswer<?> answer) {
        if (answer.code() == ErrorCode.RATE_LIMITED) {
            meters.rateLimited("keys");
        }
        writer.sendError(requestId, answer.code(), answer.message(), answer.retryAfterMillis());
    }

    void overloaded(long requestId) {
        writer.sendError(requestId, ErrorCode.OVERLOADED, "the relay is busy", OVERLOADED_MILLIS);
    }
}
