package dev.quintet.relay.net;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.wire.ClientFrame;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.SignedDeviceList;
import dev.quintet.relay.journal.LogOutReason;
import dev.quintet.relay.journal.LoggedOutEntry.LogOut;
import dev.quintet.relay.link.ListAnswer;
import dev.quintet.relay.store.Resident;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a logged-in device asks for now and then: everything but submitting and acknowledging. Keeps nothing: one for
 * each request.
 *
 * <p><b>Thread:</b> the account's home loop.
 */
final class Requests {
    private static final int OVERLOADED_MILLIS = 500;

    private final Connection connection;
    private final Reception reception;
    private final HomeRooms rooms;
    private final FrameWriter writer;
    private final int device;
    private final ListRequests lists;
    private final KeyRequests keys;
    private final HandleRequests handles;
    private final LinkDesk linkDesk;
    private final CallDesk callDesk;

    Requests(Connection connection, Reception reception, HomeRooms rooms, FrameWriter writer, LinkDesk linkDesk) {
        this.connection = connection;
        this.reception = reception;
        this.rooms = rooms;
        this.writer = writer;
        this.linkDesk = linkDesk;
        AccountId account = connection.account();
        device = connection.device();
        lists = new ListRequests(reception, rooms, account);
        keys = new KeyRequests(connection, reception, rooms, writer);
        handles = new HandleRequests(reception, rooms, writer, account);
        callDesk = new CallDesk(reception.calls(), writer, device);
    }

    /** Answers {@code request}, now or later; one that this relay does not know, too. */
    void handle(ClientFrame request) {
        long requestId = request.getRequestId();
        switch (request.getBodyCase()) {
            case PUT_DEVICE_LIST ->
                putDeviceList(requestId, request.getPutDeviceList().getDeviceList());
            case GET_DEVICE_LIST ->
                getDeviceList(requestId, AccountId.of(request.getGetDeviceList().getAccount()));
            case LEAVE_ACCOUNT -> leaveAccount(requestId);
            case PUT_KEYS -> connection.keyUploads().put(requestId, request.getPutKeys());
            case GET_KEYS -> keys.get(requestId, request.getGetKeys());
            case GET_KEY_COUNT -> keys.count(requestId);
            case PUT_HANDLE -> handles.put(requestId, request.getPutHandle(), ownList(), device);
            case CLAIM_LINK_OFFER, LINK_MESSAGE, LINK_TRY, CLOSE_LINK_OFFER -> linkDesk.handle(request, ownList());
            case CALL_CLAIM -> callDesk.claim(requestId, request.getCallClaim(), connection.resident(), connection);
            default -> writer.sendError(requestId, ErrorCode.UNKNOWN_FRAME, "this relay does not know the frame", 0);
        }
    }

    private DeviceList ownList() {
        return rooms.deviceLists().account(connection.resident()).list();
    }

    private boolean isPrimary() {
        return ownList().primary().number() == device;
    }

    /** Who may not put a list is told so whoever has signed it. */
    private void putDeviceList(long requestId, SignedDeviceList signed) {
        Resident resident = connection.resident();
        connection.awaitAnswer();
        if (rooms.deviceLists().mayPut(resident, device, signed)) {
            Ed25519Key accountKey = ownList().accountKey();
            lists.put(signed, accountKey, this::putChecked, answer -> connection.answer(requestId, answer));
        } else {
            rooms.deviceLists()
                    .forbid(resident, refusal -> connection.answer(requestId, ListRequests.answerPut(refusal)));
        }
    }

    private void putChecked(DeviceList list, Consumer<ListAnswer> answer) {
        if (connection.isIn()) {
            rooms.deviceLists().put(connection.resident(), device, list, linkDesk.asked(), answer);
        }
    }

    private void getDeviceList(long requestId, AccountId wanted) {
        connection.awaitAnswer();
        lists.get(wanted, answer -> connection.answer(requestId, answer));
    }

    /** The answer is the connection's end, once that is durable. */
    private void leaveAccount(long requestId) {
        if (isPrimary()) {
            writer.sendError(requestId, ErrorCode.FORBIDDEN, "the primary cannot leave its account", 0);
            return;
        }
        LogOut left = new LogOut(LogOutReason.LEFT, reception.ways().clock().millis(), false);
        if (rooms.logOuts().logOut(connection.resident(), List.of(device), left) < 0) {
            String message = "the relay's disk does not keep up";
            writer.sendError(requestId, ErrorCode.OVERLOADED, message, OVERLOADED_MILLIS);
        }
    }
}
