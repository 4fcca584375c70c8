package dev.quintet.relay.net;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.DeviceList;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.wire.DeviceListAnswer;
import dev.quintet.protocol.wire.DeviceListStored;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.protocol.wire.SignedDeviceList;
import dev.quintet.relay.link.ListAnswer;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Device lists on a device's behalf: anybody's are read at their own homes, its own account's is checked on the crypto
 * threads and put.
 *
 * <p><b>Thread:</b> the device's home loop; answers come there, too. Each request gets exactly one.
 */
final class ListRequests {
    private static final int OVERLOADED_MILLIS = 500;

    private final Reception reception;
    private final HomeRooms rooms;
    private final AccountId account;

    ListRequests(Reception reception, HomeRooms rooms, AccountId account) {
        this.reception = reception;
        this.rooms = rooms;
        this.account = account;
    }

    /** Puts a list that was found good; not called if it was not. */
    interface Put {
        void put(DeviceList list, Consumer<ListAnswer> answer);
    }

    /**
     * Checks a list that a device of this account wants to put, and puts it.
     *
     * @param accountKey of the account's present list
     * @param put called on the home loop
     * @param answer takes the answer, but for its request id
     */
    void put(SignedDeviceList signed, Ed25519Key accountKey, Put put, Consumer<ServerFrame.Builder> answer) {
        try {
            reception.ways().crypto().execute(() -> {
                try {
                    DeviceList list = DeviceList.parseFromDevice(signed);
                    boolean isGood = list.account().equals(account) && list.isFrom(accountKey);
                    rooms.home().run(() -> put(list, isGood, put, answer));
                } catch (ProtocolException broken) {
                    rooms.home().run(() -> answer.accept(error(broken.code(), broken.getMessage(), 0)));
                }
            });
        } catch (RejectedExecutionException full) {
            answer.accept(overloaded());
        }
    }

    private static void put(DeviceList list, boolean isGood, Put put, Consumer<ServerFrame.Builder> answer) {
        if (isGood) {
            put.put(list, result -> answer.accept(answerPut(result)));
        } else {
            String message = "not this account's list, or not signed as it should be";
            answer.accept(error(ErrorCode.INVALID_DEVICE_LIST, message, 0));
        }
    }

    /** The answer to a put, but for its request id. */
    static ServerFrame.Builder answerPut(ListAnswer result) {
        if (result.isStored()) {
            return ServerFrame.newBuilder()
                    .setDeviceListStored(DeviceListStored.newBuilder()
                            .setVersion(result.list().version()));
        }
        ServerFrame.Builder frame = error(result.code(), result.message(), result.retryAfterMillis());
        if (result.code() == ErrorCode.LIST_CONFLICT) {
            frame.getErrorBuilder().setDeviceList(result.list().signed());
        }
        return frame;
    }

    /** Gets the newest list of any account. */
    void get(AccountId wanted, Consumer<ServerFrame.Builder> answer) {
        HomeRooms home = reception.homeOf(wanted);
        home.home().run(() -> {
            int waitMillis = wanted.equals(account) ? 0 : home.listReads().take(account, wanted);
            if (waitMillis > 0) {
                rooms.home().run(() -> answer.accept(tooOften(waitMillis)));
                return;
            }
            boolean isTaken = home.deviceLists().find(wanted, found -> {
                DeviceList list = found == null ? null : found.list();
                rooms.home().run(() -> answer.accept(answerGet(list)));
            });
            if (!isTaken) {
                rooms.home().run(() -> answer.accept(overloaded()));
            }
        });
    }

    private ServerFrame.Builder tooOften(int waitMillis) {
        reception.terms().meters().rateLimited("lists");
        return error(ErrorCode.RATE_LIMITED, "this account's list was read too often", waitMillis);
    }

    private static ServerFrame.Builder answerGet(DeviceList list) {
        if (list == null) {
            return error(ErrorCode.NOT_FOUND, "no such account", 0);
        }
        return ServerFrame.newBuilder()
                .setDeviceList(DeviceListAnswer.newBuilder().setDeviceList(list.signed()));
    }

    private static ServerFrame.Builder overloaded() {
        return error(ErrorCode.OVERLOADED, "the relay is busy", OVERLOADED_MILLIS);
    }

    private static ServerFrame.Builder error(ErrorCode code, String message, int retryAfterMillis) {
        return ServerFrame.newBuilder()
                .setError(FrameWriter.error(code, message).setRetryAfterMillis(retryAfterMillis));
    }
}
