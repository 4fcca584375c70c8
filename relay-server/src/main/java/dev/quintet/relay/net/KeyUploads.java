package dev.quintet.relay.net;

import dev.quintet.protocol.AccountId;
import dev.quintet.protocol.Ed25519Key;
import dev.quintet.protocol.KeyUpload;
import dev.quintet.protocol.MemberDevice;
import dev.quintet.protocol.ProtocolException;
import dev.quintet.protocol.wire.ErrorCode;
import dev.quintet.protocol.wire.PutKeys;
import dev.quintet.relay.store.Resident;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;

/**
 * The keys that a connected device has sent and that are being checked, one upload after the other, so that their ids
 * rise in the order in which they were sent.
 *
 * <p>A device uploads for nobody but itself: the connection says who it is.
 *
 * <p><b>Thread:</b> the account's home loop. <b>Limits:</b> {@link #UPLOADS} that wait for their signatures to be checked.
 */
final class KeyUploads {
    private static final int UPLOADS = 4;

    private final Connection connection;
    private final Reception reception;
    private final HomeRooms rooms;
    private final FrameWriter writer;
    private final KeyAnswers answers;
    private final Deque<Waiting> uploads = new ArrayDeque<>(UPLOADS);

    private record Waiting(long requestId, KeyUpload upload) {}

    KeyUploads(Connection connection, Reception reception, HomeRooms rooms, FrameWriter writer) {
        this.connection = connection;
        this.reception = reception;
        this.rooms = rooms;
        this.writer = writer;
        answers = new KeyAnswers(writer, reception.terms().meters());
    }

    /** The device uploads. */
    void put(long requestId, PutKeys keys) {
        try {
            KeyUpload upload = KeyUpload.parse(keys);
            if (uploads.size() == UPLOADS) {
                answers.overloaded(requestId);
                return;
            }
            uploads.add(new Waiting(requestId, upload));
            if (uploads.size() == 1) {
                verify(uploads.peek());
            }
        } catch (ProtocolException broken) {
            writer.sendError(requestId, broken.code(), broken.getMessage(), 0);
        }
    }

    private void verify(Waiting next) {
        MemberDevice member = member();
        if (member == null) {
            uploads.clear();
            return;
        }
        AccountId account = connection.account();
        Ed25519Key identity = member.identityKey();
        try {
            reception.ways().crypto().execute(() -> {
                boolean isGood = next.upload().isSignedBy(account, member.number(), identity);
                rooms.home().executor().execute(() -> verified(next, isGood));
            });
        } catch (RejectedExecutionException full) {
            answers.overloaded(next.requestId());
            ended();
        }
    }

    private void verified(Waiting waiting, boolean isGood) {
        if (member() != null) {
            if (isGood) {
                store(waiting);
            } else {
                String message = "a signature is not this device's over its key";
                writer.sendError(waiting.requestId(), ErrorCode.INVALID_KEYS, message, 0);
            }
        }
        ended();
    }

    private void ended() {
        uploads.remove();
        if (!uploads.isEmpty()) {
            verify(uploads.peek());
        }
    }

    private void store(Waiting waiting) {
        long requestId = waiting.requestId();
        rooms.prekeys()
                .put(
                        connection.resident(),
                        connection.device(),
                        waiting.upload(),
                        answer -> answers.count(requestId, answer));
    }

    /** The device as its account's list has it now; null if it has left or was removed. */
    private MemberDevice member() {
        Resident own = connection.resident();
        return own == null ? null : rooms.deviceLists().account(own).list().device(connection.device());
    }
}
