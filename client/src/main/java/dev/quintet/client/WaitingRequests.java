package dev.quintet.client;

import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.Error;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.SignedDeviceList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The requests of a device that have no answer yet, in their order, submissions left aside.
 *
 * <p><b>Thread:</b> the device's event loop. <b>Limits:</b> so many at a time.
 */
final class WaitingRequests {
    private final int most;
    private final Map<Long, Request> requests = new LinkedHashMap<>();

    private record Request(ClientFrame frame, CompletableFuture<ServerFrame> answer) {}

    WaitingRequests(int most) {
        this.most = most;
    }

    /** Another one; answers whether there was room for it. */
    boolean add(ClientFrame frame, CompletableFuture<ServerFrame> answer) {
        boolean hasRoom = requests.size() < most;
        if (hasRoom) {
            requests.put(frame.getRequestId(), new Request(frame, answer));
        }
        return hasRoom;
    }

    boolean has(long requestId) {
        return requests.containsKey(requestId);
    }

    /** All of them, to be sent again. */
    List<ClientFrame> frames() {
        return requests.values().stream().map(Request::frame).toList();
    }

    /** The relay has answered. */
    void answered(ServerFrame frame) {
        Request request = requests.remove(frame.getRequestId());
        if (request == null) {
            throw new ProtocolException(ErrorCode.MALFORMED, "an answer to no request");
        }
        request.answer.complete(frame);
    }

    /** The relay has refused; answers whether it was one of these. */
    boolean refused(long requestId, Error error) {
        Request request = requests.remove(requestId);
        if (request != null) {
            refuse(request, error);
        }
        return request != null;
    }

    /** A list that was put before a cut, and arrived, conflicts with itself when it is put again. */
    private static void refuse(Request request, Error error) {
        SignedDeviceList put = request.frame.getPutDeviceList().getDeviceList();
        boolean isStored = error.getDeviceList().getContent().equals(put.getContent());
        if (error.getCode() == ErrorCode.LIST_CONFLICT && isStored) {
            ServerFrame.Builder stored = ServerFrame.newBuilder();
            stored.getDeviceListStoredBuilder()
                    .setVersion(DeviceList.parseKnown(put).version());
            request.answer.complete(stored.build());
        } else {
            request.answer.completeExceptionally(new RelayErrorException(error));
        }
    }

    /** None of them will be answered. */
    void end(DisconnectedException failure) {
        requests.values().forEach(request -> request.answer.completeExceptionally(failure));
        requests.clear();
    }
}
