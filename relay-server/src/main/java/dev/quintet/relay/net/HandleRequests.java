package dev.quintet.relay.net;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.Handle;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.HandleStored;
import dev.quintet.protocol.wire.PutHandle;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.account.HandleAnswer;

/**
 * A connected device's wish that its account be known by a handle; only the primary's is heard.
 *
 * <p><b>Thread:</b> the account's home loop.
 */
final class HandleRequests {
    private final HomeRooms rooms;
    private final FrameWriter writer;
    private final AccountId account;

    HandleRequests(HomeRooms rooms, FrameWriter writer, AccountId account) {
        this.rooms = rooms;
        this.writer = writer;
        this.account = account;
    }

    /**
     * Stores the account's handle.
     *
     * @throws ProtocolException if it is not one line
     */
    void put(long requestId, PutHandle request, boolean isPrimary) {
        Handle handle = handle(request.getHandle());
        if (isPrimary) {
            rooms.handles().put(account, handle, answer -> answer(requestId, request.getHandle(), answer));
        } else {
            writer.sendError(requestId, ErrorCode.FORBIDDEN, "only the primary changes the handle", 0);
        }
    }

    /** What stands in a frame; null for none. */
    static Handle handle(String text) {
        return text.isEmpty() ? null : Handle.of(text);
    }

    private void answer(long requestId, String handle, HandleAnswer answer) {
        if (answer.isStored()) {
            writer.send(ServerFrame.newBuilder()
                    .setRequestId(requestId)
                    .setHandleStored(HandleStored.newBuilder().setHandle(handle)));
        } else {
            writer.sendError(requestId, answer.code(), answer.message(), answer.retryAfterMillis());
        }
    }
}
