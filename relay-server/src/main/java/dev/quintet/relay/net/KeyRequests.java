package dev.quintet.relay.net;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.wire.GetKeys;
import dev.quintet.protocol.wire.KeyBundles;
import dev.quintet.protocol.wire.ServerFrame;
import dev.quintet.relay.account.KeyAnswer;

/**
 * What a connected device asks about keys: counts its own, fetches those of others. What it uploads goes through {@link
 * KeyUploads}.
 *
 * <p><b>Thread:</b> the account's home loop.
 */
final class KeyRequests {
    private final Connection connection;
    private final Reception reception;
    private final HomeRooms rooms;
    private final FrameWriter writer;
    private final KeyAnswers answers;

    KeyRequests(Connection connection, Reception reception, HomeRooms rooms, FrameWriter writer) {
        this.connection = connection;
        this.reception = reception;
        this.rooms = rooms;
        this.writer = writer;
        answers = new KeyAnswers(writer, reception.terms().meters());
    }

    /** The device asks how many keys it has stored. */
    void count(long requestId) {
        rooms.prekeys().count(connection.resident(), connection.device(), answer -> answers.count(requestId, answer));
    }

    /** The device asks for keys of an account. */
    void get(long requestId, GetKeys wanted) {
        AccountId target = AccountId.of(wanted.getAccount());
        HomeRooms home = reception.homeOf(target);
        home.home().run(() -> {
            boolean isTaken = home.prekeys()
                    .get(
                            target,
                            connection.account(),
                            wanted.getDevicesList(),
                            answer -> onLoop(() -> answer(requestId, answer)));
            if (!isTaken) {
                onLoop(() -> answers.overloaded(requestId));
            }
        });
    }

    private void answer(long requestId, KeyAnswer<KeyBundles> answer) {
        if (answer.isGranted()) {
            writer.send(ServerFrame.newBuilder().setRequestId(requestId).setKeyBundles(answer.value()));
        } else {
            answers.refuse(requestId, answer);
        }
    }

    private void onLoop(Runnable action) {
        rooms.home().run(action);
    }
}
