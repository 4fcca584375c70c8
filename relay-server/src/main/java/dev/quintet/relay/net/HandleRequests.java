package dev.quintet.relay.net;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.Handle;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.HandleStored;
import dev.quintet.protocol.wire.PutHandle;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.account.HandleAnswer;
import java.util.concurrent.RejectedExecutionException;

/**
 * A connected device's wish that its account be known by a handle; only the primary's is heard.
 *
 * <p><b>Thread:</b> the account's home loop; tokens are verified on the crypto threads.
 */
final class HandleRequests {
    static final String NOT_PROVED =
            "this relay wants a token of its operator for the handle, made for this account key";
    private static final int OVERLOADED_MILLIS = 500;

    private final Reception reception;
    private final HomeRooms rooms;
    private final FrameWriter writer;
    private final AccountId account;

    HandleRequests(Reception reception, HomeRooms rooms, FrameWriter writer, AccountId account) {
        this.reception = reception;
        this.rooms = rooms;
        this.writer = writer;
        this.account = account;
    }

    /**
     * Stores the account's handle.
     *
     * @param list the account's newest
     * @param device that asks
     * @throws ProtocolException if it is not one line
     */
    void put(long requestId, PutHandle request, DeviceList list, int device) {
        Handle handle = handle(request.getHandle());
        if (list.primary().number() != device) {
            writer.sendError(requestId, ErrorCode.FORBIDDEN, "only the primary changes the handle", 0);
        } else if (reception.terms().registration().isOpen()) {
            store(requestId, handle);
        } else {
            verify(requestId, request, handle, list.accountKey());
        }
    }

    private void verify(long requestId, PutHandle request, Handle handle, Ed25519Key accountKey) {
        long nowMillis = reception.ways().clock().millis();
        try {
            reception.ways().crypto().execute(() -> {
                boolean isProved =
                        reception.terms().registration().isProved(handle, accountKey, request.getToken(), nowMillis);
                rooms.home().run(() -> verified(requestId, handle, isProved));
            });
        } catch (RejectedExecutionException full) {
            writer.sendError(requestId, ErrorCode.OVERLOADED, "the relay is busy", OVERLOADED_MILLIS);
        }
    }

    private void verified(long requestId, Handle handle, boolean isProved) {
        if (isProved) {
            store(requestId, handle);
        } else {
            writer.sendError(requestId, ErrorCode.HANDLE_NOT_PROVED, NOT_PROVED, 0);
        }
    }

    private void store(long requestId, Handle handle) {
        String text = handle == null ? "" : handle.text();
        rooms.handles().put(account, handle, answer -> answer(requestId, text, answer));
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
